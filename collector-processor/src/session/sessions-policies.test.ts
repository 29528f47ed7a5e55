import type { Decision, SegmentHeader, Signal } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import type { HeldCompanion, HeldSegment } from './held.js';
import {
  and,
  drop,
  rateLimiting,
  statusCode,
  stringAttribute,
  type Policy,
} from './policies/index.js';
import { createSessions, type Effect, type Sessions } from './sessions.js';

type TestSessions = Sessions<HeldSegment, HeldCompanion>;

const header = { sessionId: 's' } as SegmentHeader;
const error: Signal = { kind: 'error_span', timestamp: 1, origin: 'backend' };

const make = (options: { policies: readonly Policy[] }): TestSessions => createSessions(options);
const settle = (sessions: TestSessions, now: number): Effect<HeldSegment | HeldCompanion>[] =>
  sessions.expire(sessions.due(now), now);

function segment(index: number, arrival: number): HeldSegment {
  const part = { partIndex: 0, partCount: 1 };
  const times = { arrival, begin: arrival };
  return {
    kind: 'segment',
    recordingId: 'r',
    index,
    ...part,
    checkpoint: true,
    checkpointCount: 0,
    bytes: 9,
    ...times,
  };
}

/** Indexes of the segments that are kept. */
const kept = (effects: readonly Effect<HeldSegment | HeldCompanion>[]): number[] =>
  effects.flatMap((e) =>
    e.type === 'keep' ? e.held.flatMap((h) => (h.kind === 'segment' ? [h.index] : [])) : [],
  );

describe('a drop policy', () => {
  const robot = (): Policy => stringAttribute('user', { key: 'user.id', values: ['robot'] });
  const policies = (): Policy[] => [statusCode('errors'), drop('robots', [robot()])];
  const visit = { ...header, userId: 'robot' } as SegmentHeader;

  it('prevents decisions, here and of others, and the session ends as not kept', () => {
    const sessions = make({ policies: policies() });
    sessions.addSegment('s', segment(0, 1000), header, 1000);
    sessions.addSegment('s', segment(1, 6000), visit, 6000);
    sessions.addSegment('s', segment(2, 7000), header, 7000);
    expect(sessions.signal('s', error, 8000)).toEqual([]);
    const decision: Decision = { policy: 'p', reason: 'r', decidedAt: 6000, keepUntil: 90_000 };
    expect(sessions.applyDecision('s', decision, 8000)).toEqual([]);
    expect(settle(sessions, 1e9)).toMatchObject([
      { type: 'drop', reason: 'not_recorded' },
      { type: 'ended', kept: false },
    ]);
  });

  it('leaves what was decided before, here or elsewhere, but adds no time', () => {
    const decision: Decision = { policy: 'p', reason: 'r', decidedAt: 5999, keepUntil: 90_000 };
    const here = make({ policies: policies() });
    here.addSegment('s', segment(0, 1000), header, 1000);
    here.signal('s', error, 2000);
    expect(kept(here.addSegment('s', segment(1, 6000), visit, 6000))).toEqual([1]);
    expect(here.signal('s', error, 50_000)).toEqual([]);
    const there = make({ policies: policies() });
    there.addSegment('s', segment(0, 1000), header, 1000);
    there.addSegment('s', segment(1, 6000), visit, 6000);
    expect(kept(there.applyDecision('s', decision, 8000))).toEqual([0, 1]);
  });

  it('that holds from the first segment on prevents what others decided without any', () => {
    const sessions = make({ policies: policies() });
    const before = sessions.judge('s', error, 500)!;
    expect(before).toMatchObject({ policy: 'errors' });
    expect(sessions.addSegment('s', segment(0, 1000), visit, 1000)).toEqual([]);
    expect(sessions.applyDecision('s', before, 1000)).toEqual([]);
  });
});

describe('what policies remember', () => {
  const user = (): Policy => stringAttribute('user', { key: 'user.id', values: ['ann'] });
  const ann = { ...header, userId: 'ann' } as SegmentHeader;

  it('begins before the first segment', () => {
    const sessions = make({ policies: [and('both', [statusCode('errors'), user()])] });
    expect(sessions.judge('s', error, 500)).toBeUndefined();
    expect(sessions.addSegment('s', segment(0, 1000), ann, 1000)).toMatchObject([
      { type: 'decided', decision: { policy: 'both' }, first: true },
      { type: 'keep' },
    ]);
  });

  it('ends with the session', () => {
    const sessions = make({ policies: [and('both', [statusCode('errors'), user()])] });
    sessions.addSegment('s', segment(0, 1000), header, 1000);
    sessions.signal('s', error, 1000);
    settle(sessions, 1e9);
    expect(sessions.has('s')).toBe(false);
    expect(sessions.addSegment('s', segment(1, 2e9), ann, 2e9)).toEqual([]);
    sessions.judge('t', error, 1000);
    sessions.remove('t');
    expect(sessions.addSegment('t', segment(0, 2000), ann, 2000)).toEqual([]);
  });

  it('takes one token of a limit for a session that is not here, however many its errors', () => {
    const cap = rateLimiting('cap', { sessionsPerSecond: 2 });
    const sessions = make({ policies: [and('capped', [statusCode('errors'), cap])] });
    for (let i = 0; i < 5; i++) expect(sessions.judge('s', error, 1000 + i)).toBeDefined();
    expect(sessions.judge('t', error, 1000)).toBeDefined();
    expect(sessions.judge('u', error, 1000)).toBeUndefined();
  });
});
