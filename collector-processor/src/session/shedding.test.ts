import type { Decision, SegmentHeader, Signal } from '@otel-replay/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeldCompanion, HeldSegment } from './held.js';
import { sessionHash } from '@otel-replay/protocol';
import { alwaysSample, probabilistic, statusCode } from './policies/index.js';
import { createSessions, type Effect, type Sessions } from './sessions.js';

type TestSessions = Sessions<HeldSegment, HeldCompanion>;
type Effects = Effect<HeldSegment | HeldCompanion>[];

const IDLE = 60_000;
const header = { sessionId: 's' } as SegmentHeader;
const error: Signal = { kind: 'error_span', timestamp: 1, origin: 'backend' };
const make = (policies = [statusCode('errors')]): TestSessions => createSessions({ policies });

function segment(index: number, arrival: number): HeldSegment {
  const part = { partIndex: 0, partCount: 1 };
  const checkpoints = { checkpoint: index % 4 === 0, checkpointCount: 1 + Math.floor(index / 4) };
  return {
    kind: 'segment',
    recordingId: 'r',
    index,
    ...part,
    ...checkpoints,
    bytes: 100,
    arrival,
    begin: arrival,
  };
}

/** What the owner does with a segment. */
function send(sessions: TestSessions, id: string, index: number, now: number): Effects {
  const effects = sessions.admit(id, now);
  return sessions.isShed(id)
    ? effects
    : [...effects, ...sessions.addSegment(id, segment(index, now), header, now)];
}

const shedIds = (effects: Effects): string[] =>
  effects.flatMap((e) => (e.type === 'shed' ? [e.sessionId] : []));

describe('shedding', () => {
  const ids = Array.from({ length: 400 }, (_, i) => `session-${i}`);

  it('gives up the same sessions on every instance, fewer of them at a lower level', () => {
    const shedAt = (ratio: number, order: readonly string[]): Set<string> => {
      const sessions = make();
      for (const id of order) send(sessions, id, 0, 1000);
      return new Set(shedIds(sessions.shed(sessions.limitTo(ratio), 2000)));
    };
    const half = shedAt(0.5, ids);
    expect(half.size).toBeGreaterThan(150);
    expect(half.size).toBeLessThan(250);
    expect(shedAt(0.5, ids.toReversed())).toEqual(half);
    const quarterLeft = shedAt(0.25, ids);
    expect([...half].every((id) => quarterLeft.has(id))).toBe(true);
    expect(quarterLeft.size).toBeGreaterThan(half.size);
    expect(shedAt(0, ids).size).toBe(ids.length);
    expect(shedAt(1, ids).size).toBe(0);
  });

  it('takes its share of the sessions that a recorder or a policy sampled, too', () => {
    const sampled = Array.from({ length: 4000 }, (_, i) => `s${i}`).filter(
      (id) => sessionHash(id) < 0.1,
    );
    const sessions = make([probabilistic('tenth', { samplingPercentage: 0.001 })]);
    sessions.limitTo(0.5);
    const kept = sampled.filter((id) => {
      send(sessions, id, 0, 1000);
      return !sessions.isShed(id);
    });
    expect(kept.length / sampled.length).toBeGreaterThan(0.4);
    expect(kept.length / sampled.length).toBeLessThan(0.6);
  });

  it('never touches what is kept, nor a session that was', () => {
    const sessions = make();
    for (const id of ids) send(sessions, id, 0, 1000);
    for (const id of ids) sessions.signal(id, error, 2000);
    // An hour later nothing of them is being kept any more, but something was.
    expect(sessions.shed(sessions.limitTo(0), 1000 + IDLE)).toEqual([]);
    expect(sessions.shedCount).toBe(0);
  });

  it('refuses new sessions where all would be kept, whole', () => {
    const sessions = make([alwaysSample('all')]);
    send(sessions, 'old', 0, 1000);
    sessions.limitTo(0);
    expect(send(sessions, 'new', 0, 2000)).toEqual([{ type: 'shed', sessionId: 'new' }]);
    sessions.limitTo(1);
    expect(send(sessions, 'new', 1, 3000)).toEqual([]);
    expect(send(sessions, 'old', 1, 3000)).toMatchObject([{ type: 'keep' }]);
    expect(sessions.isOpen('new', 3000)).toBe(false);
  });

  it('ends when the session has ended, and not before', () => {
    const sessions = make();
    send(sessions, 's', 0, 0);
    sessions.shed(sessions.limitTo(0), 1000);
    sessions.limitTo(1);
    send(sessions, 's', 1, 50_000);
    sessions.expire(sessions.due(70_000), 70_000);
    expect(sessions.isShed('s')).toBe(true);
    sessions.expire(sessions.due(112_000), 112_000);
    expect(sessions.isShed('s')).toBe(false);
    expect(send(sessions, 's', 2, 113_000)).toEqual([]);
    expect(sessions.held('s')).toHaveLength(1);
  });

  it('is taken back for a session that was wanted elsewhere before, not for one after', () => {
    const decided = (decidedAt: number): Decision => {
      return { policy: 'p', reason: 'r', decidedAt, keepUntil: decidedAt + 60_000 };
    };
    const sessions = make();
    sessions.limitTo(0);
    send(sessions, 'a', 0, 5000);
    send(sessions, 'b', 0, 5000);
    expect(sessions.applyDecision('a', decided(5001), 6000)).toEqual([]);
    expect(sessions.applyDecision('b', decided(4999), 6000)).toMatchObject([
      { type: 'decided', first: true },
    ]);
    expect(send(sessions, 'a', 1, 7000)).toEqual([]);
    expect(send(sessions, 'b', 1, 7000)).toMatchObject([{ type: 'keep', sessionId: 'b' }]);
  });

  it('forgets a session that is removed', () => {
    const sessions = make();
    sessions.limitTo(0);
    send(sessions, 's', 0, 1000);
    sessions.remove('s');
    expect(sessions.isShed('s')).toBe(false);
  });

  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('segment' as const), id: fc.nat(11) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('error' as const), id: fc.nat(11) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('room' as const),
        ratio: fc.constantFrom(1, 0.5, 0.25, 0),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('time' as const), s: fc.nat(90) }) },
  );

  it('is of whole sessions and loses nothing on the books, whatever happens in what order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const sessions = make();
        let now = 1_000_000;
        const books = { taken: 0, kept: 0, dropped: 0 };
        const wanted = new Set<string>();
        const lastArrival = new Map<string, number>();
        const shed = new Set<string>();
        const apply = (effects: Effects): void => {
          for (const effect of effects) {
            const { sessionId } = effect;
            if (effect.type === 'shed') {
              expect(wanted.has(sessionId)).toBe(false);
              expect(sessions.has(sessionId)).toBe(false);
              shed.add(sessionId);
              continue;
            }
            // Nothing of a shed session is ever taken, kept or decided again until it has ended.
            if (effect.type !== 'drop' || effect.reason !== 'shed') {
              expect(shed.has(sessionId)).toBe(false);
            }
            if (effect.type === 'keep') books.kept += effect.held.length;
            if (effect.type === 'drop') books.dropped += effect.held.length;
            if (effect.type === 'decided') wanted.add(sessionId);
            if (effect.type === 'ended') {
              wanted.delete(sessionId);
              if (effect.kept) sessions.forget(sessionId);
            }
          }
        };
        steps.forEach((s, i) => {
          switch (s.type) {
            case 'segment': {
              const id = `s${s.id}`;
              lastArrival.set(id, now);
              const effects = sessions.admit(id, now);
              apply(effects);
              if (!sessions.isShed(id)) {
                books.taken++;
                apply(sessions.addSegment(id, segment(i, now), header, now));
              }
              break;
            }
            case 'error':
              if (sessions.has(`s${s.id}`)) apply(sessions.signal(`s${s.id}`, error, now));
              break;
            case 'room':
              apply(sessions.shed(sessions.limitTo(s.ratio), now));
              break;
            case 'time':
              now += s.s * 1000;
              apply(sessions.expire(sessions.due(now), now));
          }
          for (const id of shed) {
            const isOver = now - lastArrival.get(id)! >= IDLE;
            if (!sessions.isShed(id)) {
              expect(isOver).toBe(true);
              shed.delete(id);
            }
          }
          const held = [...sessions.ids()].reduce((n, id) => n + sessions.held(id).length, 0);
          expect(books.taken).toBe(books.kept + books.dropped + held);
          expect(sessions.heldBytes).toBe(held * 100);
          expect(sessions.shedCount).toBe(shed.size);
        });
      }),
      { numRuns: 300 },
    );
  });
});
