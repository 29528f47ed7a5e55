import { describe, expect, it } from 'vitest';
import type { CustomEvents, ReplayEvent } from '@otel-replay/protocol';
import { recording } from '../../../test/recordings.js';
import { DENSITY_BUCKETS, densityOf } from './density.js';
import { ElementNames } from './element-names.js';
import { insightOfEvents } from './insight.js';

function custom<Tag extends keyof CustomEvents>(
  timestamp: number,
  tag: Tag,
  payload: CustomEvents[Tag],
): ReplayEvent {
  return { type: 5, timestamp, data: { tag, payload } };
}

const element = (id: number, tagName: string, attributes: object, ...childNodes: object[]) => ({
  ...{ id, type: 2, tagName, attributes, childNodes },
});
const text = (id: number, textContent: string): object => ({ id, type: 3, textContent });
const snapshot = (...childNodes: object[]): ReplayEvent => ({
  type: 2,
  timestamp: 0,
  data: { node: { id: 1, type: 0, childNodes } },
});
const change = (timestamp: number, data: object): ReplayEvent => ({ type: 3, timestamp, data });
const click = (timestamp: number, id: number): ReplayEvent =>
  change(timestamp, { source: 2, type: 2, id });

describe('what the recorder notes', () => {
  const request = {
    ...{ method: 'GET', url: 'https://a.example/x?y', status: 200, start: 900, durationMs: 60 },
    ...{ traceId: 't1', spanId: 's1' },
  };
  const insight = insightOfEvents(
    [
      custom(1000, 'session_replay.request', { ...request, responseBytes: 12 }),
      custom(1100, 'session_replay.console', { level: 'warn', text: 'slow', dropped: 2 }),
      custom(1200, 'session_replay.console', { level: 'error', text: 'boom' }),
      custom(1300, 'session_replay.web_vital', { name: 'CLS', value: 0.3, rating: 'poor' }),
      custom(1400, 'session_replay.long_task', { start: 1350, durationMs: 90, blockingMs: 40 }),
      custom(1500, 'session_replay.visibility', { state: 'hidden' }),
      custom(1600, 'session_replay.restraint', { level: 1, share: 0.1 }),
      custom(1700, 'session_replay.storm', { changes: 9000 }),
      custom(1800, 'session_replay.event', { name: 'paid', attributes: { sum: 3, items: ['a'] } }),
      custom(1900, 'session_replay.feature_flag', {
        'feature_flag.key': 'k',
        'feature_flag.result.variant': 'on',
      }),
    ],
    'r',
    4,
  );

  it('is rows of the network and of the console', () => {
    expect(insight.requests).toEqual([
      {
        ...{ ...request, id: 'r/4/request/0', recordingId: 'r', responseBytes: 12 },
        ...{ failed: false, aborted: false },
      },
    ]);
    expect(insight.logs).toMatchObject([
      { id: 'r/4/log/0', time: 1100, level: 'warn', text: 'slow', dropped: 2 },
      { id: 'r/4/log/1', time: 1200, level: 'error', text: 'boom', dropped: 0 },
    ]);
  });

  it('is marks of everything else, with their attributes', () => {
    expect(insight.marks.map((m) => [m.kind, m.time, m.label])).toEqual([
      ['console_error', 1200, 'boom'],
      ['web_vital', 1300, 'CLS 0.300, poor'],
      ['long_task', 1350, 'Busy for 90 ms'],
      ['visibility', 1500, 'Page hidden'],
      ['restraint', 1600, 'Recording holds back: no pointer moves'],
      ['storm', 1700, '9000 changes at once: only their result is recorded'],
      ['event', 1800, 'paid'],
      ['feature_flag', 1900, 'k = on'],
    ]);
    expect(insight.marks.find((m) => m.kind === 'event')?.attributes).toEqual({
      sum: 3,
      items: ['a'],
    });
  });

  it('is not believed when it is of another shape', () => {
    const hostile: unknown[] = [null, 5, 'x', [], { url: {}, status: 'x', start: NaN, level: 7 }];
    const tags = Object.keys({
      'session_replay.request': 0,
      'session_replay.console': 0,
      'session_replay.event': 0,
      'session_replay.web_vital': 0,
      'session_replay.long_task': 0,
      'session_replay.feature_flag': 0,
      toString: 0,
    });
    const events = tags.flatMap((tag) =>
      hostile.map((payload) => ({ type: 5, timestamp: 1000, data: { tag, payload } })),
    );
    const { logs, marks, requests } = insightOfEvents(events, 'r', 0, new ElementNames());
    for (const { label, time } of marks) {
      expect(typeof label).toBe('string');
      expect(time).toBe(1000);
    }
    expect(requests.every((r) => Number.isFinite(r.start) && r.url === '')).toBe(true);
    expect(logs.every((l) => l.level === 'log' && l.text === '')).toBe(true);
  });
});

describe('names of elements', () => {
  const page = snapshot(
    element(2, 'button', { class: 'primary big' }, element(3, 'svg', {}), text(4, 'Pay  now')),
    element(5, 'a', { id: 'home' }, text(6, '**** **')),
    element(7, 'div', {}, element(8, 'span', { 'data-testid': 'total' }, text(9, '12,40'))),
    element(10, 'input', { placeholder: 'Card number' }),
    element(11, 'div', { role: 'tab' }),
  );
  const labels = (names: ElementNames, ...events: ReplayEvent[]): string[] =>
    insightOfEvents(events, 'r', 0, names).marks.map((m) => m.label);

  it('are those of the control that was meant, by its text or by how developers find it', () => {
    expect(
      labels(new ElementNames(), page, click(1, 3), click(2, 6), click(3, 9), click(4, 99)),
    ).toEqual([
      'Click on button “Pay now”',
      'Click on a#home',
      'Click on span[data-testid=total]',
      'Click',
    ]);
  });

  it('hold no text where texts are to be hidden', () => {
    expect(labels(new ElementNames(false), page, click(1, 3))).toEqual(['Click on button.primary']);
  });

  it('know what came later', () => {
    const adds = [
      { parentId: 11, nextId: null, node: element(12, 'b', {}) },
      { parentId: 12, nextId: null, node: text(13, 'Orders') },
    ];
    const added = change(1, { source: 0, adds, removes: [], texts: [], attributes: [] });
    expect(labels(new ElementNames(), page, added, click(2, 12))).toEqual([
      'Click on div “Orders”',
    ]);
  });

  it('tell typing from what scripts put in', () => {
    const input = (time: number, id: number): ReplayEvent =>
      change(time, { source: 5, id, text: '' });
    const focus = change(10, { source: 2, type: 5, id: 10 });
    const names = new ElementNames();
    expect(labels(names, page, input(5, 10), focus, input(20, 10), input(900, 10), input(901, 7)))
      // The second goes on with the first; the last is of another field.
      .toEqual(['Input into input “Card number”']);
    // The focus is remembered from segment to segment.
    expect(labels(names, input(60_000, 10))).toEqual(['Input into input “Card number”']);
  });
});

describe('density', () => {
  const base = recording('C...');
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  it('spreads what was not read, and is exact for what was', () => {
    const unread = densityOf([base], 0, 4000, new Map());
    expect(unread.changes).toHaveLength(DENSITY_BUCKETS);
    expect(sum(unread.changes)).toBeCloseTo(40);
    expect(sum(unread.actions)).toBe(0);
    const insight = insightOfEvents(
      [change(1100, { source: 0 }), change(1200, { source: 0 }), click(1300, 1)],
      'r',
      1,
    );
    const read = densityOf([base], 0, 4000, new Map([['r', new Map([[1, insight]])]]));
    expect(sum(read.changes)).toBeCloseTo(32);
    expect(sum(read.actions)).toBeCloseTo(1);
    const second = (at: number): number =>
      sum(read.actions.slice((at * DENSITY_BUCKETS) / 4, ((at + 1) * DENSITY_BUCKETS) / 4));
    expect([0, 1, 2, 3].map((at) => Math.round(second(at)))).toEqual([0, 1, 0, 0]);
  });

  it('survives a session without length', () => {
    expect(sum(densityOf([base], 0, 0, new Map()).changes)).toBeCloseTo(40);
  });
});
