/** What every coordinator must do. Run it against each implementation. */
import type { Decision } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ERASED_TTL_MS,
  MAX_SIGNALS_PER_TRACE,
  OUTCOME_TTL_MS,
  WATCH_TTL_MS,
  type Coordinator,
  type JoinedSignal,
  type SharedDecision,
  type SharedSignal,
} from './index.js';

const decision = (keepUntil: number, reason = 'why'): Decision => ({
  policy: 'errors',
  reason,
  decidedAt: 1000,
  keepUntil,
});

const signal = (name: string): SharedSignal => ({
  kind: 'error_span',
  timestamp: 1000,
  origin: 'backend',
  name,
});

export interface CoordinatorPair {
  /** Two instances that share. */
  a: Coordinator;
  b: Coordinator;
  /** Moves the time of the decisions' expiry. */
  advance(ms: number): Promise<void> | void;
  /** How long a decision is remembered after its `keepUntil`. */
  decisionTtlMs: number;
  /** How long a trace's session or signals are remembered. */
  traceTtlMs: number;
  /** After both are stopped. */
  close?(): Promise<void>;
  now(): number;
}

/** @param makePair two fresh instances that are not started */
export function coordinatorContract(
  name: string,
  makePair: () => CoordinatorPair | Promise<CoordinatorPair>,
): void {
  describe(`coordinator contract: ${name}`, () => {
    let pair: CoordinatorPair;
    let joined: ['a' | 'b', JoinedSignal][];
    beforeEach(async () => {
      pair = await makePair();
      joined = [];
      pair.a.onJoined((join) => joined.push(['a', join]));
      pair.b.onJoined((join) => joined.push(['b', join]));
      await pair.a.start();
      await pair.b.start();
    });
    afterEach(async () => {
      await pair.a.stop();
      await pair.b.stop();
      await pair.close?.();
    });

    it('answers in the order asked, undefined where nobody decided', async () => {
      const until = pair.now() + 1000;
      await pair.a.publish('s1', decision(until));
      await pair.a.publish('s2', decision(until + 1));
      expect(await pair.b.decisions(['s2', 'none', 's1'])).toEqual([
        decision(until + 1),
        undefined,
        decision(until),
      ]);
      expect(await pair.b.decisions([])).toEqual([]);
    });

    it('is monotone, whoever publishes in whatever order', async () => {
      const until = pair.now() + 1000;
      await pair.a.publish('s', decision(until, 'first'));
      await pair.b.publish('s', decision(until + 500, 'second'));
      await pair.a.publish('s', decision(until + 100, 'third'));
      expect(await pair.a.decisions(['s'])).toEqual([decision(until + 500, 'first')]);
    });

    it('remembers the longest retention that anybody wants, for ever above all', async () => {
      const until = pair.now() + 1000;
      const kept = (keepForMs?: number): Decision => ({
        ...decision(until),
        ...(keepForMs === undefined ? {} : { keepForMs }),
      });
      await pair.a.publish('s', kept());
      await pair.b.publish('s', kept(86_400_000));
      await pair.a.publish('s', kept(3_600_000));
      expect(await pair.a.decisions(['s'])).toEqual([kept(86_400_000)]);
      await pair.a.publish('s', { ...kept(0), keepUntil: until - 500 });
      await pair.b.publish('s', kept(90 * 86_400_000));
      expect(await pair.b.decisions(['s'])).toEqual([kept(0)]);
    });

    it('tells the other instance, not the one that decided', async () => {
      const heard: [string, SharedDecision][] = [];
      pair.a.onDecision((shared) => heard.push(['a', shared]));
      pair.b.onDecision((shared) => heard.push(['b', shared]));
      const until = pair.now() + 1000;
      await pair.a.publish('s', decision(until));
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      expect(heard).toEqual([['b', { sessionId: 's', decision: decision(until) }]]);
    });

    it('forgets only some time after the end', async () => {
      await pair.a.publish('s', decision(pair.now() + 1000));
      await pair.advance(1000 + pair.decisionTtlMs - 100);
      expect(await pair.b.decisions(['s'])).toMatchObject([{ policy: 'errors' }]);
      await pair.advance(200);
      expect(await pair.b.decisions(['s'])).toEqual([undefined]);
      await pair.b.publish('s', decision(pair.now() + 1000, 'again'));
      expect(await pair.a.decisions(['s'])).toMatchObject([{ reason: 'again' }]);
    });

    it('hands a signal that comes second to who sent it', async () => {
      await pair.a.linkTraces([
        { traceId: 't1', sessionId: 's1' },
        { traceId: 't2', sessionId: 's2' },
      ]);
      await pair.b.markSignals([
        { traceId: 't2', signal: signal('two') },
        { traceId: 'unknown', signal: signal('none') },
      ]);
      expect(joined).toEqual([['b', { traceId: 't2', sessionId: 's2', signal: signal('two') }]]);
    });

    it('hands a signal that comes first to who links its trace', async () => {
      await pair.b.markSignals([
        { traceId: 't', signal: signal('one') },
        { traceId: 't', signal: signal('two') },
      ]);
      expect(joined).toEqual([]);
      await pair.a.linkTraces([{ traceId: 't', sessionId: 's' }]);
      expect(joined).toEqual([
        ['a', { traceId: 't', sessionId: 's', signal: signal('one') }],
        ['a', { traceId: 't', sessionId: 's', signal: signal('two') }],
      ]);
    });

    it('joins what one instance sees alone', async () => {
      await pair.a.markSignals([{ traceId: 't', signal: signal('one') }]);
      await pair.a.linkTraces([{ traceId: 't', sessionId: 's' }]);
      expect(joined).toHaveLength(1);
    });

    it('remembers the first few signals of a trace', async () => {
      const names = Array.from({ length: MAX_SIGNALS_PER_TRACE + 2 }, (_, i) => `error ${i}`);
      for (const name of names) await pair.b.markSignals([{ traceId: 't', signal: signal(name) }]);
      await pair.a.linkTraces([{ traceId: 't', sessionId: 's' }]);
      expect(joined.map(([, join]) => join.signal.name)).toEqual(
        names.slice(0, MAX_SIGNALS_PER_TRACE),
      );
    });

    it('remembers an error however many slow spans came before it', async () => {
      const slow = { ...signal('slow'), kind: 'slow_span' as const };
      for (let i = 0; i < MAX_SIGNALS_PER_TRACE + 2; i++) {
        await pair.b.markSignals([{ traceId: 't', signal: { ...slow, durationMs: i } }]);
      }
      await pair.b.markSignals([{ traceId: 't', signal: signal('error') }]);
      await pair.a.linkTraces([{ traceId: 't', sessionId: 's' }]);
      const seen = joined.map(([, join]) => join.signal);
      expect(seen.filter((s) => s.kind !== 'slow_span')).toEqual([signal('error')]);
      const durations = seen.flatMap((s) => s.durationMs ?? []);
      expect(durations).toEqual(Array.from({ length: MAX_SIGNALS_PER_TRACE }, (_, i) => i));
    });

    it('takes none and many', async () => {
      await pair.a.linkTraces([]);
      await pair.a.markSignals([]);
      const ids = Array.from({ length: 1201 }, (_, i) => String(i));
      await pair.a.linkTraces(ids.map((id) => ({ traceId: id, sessionId: `session ${id}` })));
      await pair.b.markSignals(ids.map((id) => ({ traceId: id, signal: signal(id) })));
      expect(joined.map(([, join]) => join.sessionId)).toEqual(ids.map((id) => `session ${id}`));
      await pair.a.publish('1200', decision(pair.now() + 1000));
      const decisions = await pair.b.decisions(ids);
      expect(decisions).toHaveLength(1201);
      expect(decisions.findIndex((d) => d !== undefined)).toBe(1200);
    });

    it('forgets traces after a while, unless they are seen again', async () => {
      const link = [{ traceId: 't', sessionId: 's' }];
      await pair.a.linkTraces(link);
      await pair.b.markSignals([{ traceId: 'lonely', signal: signal('lost') }]);
      await pair.advance(0.6 * pair.traceTtlMs);
      await pair.a.linkTraces(link);
      await pair.advance(0.6 * pair.traceTtlMs);
      await pair.b.markSignals([{ traceId: 't', signal: signal('one') }]);
      await pair.a.linkTraces([{ traceId: 'lonely', sessionId: 's' }]);
      expect(joined.map(([who, join]) => [who, join.signal.name])).toEqual([['b', 'one']]);
    });

    it('remembers when anybody last saw a session, for a while', async () => {
      const ttlMs = 60_000;
      const time = pair.now();
      expect(await pair.a.seen([{ sessionId: 's1', time }], ttlMs)).toEqual([]);
      await pair.b.seen([{ sessionId: 's1', time: time + 5 }], ttlMs);
      await pair.a.seen([{ sessionId: 's1', time: time + 1 }], ttlMs);
      const asked = ['none', 's1'].map((sessionId) => ({ sessionId, time }));
      for (const who of [pair.a, pair.b]) {
        expect(await who.end(asked, ttlMs)).toEqual([undefined, time + 5]);
        expect([await who.end([], ttlMs), await who.seen([], ttlMs)]).toEqual([[], []]);
      }
      await pair.advance(1.1 * ttlMs);
      expect(await pair.b.end(asked, ttlMs)).toEqual([undefined, undefined]);
    });

    it('tells whoever sees a session that somebody ended it, once', async () => {
      const ttlMs = 60_000;
      const time = pair.now();
      const seen = (...ids: string[]) => ids.map((sessionId) => ({ sessionId, time }));
      await pair.a.end(seen('s1', 's2'), ttlMs);
      expect(await pair.b.seen(seen('s3', 's2'), ttlMs)).toEqual(['s2']);
      expect(await pair.b.seen(seen('s3', 's2'), ttlMs)).toEqual([]);
      await pair.a.end(seen('s2'), ttlMs);
      expect(await pair.b.seen(seen('s2'), ttlMs)).toEqual(['s2']);
      await pair.advance(1.1 * ttlMs);
      expect(await pair.b.seen(seen('s1'), ttlMs)).toEqual([]);
      const many = seen(...Array.from({ length: 1201 }, (_, i) => `m${i}`));
      await pair.a.end(many.slice(1200), ttlMs);
      expect(await pair.b.seen(many, ttlMs)).toEqual(['m1200']);
      expect((await pair.b.end(many, ttlMs)).filter((t) => t === time)).toHaveLength(1201);
    });

    it('remembers why a session was not kept, the reason above none, for a while', async () => {
      const droppedBy = { policy: 'robots', reason: 'why' };
      const tell = (who: Coordinator, sessionId: string, outcome: object): Promise<void> =>
        who.tellOutcomes([{ sessionId, outcome }]);
      await tell(pair.a, 'plain', {});
      await tell(pair.a, 'first', { droppedBy });
      await tell(pair.b, 'first', {});
      await tell(pair.b, 'second', {});
      await tell(pair.a, 'second', { limit: 'buffer.max_size' });
      await pair.a.tellOutcomes([]);
      for (const who of [pair.a, pair.b]) {
        expect(await who.outcomes(['none', 'second', 'plain', 'first'])).toEqual([
          ...[undefined, { limit: 'buffer.max_size' }, {}, { droppedBy }],
        ]);
        expect(await who.outcomes([])).toEqual([]);
      }
      const many = Array.from({ length: 1201 }, (_, i) => `m${i}`);
      await pair.a.tellOutcomes(many.map((sessionId) => ({ sessionId, outcome: {} })));
      expect((await pair.b.outcomes(many)).filter((o) => o !== undefined)).toHaveLength(1201);
      await pair.advance(1.1 * OUTCOME_TTL_MS);
      expect(await pair.b.outcomes(['first', 'plain'])).toEqual([undefined, undefined]);
    });

    it('says which session a trace belongs to, for a while', async () => {
      await pair.a.linkTraces([{ traceId: 't', sessionId: 's' }]);
      for (const who of [pair.a, pair.b]) {
        expect(await who.sessionsOf(['none', 't'])).toEqual([undefined, 's']);
        expect(await who.sessionsOf([])).toEqual([]);
      }
      await pair.advance(1.1 * pair.traceTtlMs);
      expect(await pair.b.sessionsOf(['t'])).toEqual([undefined]);
    });

    it('lets everybody know what is watched, until nobody looks any more', async () => {
      await pair.a.watch('s1');
      await pair.b.watch('s2');
      for (const who of [pair.a, pair.b]) {
        expect(await who.watched(['s2', 'none', 's1'])).toEqual(['s2', 's1']);
        expect(await who.watched([])).toEqual([]);
      }
      await pair.advance(0.6 * WATCH_TTL_MS);
      await pair.b.watch('s1');
      await pair.advance(0.6 * WATCH_TTL_MS);
      expect(await pair.a.watched(['s1', 's2'])).toEqual(['s1']);
      await pair.advance(WATCH_TTL_MS);
      expect(await pair.b.watched(['s1'])).toEqual([]);
    });

    it('tells the other instance of a watch, each time', async () => {
      const heard: string[] = [];
      pair.a.onWatch((id) => heard.push(`a ${id}`));
      pair.b.onWatch((id) => heard.push(`b ${id}`));
      pair.b.onDecision(() => heard.push('a decision'));
      await pair.a.watch('s');
      await pair.a.watch('s');
      await vi.waitFor(() => expect(heard).toEqual(['b s', 'b s']), { timeout: 20_000 });
    });

    it('asks about many at once', async () => {
      const ids = Array.from({ length: 1201 }, (_, i) => String(i));
      await pair.a.watch('1200');
      expect(await pair.b.watched(ids)).toEqual(['1200']);
    });

    it('remembers what was erased, and tells the other instance', async () => {
      const heard: string[] = [];
      pair.a.onErased(({ subject, time }) => heard.push(`a ${subject} ${time}`));
      pair.b.onErased(({ subject, time }) => heard.push(`b ${subject} ${time}`));
      await pair.a.erase({ subject: 's1', time: 5 });
      await vi.waitFor(() => expect(heard).toEqual(['b s1 5']), { timeout: 20_000 });
      for (const who of [pair.a, pair.b]) {
        expect(await who.erased(['none', 's1'])).toEqual([undefined, 5]);
        expect(await who.erased([])).toEqual([]);
      }
      const many = Array.from({ length: 1201 }, (_, i) => `s${i}`);
      expect((await pair.b.erased(many)).findIndex((time) => time === 5)).toBe(1);
      await pair.advance(0.6 * ERASED_TTL_MS);
      expect(await pair.b.erased(['s1'])).toEqual([5]);
      await pair.advance(0.6 * ERASED_TTL_MS);
      expect(await pair.b.erased(['s1'])).toEqual([undefined]);
    });

    it('says that there are others', () => {
      expect([pair.a.isShared, pair.a.isAvailable]).toEqual([true, true]);
    });
  });
}
