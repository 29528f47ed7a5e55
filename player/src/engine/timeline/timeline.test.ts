import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '@otel-replay/protocol';
import { playable } from '../plan/stretches.js';
import { recording, session, span } from '../../../test/recordings.js';
import { idleRanges, skipTarget } from './idle.js';
import { insightOfEvents } from './insight.js';
import { marksOfRecording, marksOfSignals, mergeMarks, urlAt } from './marks.js';
import { alignSpans } from './spans.js';

describe('spans of another clock', () => {
  const browser = span({ spanId: 'b', startTime: 1000, endTime: 1500 });
  const backend = span({
    spanId: 's',
    parentSpanId: 'b',
    origin: 'backend',
    startTime: 4100,
    endTime: 4400,
  });
  const below = span({
    spanId: 'd',
    parentSpanId: 's',
    origin: 'backend',
    startTime: 4150,
    endTime: 4200,
  });

  it('are moved into the browser span that called them, with all below', () => {
    const [first, second, third] = alignSpans([below, backend, browser], 3000);
    expect(first).toMatchObject({ spanId: 'b', startTime: 1000, shiftMs: 0 });
    expect(second).toMatchObject({ spanId: 's', startTime: 1100, endTime: 1400, shiftMs: -3000 });
    expect(third).toMatchObject({ spanId: 'd', startTime: 1150 });
  });

  it('stay where they are when they fit', () => {
    const fits = { ...backend, startTime: 1200, endTime: 1300 };
    expect(alignSpans([browser, fits], 60_000)[1]).toMatchObject({ startTime: 1200, shiftMs: 0 });
  });

  it('use the measured skew where no browser span is known, if it is more than delay', () => {
    expect(alignSpans([backend], 3000)[0]).toMatchObject({ startTime: 1100 });
    expect(alignSpans([backend], 400)[0]).toMatchObject({ startTime: 4100 });
  });

  it('always end up inside a parent that is long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(500), (start, length) => {
        const child = { ...backend, startTime: start, endTime: start + length };
        const moved = alignSpans([browser, child], 0).find((s) => s.spanId === 's')!;
        expect(moved.startTime).toBeGreaterThanOrEqual(1000);
        expect(moved.endTime).toBeLessThanOrEqual(1500);
        expect(moved.endTime - moved.startTime).toBe(length);
      }),
    );
  });
});

describe('idle ranges', () => {
  const stretch = playable({
    ...recording('C..'),
    segments: recording('C..').segments.map((s, at) => ({
      ...s,
      firstTimestamp: at * 20_000,
      lastTimestamp: at * 20_000 + 900,
    })),
  }).stretches[0]!;

  it('lie between segments until these are known, then between what the person did', () => {
    expect(idleRanges(stretch, new Map())).toEqual([
      { from: 900, to: 20_000 },
      { from: 20_900, to: 40_000 },
    ]);
    const known = new Map([
      [0, [100]],
      [1, []],
      [2, [40_500]],
    ]);
    expect(idleRanges(stretch, known)).toEqual([{ from: 100, to: 40_500 }]);
  });

  it('are jumped over to a second before the next thing, as far as is known', () => {
    const ranges = [{ from: 1000, to: 30_000 }];
    expect(skipTarget(ranges, 500, 99_000)).toBeUndefined();
    expect(skipTarget(ranges, 1500, 99_000)).toBeUndefined();
    expect(skipTarget(ranges, 3000, 99_000)).toBe(29_000);
    expect(skipTarget(ranges, 3000, 20_000)).toBe(19_000);
    expect(skipTarget(ranges, 28_500, 99_000)).toBeUndefined();
    expect(skipTarget(ranges, 30_500, 99_000)).toBeUndefined();
  });
});

describe('marks', () => {
  const signal = (change: Partial<Signal>): Signal => ({
    kind: 'error_span',
    timestamp: 5000,
    origin: 'backend',
    ...change,
  });

  it('show a failing span once, on the browser’s clock', () => {
    const marks = marksOfSignals(
      [
        signal({ spanId: 'x', name: 'GET /', message: 'boom' }),
        signal({ spanId: 'x', kind: 'http_5xx' }),
        signal({ kind: 'manual' }),
        signal({ kind: 'slow_span', durationMs: 900 }),
        signal({ kind: 'attribute', attribute: { key: 'user.tier', value: 'gold' } }),
      ],
      () => -3000,
    );
    expect(marks).toEqual([
      expect.objectContaining({ kind: 'error', time: 2000, label: 'GET /: boom' }),
    ]);
  });

  it('count a trace that failed once, and let its exception speak', () => {
    const traceId = 'a'.repeat(32);
    const marks = marksOfSignals(
      [
        signal({ traceId, spanId: 'x', name: 'POST /api/orders' }),
        signal({ traceId, spanId: 'y', kind: 'exception', name: 'TypeError' }),
        signal({ traceId: 'b'.repeat(32), spanId: 'z', name: 'GET /api/products' }),
      ],
      () => 0,
    );
    expect(marks.map(({ label }) => label)).toEqual(['TypeError', 'GET /api/products']);
  });

  it('are exact once the events are known', () => {
    const base = recording('C..');
    base.segments[1]!.clickCount = 2;
    base.segments[1]!.url = 'https://a.example/';
    expect(
      marksOfRecording(base)
        .get(1)
        ?.map((m) => [m.kind, m.time, m.approximate]),
    ).toEqual([
      ['navigation', 1000, true],
      ['click', 1450, true],
    ]);
    const { marks, activity } = insightOfEvents(
      [
        { type: 4, timestamp: 1000, data: { href: 'https://a.example/' } },
        { type: 3, timestamp: 1100, data: { source: 2, type: 2, id: 1 } },
        { type: 3, timestamp: 1200, data: { source: 0 } },
        {
          type: 5,
          timestamp: 1300,
          data: { tag: 'session_replay.error', payload: { type: 'TypeError', traceId: 't' } },
        },
        { type: 5, timestamp: 1400, data: { tag: 'session_replay.rage_click' } },
        { type: 5, timestamp: 1500, data: { tag: 'other', payload: null } },
        ...[
          { tag: 'dead_click', payload: { x: 1, y: 2 } },
          { tag: 'event', payload: { name: 'checkout' } },
          { tag: 'event', payload: { name: 5 } },
          { tag: 'freeze', payload: { start: 1550, durationMs: 6100 } },
          { tag: 'backend_error', payload: { url: 'https://a.example/', traceId: 't' } },
          { tag: 'request', payload: { url: 'https://a.example/x', status: 200 } },
          { tag: 'request', payload: { method: 'GET', url: '/x', status: 0, failed: true } },
          {
            tag: 'request',
            payload: {
              ...{ method: 'GET', url: 'https://a.example/x', status: 503, failed: true },
              traceId: 't',
            },
          },
        ].map(({ tag, payload }) => ({
          type: 5,
          timestamp: 1600,
          data: { tag: `session_replay.${tag}`, payload },
        })),
      ],
      'r',
      1,
    );
    expect(marks.map((m) => [m.kind, m.time, m.label, m.traceId])).toEqual([
      ['navigation', 1000, 'https://a.example/', undefined],
      ['click', 1100, 'Click', undefined],
      // The error, and the request that failed with it, which says more.
      ['failed_request', 1300, 'GET /x 503', 't'],
      ['rage_click', 1400, 'Rage click', undefined],
      ['dead_click', 1600, 'Dead click', undefined],
      ['event', 1600, 'checkout', undefined],
      ['freeze', 1550, 'No answer for 6.1 s', undefined],
      ['failed_request', 1600, 'GET /x failed', undefined],
    ]);
    expect(activity).toEqual([1100]);
  });

  it('leave out pages that are announced again, and errors that are signals too', () => {
    const page = (time: number, label: string): object => ({
      kind: 'navigation',
      time,
      label,
      recordingId: 'r',
      id: `${time}`,
    });
    const error = {
      id: 'e',
      kind: 'error' as const,
      time: 2100,
      label: 'TypeError',
      recordingId: 'r',
      traceId: 't',
    };
    const known = { id: 's', kind: 'error' as const, time: 2000, label: 'boom', traceId: 't' };
    const merged = mergeMarks([known], [
      page(0, 'a'),
      page(30, 'a'),
      page(60, 'b'),
      page(90, 'a'),
      error,
    ] as (typeof error)[]);
    expect(merged.map((m) => m.label)).toEqual(['a', 'b', 'a', 'boom']);
    const other = { ...error, traceId: 'another' };
    expect(mergeMarks([known], [other])).toHaveLength(2);
    expect(urlAt(merged, 'r', 70, session([recording('C')]))).toBe('b');
    expect(urlAt(merged, 'r', -5, session([recording('C')]))).toBe('a');
  });
});
