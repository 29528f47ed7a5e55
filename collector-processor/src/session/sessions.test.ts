import { sessionHash, type Decision, type SegmentHeader, type Signal } from '@otel-replay/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeldCompanion, HeldSegment } from './held.js';
import { alwaysSample, newMemory, probabilistic, statusCode } from './policies/index.js';
import { createSessions, type Effect, type Sessions } from './sessions.js';

const OPTIONS = {
  preRollMs: 30_000,
  decisionWaitMs: 15_000,
  checkpointIntervalMs: 30_000,
  recordForMs: 60_000,
  idleTimeoutMs: 60_000,
};
const HOLD = OPTIONS.preRollMs + OPTIONS.decisionWaitMs;

interface Segment extends HeldSegment {
  name: string;
}
interface Companion extends HeldCompanion {
  name: string;
}
type Item = Segment | Companion;

const header = { sessionId: 's' } as SegmentHeader;
const error: Signal = { kind: 'error_span', timestamp: 1, origin: 'backend' };

function segment(index: number, arrival: number, more: Partial<Segment> = {}): Segment {
  const recordingId = more.recordingId ?? 'r';
  return {
    kind: 'segment',
    recordingId,
    index,
    partIndex: 0,
    partCount: 1,
    checkpoint: index % 4 === 0,
    checkpointCount: 0,
    bytes: 1000,
    arrival,
    begin: arrival,
    name: `${recordingId}/${index}`,
    ...more,
  };
}

function make(
  more: Partial<Parameters<typeof createSessions>[0]> = {},
): Sessions<Segment, Companion> {
  return createSessions<Segment, Companion>({
    ...OPTIONS,
    policies: [statusCode('errors')],
    ...more,
  });
}

const names = (effects: readonly Effect<Item>[], type: 'keep' | 'drop'): string[] =>
  effects.flatMap((e) => (e.type === type ? e.held.map((h) => h.name) : []));
const settle = (sessions: Sessions<Segment, Companion>, now: number): Effect<Item>[] =>
  sessions.expire(sessions.due(now), now);

describe('sessions', () => {
  it('keep from the first segment on when the policy says so', () => {
    const sessions = make({ policies: [alwaysSample('all')] });
    const effects = sessions.addSegment('s', segment(0, 1000), header, 1000);
    expect(effects.map((e) => e.type)).toEqual(['decided', 'keep']);
    expect(sessions.view('s')).toMatchObject({
      state: 'keeping',
      decision: { policy: 'all', decidedAt: 1000, keepUntil: 1000 + 3_600_000 },
    });
    expect(names(sessions.addSegment('s', segment(1, 2000), header, 2000), 'keep')).toEqual([
      'r/1',
    ]);
  });

  it('keep nothing beyond the longest session', () => {
    const sessions = make({ policies: [alwaysSample('all')], maxSessionDurationMs: 60_000 });
    const kept: string[] = [];
    for (let i = 0; i < 30; i++) {
      kept.push(...names(sessions.addSegment('s', segment(i, i * 5000), header, i * 5000), 'keep'));
    }
    expect(kept).toHaveLength(13);
  });

  it('cut the ring only at checkpoints, and pass it on at an error', () => {
    const sessions = make();
    const dropped: string[] = [];
    for (let i = 0; i < 30; i++) {
      sessions.addSegment('s', segment(i, i * 5000), header, i * 5000);
      dropped.push(...names(settle(sessions, i * 5000 + 2500), 'drop'));
    }
    // Now 147.5 s; the newest checkpoint that is 45 s old is segment 20 (100 s).
    expect(dropped).toEqual(Array.from({ length: 20 }, (_, i) => `r/${i}`));
    const effects = sessions.signal('s', error, 148_000);
    expect(names(effects, 'keep')).toEqual(Array.from({ length: 10 }, (_, i) => `r/${20 + i}`));
    expect(names(sessions.addSegment('s', segment(30, 208_000), header, 208_000), 'keep')).toEqual([
      'r/30',
    ]);
    const late = sessions.addSegment('s', segment(31, 208_001), header, 208_001);
    expect(late).toEqual([]);
    expect(names(sessions.signal('s', error, 210_000), 'keep')).toEqual(['r/31']);
  });

  it('hold at least the window, and no more than a checkpoint interval beyond it', () => {
    const sessions = make();
    for (let t = 0; t < 200; t++) {
      const now = t * 1000;
      const item = segment(t, now, { checkpoint: t % 5 === 0 });
      sessions.addSegment('s', item, header, now);
      settle(sessions, now + 500);
      const oldest = Math.min(...sessions.held('s').map((h) => h.arrival));
      expect(oldest).toBeLessThanOrEqual(Math.max(0, now + 500 - HOLD));
      expect(oldest).toBeGreaterThan(now - HOLD - 5000 - 1000);
    }
  });

  it('drop the oldest stretches of a session that holds too much, not its newest', () => {
    const sessions = make({ maxBufferBytes: 6000 });
    const effects = Array.from({ length: 10 }, (_, i) =>
      sessions.addSegment('s', segment(i, i), header, i),
    ).flat();
    expect(effects.every((e) => e.type === 'drop' && e.reason === 'session_cap')).toBe(true);
    expect(names(effects, 'drop')).toEqual(['r/0', 'r/1', 'r/2', 'r/3']);
    const huge = sessions.addSegment('s', segment(12, 20, { bytes: 9000 }), header, 20);
    expect(names(huge, 'drop')).toEqual(['r/4', 'r/5', 'r/6', 'r/7', 'r/8', 'r/9', 'r/12']);
  });

  it('wait for all parts of a checkpoint before they cut at it', () => {
    const sessions = make();
    const parts = { checkpoint: true, partCount: 2 };
    sessions.addSegment('s', segment(0, 0), header, 0);
    sessions.addSegment('s', segment(4, 1000, { ...parts, partIndex: 0 }), header, 1000);
    sessions.addSegment('s', segment(5, 60_000), header, 60_000);
    expect(names(settle(sessions, 61_000), 'drop')).toEqual([]);
    sessions.addSegment('s', segment(4, 62_000, { ...parts, partIndex: 1 }), header, 62_000);
    expect(names(settle(sessions, 63_000), 'drop')).toEqual([]);
    sessions.addSegment('s', segment(6, 100_000), header, 100_000);
    expect(names(settle(sessions, 108_000), 'drop')).toEqual(['r/0']);
  });

  it('end when idle, come back, and are forgotten only when nothing came', () => {
    const sessions = make({ policies: [alwaysSample('all')] });
    sessions.addSegment('s', segment(0, 0), header, 0);
    expect(settle(sessions, 59_000)).toEqual([]);
    expect(settle(sessions, 60_000)).toEqual([{ type: 'ended', sessionId: 's', kept: true }]);
    const [resumed] = sessions.addSegment('s', segment(1, 61_000), header, 61_000);
    expect(resumed).toEqual({ type: 'resumed', sessionId: 's' });
    expect(sessions.forget('s')).toBe(false);
    settle(sessions, 130_000);
    expect(sessions.hasSegment('s', 'r', 1, 0)).toBe(true);
    expect(sessions.forget('s')).toBe(true);
    expect(sessions.has('s')).toBe(false);
  });

  it('take over what others decided', () => {
    const sessions = make();
    sessions.addSegment('s', segment(0, 0), header, 0);
    const decision: Decision = { policy: 'p', reason: 'r', decidedAt: 5, keepUntil: 9000 };
    expect(names(sessions.applyDecision('s', decision, 1000), 'keep')).toEqual(['r/0']);
    expect(sessions.applyDecision('s', decision, 1000)).toEqual([]);
    expect(sessions.applyDecision('unknown', decision, 1000)).toEqual([]);
  });

  it('keep what came in time, however late they hear that it is wanted', () => {
    const sessions = make();
    for (const [index, now] of [0, 8000, 10_000].entries()) {
      sessions.addSegment('s', segment(index, now), header, now);
    }
    const decision: Decision = { policy: 'p', reason: 'r', decidedAt: 5, keepUntil: 9000 };
    const effects = sessions.applyDecision('s', decision, 40_000);
    expect(names(effects, 'keep')).toEqual(['r/0', 'r/1']);
    expect(sessions.held('s')).toHaveLength(1);
  });

  it('judge signals of sessions that are elsewhere', () => {
    const sessions = make();
    expect(sessions.judge('elsewhere', error, 1000)).toMatchObject({
      policy: 'errors',
      decidedAt: 1000,
      keepUntil: 61_000,
    });
    expect(sessions.judge('elsewhere', { ...error, kind: 'rage_click' }, 1000)).toBeUndefined();
    expect(sessions.has('elsewhere')).toBe(false);
  });

  it('hold each segment a checkpoint interval longer where others may have the checkpoints', () => {
    const sessions = make({ isSplit: true, checkpointIntervalMs: 30_000 });
    for (const index of [1, 2]) {
      sessions.addSegment(
        's',
        segment(index, index * 5000, { checkpoint: false }),
        header,
        index * 5000,
      );
    }
    expect(settle(sessions, 5000 + HOLD + 29_000)).toEqual([]);
    expect(names(settle(sessions, 5000 + HOLD + 30_000), 'drop')).toEqual(['r/1']);
    expect(names(settle(sessions, 10_000 + HOLD + 30_000), 'drop')).toEqual(['r/2']);
  });
});

type Step =
  | { do: 'segment'; recording: number; skip: number; bytes: number }
  | { do: 'companion'; bytes: number }
  | { do: 'error' }
  | { do: 'remote'; forMs: number }
  | { do: 'pass'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('segment' as const),
      recording: fc.nat(2),
      skip: fc.constantFrom(1, 1, 1, 2, -1),
      bytes: fc.integer({ min: 1, max: 3000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('companion' as const), bytes: fc.nat(500) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'error' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('remote' as const), forMs: fc.nat(100_000) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(20_000) }),
  },
);

describe('for any history', () => {
  it('every record is held, kept or dropped, exactly once; decisions only grow', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, capped) => {
        const sessions = make({ maxBufferBytes: capped ? 10_000 : 1e9 });
        const where = new Map<string, 'held' | 'kept' | 'dropped'>();
        const arrivals = new Map<string, Segment>();
        const next = [0, 0, 0];
        let now = 1_000_000;
        let until = 0;
        const apply = (effects: readonly Effect<Item>[]): void => {
          for (const effect of effects) {
            if (effect.type === 'keep' || effect.type === 'drop') {
              for (const { name } of effect.held) {
                expect(where.get(name), name).toBe('held');
                where.set(name, effect.type === 'keep' ? 'kept' : 'dropped');
              }
            }
            if (effect.type === 'decided') {
              expect(effect.decision.keepUntil).toBeGreaterThan(until);
              until = effect.decision.keepUntil;
            }
            if (effect.type === 'ended' && !effect.kept) until = 0;
            if (effect.type === 'drop' && effect.reason === 'not_recorded') {
              checkWindow(effect.held);
            }
          }
        };
        /** What is dropped for age leaves everything of the window, from a checkpoint on. */
        const checkWindow = (dropped: readonly Item[]): void => {
          for (const item of dropped) {
            if (item.kind !== 'segment') continue;
            const later = [...arrivals.values()].filter(
              (s) => s.recordingId === item.recordingId && where.get(s.name) === 'held',
            );
            expect(item.arrival <= now - HOLD || later.some((s) => s.index > item.index)).toBe(
              true,
            );
            for (const s of later) expect(s.index).toBeGreaterThan(item.index);
            const first = later.sort((a, b) => a.index - b.index)[0];
            if (first === undefined) continue;
            expect(first.checkpoint).toBe(true);
            expect(first.arrival).toBeLessThanOrEqual(now - HOLD);
          }
        };
        let companions = 0;
        for (const s of steps) {
          if (s.do === 'segment') {
            const index = Math.max(0, next[s.recording]! + s.skip);
            next[s.recording] = Math.max(index, next[s.recording]!);
            const item = segment(index, now, { recordingId: `r${s.recording}`, bytes: s.bytes });
            if (sessions.hasSegment('s', item.recordingId, index, 0)) continue;
            if (where.has(item.name)) item.name += ` again at ${now}-${where.size}`;
            where.set(item.name, 'held');
            arrivals.set(item.name, item);
            apply(sessions.addSegment('s', item, header, now));
          } else if (s.do === 'companion') {
            if (!sessions.has('s')) continue;
            const name = `c${companions++}`;
            where.set(name, 'held');
            apply(
              sessions.addCompanion(
                's',
                { kind: 'spans', bytes: s.bytes, arrival: now, begin: now, name },
                now,
              ),
            );
          } else if (s.do === 'error') {
            if (sessions.has('s')) apply(sessions.signal('s', error, now));
          } else if (s.do === 'remote') {
            const decision = { policy: 'p', reason: 'r', decidedAt: now, keepUntil: now + s.forMs };
            apply(sessions.applyDecision('s', decision, now));
          } else {
            now += s.ms;
            apply(settle(sessions, now));
          }
          const held = new Set(sessions.held('s').map((h) => h.name));
          for (const [name, state] of where) expect(held.has(name), name).toBe(state === 'held');
          if (until >= now && sessions.has('s')) expect(held.size).toBe(0);
        }
        for (let i = 0; i < 2; i++) {
          now += 1e9;
          apply(settle(sessions, now));
        }
        expect([...where.values()]).not.toContain('held');
      }),
      { numRuns: 300 },
    );
  });
});

describe('policies', () => {
  const signal = (s: Partial<Signal> & { httpStatusCode?: number }): unknown =>
    statusCode('errors').evaluate(
      { kind: 'signal', sessionId: 's', signal: { ...error, ...s } },
      { now: 0, memory: newMemory() },
    );

  it('status_code wants errors, but not a 4xx that a browser calls an error', () => {
    expect(signal({ name: 'GET /x' })).toMatchObject({
      reason: expect.stringContaining('GET /x') as string,
    });
    for (const kind of ['exception', 'exception_log', 'http_5xx', 'failed_fetch'] as const) {
      expect(signal({ kind }), kind).toBeDefined();
    }
    expect(signal({ kind: 'rage_click' })).toBeUndefined();
    expect(signal({ origin: 'browser', httpStatusCode: 404 })).toBeUndefined();
    expect(signal({ origin: 'browser', httpStatusCode: 500 })).toBeDefined();
    expect(signal({ origin: 'backend', httpStatusCode: 404 })).toBeDefined();
  });

  it('probabilistic chooses its share by session id, the same everywhere', () => {
    const share = (percentage: number, salt = ''): string[] =>
      Array.from({ length: 4000 }, (_, i) => `session-${i}`).filter(
        (sessionId) =>
          probabilistic('p', { samplingPercentage: percentage, hashSalt: salt }).evaluate(
            { kind: 'segment', sessionId, header },
            { now: 0, memory: newMemory() },
          ) !== undefined,
      );
    expect(share(0)).toEqual([]);
    expect(share(100)).toHaveLength(4000);
    const ten = share(10);
    expect(ten.length).toBeGreaterThan(320);
    expect(ten.length).toBeLessThan(480);
    expect(share(20)).toEqual(expect.arrayContaining(ten));
    expect(share(10, 'other')).not.toEqual(ten);
    expect(sessionHash('4bf92f3577b34da6a3ce929d0e0e4736')).toBe(
      sessionHash('4bf92f3577b34da6a3ce929d0e0e4736'),
    );
    expect(() => probabilistic('p', { samplingPercentage: 101 })).toThrow(/0 to 100/);
  });
});
