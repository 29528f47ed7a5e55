/**
 * The heart: which sessions are kept. Pure: time comes in, effects go out, payload is never seen.
 * A session is `buffering` until a policy wants it, then `keeping` until a time that is only ever
 * moved further away. There is no decision to drop: what nobody wanted grows old in the ring.
 */
import type { Decision, SegmentHeader } from '@otel-replay/protocol';
import type { Held, HeldCompanion, HeldSegment } from './held.js';
import type { Policy, PolicyEvent, PolicySignal, SessionMemory } from './policies/policy.js';
import { newMemory, verdictsOf, type Verdicts, type Wanted } from './policies/verdicts.js';
import { Ring, type RingOptions } from './ring.js';
import { SeenSegments } from './seen.js';
import { Strangers } from './strangers.js';
import { TimeWheel } from './time-wheel.js';

export interface SessionsOptions {
  policies: readonly Policy[];
  /** What is kept from before a trigger; default 30 s. */
  preRollMs?: number;
  /** How late a trigger may come and still find the whole pre-roll; default 15 s. */
  decisionWaitMs?: number;
  /** What is kept after a trigger; default 60 s. */
  recordForMs?: number;
  /** How often recorders send checkpoints at the latest; default 30 s. */
  checkpointIntervalMs?: number;
  /** What one session may hold while it is not kept; default 8 MiB. */
  maxBufferBytes?: number;
  /** A session that sends no segment for so long has ended; default 60 s. */
  idleTimeoutMs?: number;
  /** Nothing of a session is kept beyond this length; default 1 h. */
  maxSessionDurationMs?: number;
  /** Other instances may hold parts of the same sessions; default false. */
  isSplit?: boolean;
}

/** `not_recorded`: nobody wanted it; `session_cap`: its session held too much. */
export type DropReason = 'not_recorded' | 'session_cap';

export type Effect<H extends Held> =
  | { type: 'keep'; sessionId: string; held: H[] }
  | { type: 'drop'; sessionId: string; held: H[]; reason: DropReason }
  | { type: 'decided'; sessionId: string; decision: Decision; first: boolean }
  /** `kept` sessions stay known until they are forgotten, the others are gone. */
  | { type: 'ended'; sessionId: string; kept: boolean }
  /** Segments came after the end. */
  | { type: 'resumed'; sessionId: string };

export interface SessionView {
  state: 'buffering' | 'keeping' | 'ended';
  decision: Decision | undefined;
  startedAt: number;
  /** Arrival of the newest segment. */
  lastArrival: number;
}

export interface RestoredSession {
  decision?: Decision;
  startedAt: number;
  lastArrival: number;
  ended: boolean;
  stored: Iterable<{ recordingId: string; index: number; partIndex: number }>;
}

interface Session<S extends HeldSegment, C extends HeldCompanion> {
  readonly id: string;
  readonly startedAt: number;
  readonly seen: SeenSegments;
  readonly ring: Ring<S, C>;
  readonly memory: SessionMemory;
  lastArrival: number;
  decision: Decision | undefined;
  ended: boolean;
}

/** Creates the state machine; `S` and `C` are what the caller keeps of a segment or companion. */
export function createSessions<S extends HeldSegment, C extends HeldCompanion>(
  options: SessionsOptions,
): Sessions<S, C> {
  return new Sessions(options);
}

export class Sessions<S extends HeldSegment, C extends HeldCompanion> {
  readonly #verdicts: Verdicts;
  readonly #recordForMs: number;
  readonly #idleTimeoutMs: number;
  readonly #maxSessionDurationMs: number;
  readonly #ring: RingOptions;
  readonly #sessions = new Map<string, Session<S, C>>();
  readonly #wheel = new TimeWheel();
  readonly #strangers = new Strangers();

  constructor(options: SessionsOptions) {
    this.#verdicts = verdictsOf(options.policies);
    this.#recordForMs = options.recordForMs ?? 60_000;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 60_000;
    this.#maxSessionDurationMs = options.maxSessionDurationMs ?? 3_600_000;
    const holdMs = (options.preRollMs ?? 30_000) + (options.decisionWaitMs ?? 15_000);
    this.#ring = {
      holdMs,
      companionHoldMs: holdMs + (options.checkpointIntervalMs ?? 30_000),
      maxBytes: options.maxBufferBytes ?? 8 * 1024 * 1024,
      isSplit: options.isSplit ?? false,
    };
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  ids(): IterableIterator<string> {
    return this.#sessions.keys();
  }

  view(sessionId: string): SessionView | undefined {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return undefined;
    const { decision, startedAt, lastArrival } = session;
    const state = session.ended ? 'ended' : decision === undefined ? 'buffering' : 'keeping';
    return { state, decision, startedAt, lastArrival };
  }

  /** Whether this segment was taken before, stored ones included. */
  hasSegment(sessionId: string, recordingId: string, index: number, partIndex: number): boolean {
    return this.#sessions.get(sessionId)?.seen.has(recordingId, index, partIndex) ?? false;
  }

  /** Takes a segment that {@link hasSegment} does not know. */
  addSegment(sessionId: string, held: S, header: SegmentHeader, now: number): Effect<H<S, C>>[] {
    const effects: Effect<H<S, C>>[] = [];
    const known = this.#sessions.get(sessionId);
    const session = known ?? this.#create(sessionId, now);
    session.seen.add(held.recordingId, held.index, held.partIndex);
    session.lastArrival = Math.max(session.lastArrival, now);
    if (session.ended) {
      session.ended = false;
      effects.push({ type: 'resumed', sessionId });
    }
    session.ring.addSegment(held);
    this.#evaluate(session, { kind: 'segment', sessionId, header }, now, effects);
    // Others may have decided by then, but only because they knew nothing of the session.
    if (known === undefined && session.memory.vetoedAt === now) session.memory.vetoedAt = 0;
    this.#settle(session, now, effects);
    return effects;
  }

  /** Takes spans or a signal of a known session; its signals are judged by {@link signal}. */
  addCompanion(sessionId: string, held: C, now: number): Effect<H<S, C>>[] {
    const session = this.#known(sessionId);
    const effects: Effect<H<S, C>>[] = [];
    session.ring.addCompanion(held);
    this.#settle(session, now, effects);
    return effects;
  }

  /** Lets the policies judge a signal of a known session. */
  signal(sessionId: string, signal: PolicySignal, now: number): Effect<H<S, C>>[] {
    const session = this.#known(sessionId);
    const effects: Effect<H<S, C>>[] = [];
    this.#evaluate(session, { kind: 'signal', sessionId, signal }, now, effects);
    this.#settle(session, now, effects);
    return effects;
  }

  /** Takes over what another instance, or an earlier run, decided. Unknown sessions are ignored. */
  applyDecision(sessionId: string, decision: Decision, now: number): Effect<H<S, C>>[] {
    const session = this.#sessions.get(sessionId);
    const effects: Effect<H<S, C>>[] = [];
    if (session === undefined || isVetoed(session, decision)) return effects;
    this.#merge(session, decision, effects);
    // Heard late: what came in time is kept all the same.
    const held = session.ring.takeUntil(session.decision?.keepUntil ?? 0);
    if (held.length > 0) effects.push({ type: 'keep', sessionId, held });
    this.#settle(session, now, effects);
    return effects;
  }

  /** What a signal decides about a session that is not here; undefined: nothing. */
  judge(sessionId: string, signal: PolicySignal, now: number): Decision | undefined {
    const event: PolicyEvent = { kind: 'signal', sessionId, signal };
    const wanted = this.#strangers.recall(sessionId, (memory) =>
      this.#verdicts(event, { now, memory }),
    );
    const decisions = wanted.map((w) => this.#decision(now, w, now));
    const [first] = decisions;
    if (first === undefined) return undefined;
    return { ...first, keepUntil: Math.max(...decisions.map((d) => d.keepUntil)) };
  }

  /** Whether others may know of a decision that is not known here. */
  isOpen(sessionId: string, now: number): boolean {
    return (this.#sessions.get(sessionId)?.decision?.keepUntil ?? 0) < now;
  }

  /** Makes a session of an earlier run known again. */
  restore(sessionId: string, restored: RestoredSession, now: number): void {
    const session = this.#create(sessionId, restored.startedAt);
    session.lastArrival = restored.lastArrival;
    session.decision = restored.decision;
    session.ended = restored.ended;
    for (const s of restored.stored) session.seen.add(s.recordingId, s.index, s.partIndex);
    this.#reschedule(session, now);
  }

  /** Notes a segment as taken without holding it: it was dropped for good. */
  noteSegment(sessionId: string, recordingId: string, index: number, partIndex: number): void {
    this.#sessions.get(sessionId)?.seen.add(recordingId, index, partIndex);
  }

  /**
   * Sessions whose ring or end is due. Ask the other instances about those that are not kept, apply
   * what they say, then {@link expire} them: pull before evict.
   */
  due(now: number): string[] {
    return this.#wheel.take(now);
  }

  /** Looks at sessions that were due again soon: the others could not be asked about them. */
  postpone(sessionIds: readonly string[], now: number): void {
    for (const id of sessionIds) if (this.#sessions.has(id)) this.#wheel.schedule(id, now + 1000);
  }

  /** Drops what nobody wanted in time and ends what is idle. */
  expire(sessionIds: readonly string[], now: number): Effect<H<S, C>>[] {
    const effects: Effect<H<S, C>>[] = [];
    for (const id of sessionIds) {
      const session = this.#sessions.get(id);
      if (session === undefined) continue;
      const dropped = session.ring.trim(now);
      pushDrop(effects, id, dropped, 'not_recorded');
      if (this.#isOver(session, now)) {
        const kept = session.decision !== undefined;
        session.ended = true;
        effects.push({ type: 'ended', sessionId: id, kept });
        if (!kept) this.#sessions.delete(id);
        continue;
      }
      this.#reschedule(session, now);
    }
    return effects;
  }

  /** Ends an `ended` session's place in memory; false when it has resumed. */
  forget(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return true;
    if (!session.ended || !session.ring.isEmpty) return false;
    this.#remove(sessionId);
    return true;
  }

  /** Removes a session at once and hands back what it held. */
  remove(sessionId: string): H<S, C>[] {
    const session = this.#sessions.get(sessionId);
    this.#remove(sessionId);
    return session?.ring.takeAll() ?? [];
  }

  /** What a session holds that is not kept. */
  held(sessionId: string): H<S, C>[] {
    return this.#sessions.get(sessionId)?.ring.all() ?? [];
  }

  count(state: SessionView['state']): number {
    let n = 0;
    for (const id of this.#sessions.keys()) if (this.view(id)?.state === state) n++;
    return n;
  }

  #known(sessionId: string): Session<S, C> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new Error(`session ${sessionId} is not known`);
    return session;
  }

  #create(id: string, startedAt: number): Session<S, C> {
    const session: Session<S, C> = {
      id,
      startedAt,
      seen: new SeenSegments(),
      ring: new Ring<S, C>(this.#ring),
      memory: this.#strangers.take(id) ?? newMemory(),
      lastArrival: startedAt,
      decision: undefined,
      ended: false,
    };
    this.#sessions.set(id, session);
    return session;
  }

  #remove(sessionId: string): void {
    this.#sessions.delete(sessionId);
    this.#strangers.take(sessionId);
    this.#wheel.cancel(sessionId);
  }

  #evaluate(
    session: Session<S, C>,
    event: PolicyEvent,
    now: number,
    effects: Effect<H<S, C>>[],
  ): void {
    for (const wanted of this.#verdicts(event, { now, memory: session.memory })) {
      this.#merge(session, this.#decision(session.startedAt, wanted, now), effects);
    }
  }

  #decision(startedAt: number, { policy, verdict }: Wanted, now: number): Decision {
    const end = startedAt + this.#maxSessionDurationMs;
    const decision: Decision = {
      policy: policy.name,
      reason: verdict.reason,
      decidedAt: now,
      keepUntil: verdict.wholeSession ? end : Math.min(now + this.#recordForMs, end),
    };
    if (verdict.traceId !== undefined) decision.traceId = verdict.traceId;
    if (verdict.spanId !== undefined) decision.spanId = verdict.spanId;
    return decision;
  }

  /** Monotone: the first decision gives the reason, later ones only more time. */
  #merge(session: Session<S, C>, next: Decision, effects: Effect<H<S, C>>[]): void {
    const before = session.decision;
    if (before === undefined) {
      if (next.keepUntil < next.decidedAt) return; // the session is longer than it may be
      session.decision = next;
    } else if (next.keepUntil > before.keepUntil) {
      session.decision = { ...before, keepUntil: next.keepUntil };
    } else {
      return;
    }
    const first = before === undefined;
    effects.push({ type: 'decided', sessionId: session.id, decision: session.decision, first });
  }

  /** While it is kept the ring is passed on, otherwise it must respect its cap. */
  #settle(session: Session<S, C>, now: number, effects: Effect<H<S, C>>[]): void {
    if (session.decision !== undefined && now <= session.decision.keepUntil) {
      const held = session.ring.takeAll();
      if (held.length > 0) effects.push({ type: 'keep', sessionId: session.id, held });
    } else {
      pushDrop(effects, session.id, session.ring.enforceCap(), 'session_cap');
    }
    this.#reschedule(session, now);
  }

  #isOver(session: Session<S, C>, now: number): boolean {
    return (
      !session.ended && session.ring.isEmpty && now - session.lastArrival >= this.#idleTimeoutMs
    );
  }

  #reschedule(session: Session<S, C>, now: number): void {
    const idle = session.lastArrival + this.#idleTimeoutMs;
    const trim = session.ring.nextTrim();
    if (trim !== undefined) this.#wheel.schedule(session.id, Math.min(trim, Math.max(idle, now)));
    else if (!session.ended) this.#wheel.schedule(session.id, idle);
  }
}

type H<S, C> = S | C;

/** A veto prevents decisions that were not made yet, wherever they are made. */
function isVetoed(
  { decision, memory }: { decision?: Decision | undefined; memory: SessionMemory },
  next: Decision,
): boolean {
  return (
    decision === undefined && memory.vetoedAt !== undefined && next.decidedAt >= memory.vetoedAt
  );
}

function pushDrop<T extends Held>(
  effects: Effect<T>[],
  sessionId: string,
  held: T[],
  reason: DropReason,
): void {
  if (held.length > 0) effects.push({ type: 'drop', sessionId, held, reason });
}
