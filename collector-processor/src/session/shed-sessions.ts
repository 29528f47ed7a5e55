/**
 * Which sessions are given up while there is no room for all. By a hash of the id, so that every
 * instance under the same pressure gives up the same ones, and a smaller share is always part of a
 * larger one. Its salt is not that of any sampling: of the sessions a recorder sampled, too, half go.
 */
import { sessionHash } from '@otel-replay/protocol';
import type { Schedule } from './schedule.js';

const SALT = 'session_replay.shed';

interface Shed {
  readonly since: number;
  lastArrival: number;
}

export class ShedSessions {
  readonly #sessions = new Map<string, Shed>();
  readonly #schedule: Schedule;
  #keepRatio = 1;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** For what share of the sessions there is room, 0 .. 1. */
  set keepRatio(ratio: number) {
    this.#keepRatio = ratio;
  }

  hasRoomFor(sessionId: string): boolean {
    return this.#keepRatio >= 1 || sessionHash(sessionId, SALT) < this.#keepRatio;
  }

  get(sessionId: string): Readonly<Shed> | undefined {
    return this.#sessions.get(sessionId);
  }

  add(sessionId: string, now: number): void {
    const shed = { since: now, lastArrival: now };
    this.#sessions.set(sessionId, shed);
    this.#schedule.atEnd(sessionId, shed);
  }

  /** Notes that more of it came; false: it is not shed. */
  touch(sessionId: string, now: number): boolean {
    const shed = this.#sessions.get(sessionId);
    if (shed !== undefined) shed.lastArrival = Math.max(shed.lastArrival, now);
    return shed !== undefined;
  }

  /** Forgets it when it has ended. */
  expire(sessionId: string, now: number): void {
    const shed = this.#sessions.get(sessionId);
    if (shed === undefined) return;
    if (this.#schedule.isIdle(shed, now)) this.#sessions.delete(sessionId);
    else this.#schedule.atEnd(sessionId, shed);
  }

  delete(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}
