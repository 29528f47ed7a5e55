/** When a session is to be looked at: its ring may be due, or it may have ended. */
import type { HeldCompanion, HeldSegment } from './held.js';
import type { Session } from './session.js';
import { TimeWheel } from './time-wheel.js';

const POSTPONED_MS = 1000;

type AnySession = Session<HeldSegment, HeldCompanion>;

export class Schedule {
  readonly #idleTimeoutMs: number;
  readonly #wheel = new TimeWheel();

  constructor(idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  due(now: number): string[] {
    return this.#wheel.take(now);
  }

  isIdle({ lastArrival }: { lastArrival: number }, now: number): boolean {
    return now - lastArrival >= this.#idleTimeoutMs;
  }

  isOver(session: AnySession, now: number): boolean {
    return !session.ended && session.ring.isEmpty && this.isIdle(session, now);
  }

  next(session: AnySession, now: number): void {
    const idle = session.lastArrival + this.#idleTimeoutMs;
    const trim = session.ring.nextTrim();
    if (trim !== undefined) this.#wheel.schedule(session.id, Math.min(trim, Math.max(idle, now)));
    else if (!session.ended) this.#wheel.schedule(session.id, idle);
  }

  /** Looks at a session of which nothing is held when it may have ended. */
  atEnd(sessionId: string, { lastArrival }: { lastArrival: number }): void {
    this.#wheel.schedule(sessionId, lastArrival + this.#idleTimeoutMs);
  }

  postpone(sessionId: string, now: number): void {
    this.#wheel.schedule(sessionId, now + POSTPONED_MS);
  }

  cancel(sessionId: string): void {
    this.#wheel.cancel(sessionId);
  }
}
