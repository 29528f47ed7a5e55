/**
 * The heart: which sessions are kept. Pure: time comes in, effects go out, payload is never seen.
 * A session is `buffering` until a policy wants it, then `keeping` until a time that is only ever
 * moved further away. There is no decision to drop: what nobody wanted grows old in the ring.
 */
import type { Decision, SegmentHeader } from '@otel-replay/protocol';
import { isVetoed } from './decide.js';
import { pushDrop, type Effect } from './effects.js';
import type { HeldCompanion, HeldSegment } from './held.js';
import { Judge } from './judge.js';
import { ringOptionsOf, timesOf, type SessionsOptions } from './options.js';
import type { PolicySignal } from './policies/policy.js';
import { Ring } from './ring.js';
import { Schedule } from './schedule.js';
import {
  newSession,
  viewOf,
  type RestoredSession,
  type Session,
  type SessionView,
} from './session.js';
import { ShedSessions } from './shed-sessions.js';

export type { DropReason, Effect } from './effects.js';
export type { SessionsOptions } from './options.js';
export type { RestoredSession, SessionView } from './session.js';

/** Creates the state machine; `S` and `C` are what the caller keeps of a segment or companion. */
export function createSessions<S extends HeldSegment, C extends HeldCompanion>(
  options: SessionsOptions,
): Sessions<S, C> {
  return new Sessions(options);
}

export class Sessions<S extends HeldSegment, C extends HeldCompanion> {
  readonly #judge: Judge;
  readonly #ring: ReturnType<typeof ringOptionsOf>;
  readonly #sessions = new Map<string, Session<S, C>>();
  readonly #schedule: Schedule;
  readonly #shed: ShedSessions;
  readonly #isSplit: boolean;
  readonly idleTimeoutMs: number;

  constructor(options: SessionsOptions) {
    const times = timesOf(options);
    this.#judge = new Judge({ ...times, policies: options.policies, isDryRun: options.isDryRun });
    this.#ring = ringOptionsOf(options);
    this.#schedule = new Schedule(times.idleTimeoutMs);
    this.#shed = new ShedSessions(this.#schedule);
    this.#isSplit = options.isSplit ?? false;
    this.idleTimeoutMs = times.idleTimeoutMs;
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  ids(): IterableIterator<string> {
    return this.#sessions.keys();
  }

  view(sessionId: string): SessionView | undefined {
    const session = this.#sessions.get(sessionId);
    return session === undefined ? undefined : viewOf(session);
  }

  /** Whether this segment was taken before, stored ones included. */
  hasSegment(sessionId: string, recordingId: string, index: number, partIndex: number): boolean {
    return this.#sessions.get(sessionId)?.seen.has(recordingId, index, partIndex) ?? false;
  }

  /** Nothing of it is taken until it has ended. */
  isShed(sessionId: string): boolean {
    return this.#shed.get(sessionId) !== undefined;
  }

  get shedCount(): number {
    return this.#shed.size;
  }

  /** Asked before segments are taken: sheds a new session for which there is no room. */
  admit(sessionId: string, now: number): Effect<H<S, C>>[] {
    if (this.#sessions.has(sessionId) || this.#shed.touch(sessionId, now)) return [];
    if (this.#shed.hasRoomFor(sessionId)) return [];
    this.#shed.add(sessionId, now);
    return [{ type: 'shed', sessionId }];
  }

  /**
   * From now on there is room for this share (0 .. 1) of the sessions that nobody wants yet, the
   * same ones on every instance. Returns those beyond it: ask the other instances about them, apply
   * what they say, then {@link shed} them.
   */
  limitTo(keepRatio: number): string[] {
    this.#shed.keepRatio = keepRatio;
    return [...this.#sessions.values()].filter((s) => this.#isBeyond(s)).map((s) => s.id);
  }

  /** Gives up sessions, each whole, unless they are wanted by now. */
  shed(sessionIds: readonly string[], now: number): Effect<H<S, C>>[] {
    const effects: Effect<H<S, C>>[] = [];
    for (const id of sessionIds) {
      const session = this.#sessions.get(id);
      if (session === undefined || !this.#isBeyond(session)) continue;
      pushDrop(effects, id, this.remove(id), 'shed');
      this.#shed.add(id, now);
      effects.push({ type: 'shed', sessionId: id });
    }
    return effects;
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
    this.#judge.evaluate(session, { kind: 'segment', sessionId, header }, now, effects);
    // Others may have decided by then, but only because they knew nothing of the session.
    const { veto } = session.memory;
    if (known === undefined && veto?.at === now) veto.at = 0;
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
    this.#judge.evaluate(session, { kind: 'signal', sessionId, signal }, now, effects);
    this.#settle(session, now, effects);
    return effects;
  }

  /**
   * Takes over what another instance, or an earlier run, decided. Unknown sessions are ignored, and
   * shed ones, unless they were wanted before they were shed: from now on those are taken.
   */
  applyDecision(sessionId: string, decision: Decision, now: number): Effect<H<S, C>>[] {
    const shed = this.#shed.get(sessionId);
    if (shed !== undefined && decision.decidedAt <= shed.since && now <= decision.keepUntil) {
      this.#shed.delete(sessionId);
      this.#create(sessionId, now);
    }
    const session = this.#sessions.get(sessionId);
    const effects: Effect<H<S, C>>[] = [];
    if (session === undefined || isVetoed(session, decision)) return effects;
    this.#judge.merge(session, decision, effects);
    this.#settle(session, now, effects);
    return effects;
  }

  /** What a signal decides about a session that is not here; undefined: nothing. */
  judge(sessionId: string, signal: PolicySignal, now: number): Decision | undefined {
    return this.#judge.judge(sessionId, signal, now);
  }

  /** Whether others may know of a decision that is not known here. */
  isOpen(sessionId: string, now: number): boolean {
    const session = this.#sessions.get(sessionId);
    return !this.isShed(sessionId) && (session?.decision?.keepUntil ?? 0) < now;
  }

  /** Makes a session of an earlier run known again. */
  restore(sessionId: string, restored: RestoredSession, now: number): void {
    const session = this.#create(sessionId, restored.startedAt);
    session.lastArrival = restored.lastArrival;
    session.decision = restored.decision;
    session.ended = restored.ended;
    for (const s of restored.stored) session.seen.add(s.recordingId, s.index, s.partIndex);
    this.#schedule.next(session, now);
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
    return this.#schedule.due(now);
  }

  /** Looks at sessions that were due again soon: the others could not be asked about them. */
  postpone(sessionIds: readonly string[], now: number): void {
    for (const id of sessionIds) if (this.#sessions.has(id)) this.#schedule.postpone(id, now);
  }

  /** Drops what nobody wanted in time and ends what is idle. */
  expire(sessionIds: readonly string[], now: number): Effect<H<S, C>>[] {
    const effects: Effect<H<S, C>>[] = [];
    for (const id of sessionIds) {
      this.#shed.expire(id, now);
      const session = this.#sessions.get(id);
      if (session === undefined) continue;
      const dropped = session.ring.trim(now);
      pushDrop(effects, id, dropped, 'not_recorded');
      if (this.#schedule.isOver(session, now)) {
        if (this.#isSplit && session.decision !== undefined) {
          effects.push({ type: 'idle', sessionId: id });
          this.#schedule.postpone(id, now);
        } else this.#end(session, effects);
        continue;
      }
      this.#schedule.next(session, now);
    }
    return effects;
  }

  /**
   * Ends a session that was `idle`, unless a segment came since, here or to anybody else.
   * @param lastSeen when others say that one came, Unix milliseconds
   */
  end(sessionId: string, lastSeen: number | undefined, now: number): Effect<H<S, C>>[] {
    const effects: Effect<H<S, C>>[] = [];
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.ended) return effects;
    this.#noteSeen(session, lastSeen ?? 0, now);
    if (this.#schedule.isOver(session, now)) this.#end(session, effects);
    else this.#schedule.next(session, now);
    return effects;
  }

  /** Takes back the end of a session of which others saw a segment since. */
  reopen(sessionId: string, lastSeen: number, now: number): Effect<H<S, C>>[] {
    const session = this.#sessions.get(sessionId);
    if (session?.ended !== true || !this.#noteSeen(session, lastSeen, now)) return [];
    session.ended = false;
    this.#schedule.next(session, now);
    return [{ type: 'resumed', sessionId }];
  }

  /** Kept sessions that go on, with their newest segment, where {@link told} does not know of it. */
  *untold(): Generator<Arrival> {
    for (const { id, decision, ended, lastArrival, toldArrival } of this.#sessions.values()) {
      if (decision === undefined || ended || lastArrival <= toldArrival) continue;
      yield { sessionId: id, time: lastArrival };
    }
  }

  /** Others know of these segments. */
  told(arrivals: readonly Arrival[]): void {
    for (const { sessionId, time } of arrivals) {
      const session = this.#sessions.get(sessionId);
      if (session !== undefined) session.toldArrival = Math.max(session.toldArrival, time);
    }
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

  /** Bytes of all that is not kept. */
  get heldBytes(): number {
    let bytes = 0;
    for (const { ring } of this.#sessions.values()) bytes += ring.bytes;
    return bytes;
  }

  count(state: SessionView['state']): number {
    let n = 0;
    for (const id of this.#sessions.keys()) if (this.view(id)?.state === state) n++;
    return n;
  }

  /** Others saw a segment; false: an older one. Clocks differ, but nothing comes from the future. */
  #noteSeen(session: Session<S, C>, lastSeen: number, now: number): boolean {
    const time = Math.min(lastSeen, now);
    if (time <= session.lastArrival) return false;
    session.lastArrival = session.toldArrival = time;
    return true;
  }

  #end(session: Session<S, C>, effects: Effect<H<S, C>>[]): void {
    const { id: sessionId, decision, memory } = session;
    const kept = decision !== undefined;
    const veto = kept ? undefined : memory.veto;
    session.ended = true;
    effects.push({ type: 'ended', sessionId, kept, ...(veto === undefined ? {} : { veto }) });
    if (!kept) this.#sessions.delete(sessionId);
  }

  #known(sessionId: string): Session<S, C> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new Error(`session ${sessionId} is not known`);
    return session;
  }

  #create(id: string, startedAt: number): Session<S, C> {
    const memory = this.#judge.takeMemory(id);
    const session = newSession(id, startedAt, new Ring<S, C>(this.#ring), memory);
    this.#sessions.set(id, session);
    return session;
  }

  #remove(sessionId: string): void {
    this.#sessions.delete(sessionId);
    this.#shed.delete(sessionId);
    this.#judge.takeMemory(sessionId);
    this.#schedule.cancel(sessionId);
  }

  /**
   * What began while the session is kept is passed on: also the segment that was under way at the
   * end, and what came in time but was decided late. The rest must respect the cap.
   */
  #settle(session: Session<S, C>, now: number, effects: Effect<H<S, C>>[]): void {
    const { decision, id: sessionId, ring } = session;
    const held = decision === undefined ? [] : ring.takeUntil(decision.keepUntil);
    if (held.length > 0) effects.push({ type: 'keep', sessionId, held });
    pushDrop(effects, sessionId, ring.enforceCap(), 'session_cap');
    this.#schedule.next(session, now);
  }

  /** Kept sessions are never shed: what was promised of them is kept. */
  #isBeyond({ decision, id }: Session<S, C>): boolean {
    return decision === undefined && !this.#shed.hasRoomFor(id);
  }
}

/** The newest segment of a session; Unix milliseconds. */
interface Arrival {
  sessionId: string;
  time: number;
}

type H<S, C> = S | C;
