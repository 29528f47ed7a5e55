import { describe, expect, it } from 'vitest';
import { alignSpans } from '../engine/timeline/spans.js';
import { span } from '../../test/recordings.js';
import { agoText, clockText, durationText, pathText } from './format.js';
import { nextError } from './moments.js';
import { waterfall } from './waterfall.js';

describe('waterfall', () => {
  const rows = (spans: Parameters<typeof alignSpans>[0]): unknown =>
    waterfall(alignSpans(spans, 0)).map((group) => group.rows.map((r) => [r.span.spanId, r.depth]));

  it('is a tree for each trace, in order of time', () => {
    expect(
      rows([
        span({ traceId: 'later', spanId: 'x', startTime: 900 }),
        span({ spanId: 'c', parentSpanId: 'b', startTime: 30 }),
        span({ spanId: 'b', parentSpanId: 'a', startTime: 20 }),
        span({ spanId: 'd', parentSpanId: 'a', startTime: 10 }),
        span({ spanId: 'a', startTime: 0 }),
        span({ spanId: 'orphan', parentSpanId: 'unknown', startTime: 5 }),
      ]),
    ).toEqual([
      [
        ['a', 0],
        ['d', 1],
        ['b', 1],
        ['c', 2],
        ['orphan', 0],
      ],
      [['x', 0]],
    ]);
  });

  it('lists every span once, even in a circle of parents', () => {
    expect(
      rows([
        span({ spanId: 'a', parentSpanId: 'b' }),
        span({ spanId: 'b', parentSpanId: 'a' }),
        span({ spanId: 'self', parentSpanId: 'self' }),
      ]),
    ).toEqual([
      [
        ['self', 0],
        ['a', 0],
        ['b', 1],
      ],
    ]);
  });
});

it('writes times', () => {
  expect([0, 7400, 727_000, 4_327_000].map((ms) => clockText(ms))).toEqual([
    '0:00',
    '0:07',
    '12:07',
    '1:12:07',
  ]);
  expect(clockText(7450, true)).toBe('0:07.4');
  expect([0.34, 9.94, 340, 1240, 12_400, 60_000, 200_000, 3_900_000].map(durationText)).toEqual([
    '340 µs',
    '9.9 ms',
    '340 ms',
    '1.24 s',
    '12.4 s',
    '1 min',
    '3 min 20 s',
    '1 h 5 min',
  ]);
  const hour = 3_600_000;
  expect([0.001, 0.5, 5, 30, 72].map((h) => agoText(0, h * hour))).toEqual([
    'just now',
    '30 min ago',
    '5 h ago',
    'yesterday',
    '3 days ago',
  ]);
  expect(pathText('https://a.example/b?c#d')).toBe('/b?c#d');
  expect(pathText('no address')).toBe('no address');
});

it('goes round the errors', () => {
  const marks = [3000, 9000].map((time) => ({
    id: String(time),
    kind: 'error' as const,
    time,
    label: '',
  }));
  expect([0, 2500, 9000].map((time) => nextError(marks, time)?.time)).toEqual([3000, 9000, 3000]);
  expect(nextError([], 0)).toBeUndefined();
});
