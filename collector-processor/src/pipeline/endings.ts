/**
 * When kept sessions end. Of several instances each sees only a part of the segments, so that an end
 * is agreed: each tells from time to time what goes on, and asks before it ends something. Whoever
 * calls a session active holds it and ends it later, so that the last one to finish says `ended`.
 */
import type { Clock } from '../clock.js';
import {
  CoordinationUnavailableError,
  type Coordinator,
  type Sighting,
} from '../coordinate/index.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { Logger } from '../telemetry/logger.js';
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';
import type { Fingerprints } from './prints.js';
import type { BlockWriter } from './writer.js';

export interface EndingsOptions {
  coordinator: Coordinator;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  writer: Pick<BlockWriter, 'end' | 'forget' | 'saveSummary'>;
  prints: Pick<Fingerprints, 'forget'>;
  clock: Clock;
  logger: Logger;
  apply(effects: readonly Effect<Journaled>[]): void;
}

/** One write per kept session and instance in this time. */
const TELL_INTERVAL_MS = 5000;

export class Endings {
  readonly #o: EndingsOptions;
  readonly #idle = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #ttlMs: number;
  #toldAt = 0;
  #telling = false;
  #stopped = false;

  constructor(options: EndingsOptions) {
    this.#o = options;
    // Needed for an idle timeout after the last one; more for whoever was slow to tell.
    this.#ttlMs = 2 * options.sessions.idleTimeoutMs + 60_000;
  }

  /** The session is idle here: it ends with the next {@link tick}, if it is idle everywhere. */
  ask(sessionId: string): void {
    this.#idle.add(sessionId);
  }

  /** Does what is due. */
  async tick(now: number): Promise<void> {
    if (!this.#o.coordinator.isShared) return;
    if (now - this.#toldAt >= TELL_INTERVAL_MS && !this.#telling) {
      this.#toldAt = now;
      this.#run(() => this.#tell());
    }
    await this.#agree().catch((error: unknown) => this.#failed(error));
  }

  /** Writes the last of a session that has ended, and forgets it, unless it goes on elsewhere. */
  end(sessionId: string): void {
    const { prints, sessions, writer } = this.#o;
    this.#run(async () => {
      const written = await writer.end(sessionId);
      await this.#lookAgain(sessionId);
      if (!written || !sessions.forget(sessionId)) return;
      writer.forget(sessionId);
      prints.forget(sessionId);
    });
  }

  /** Asks nobody from now on. */
  stop(): void {
    this.#stopped = true;
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#running]);
  }

  async #tell(): Promise<void> {
    const { coordinator, sessions, writer } = this.#o;
    this.#telling = true;
    try {
      const sightings = [...sessions.untold()];
      const ended = sightings.length === 0 ? [] : await coordinator.seen(sightings, this.#ttlMs);
      sessions.told(sightings);
      for (const id of ended) if (sessions.has(id)) void writer.saveSummary(id);
    } finally {
      this.#telling = false;
    }
  }

  async #agree(): Promise<void> {
    const { clock, coordinator, sessions } = this.#o;
    const ids = [...this.#idle];
    this.#idle.clear();
    if (ids.length === 0) return;
    const lastSeen = await coordinator.end(this.#endingsOf(ids), this.#ttlMs);
    const now = clock.now();
    ids.forEach((id, i) => this.#o.apply(sessions.end(id, lastSeen[i], now)));
  }

  /**
   * Others may have called the session active before `ended` was in the store. Those who saw a
   * segment before this question are found by it, and the others find that the session was ended.
   */
  async #lookAgain(sessionId: string): Promise<void> {
    const { clock, coordinator, sessions } = this.#o;
    if (!coordinator.isShared || this.#stopped || !sessions.has(sessionId)) return;
    try {
      const [lastSeen] = await coordinator.end(this.#endingsOf([sessionId]), this.#ttlMs);
      if (lastSeen !== undefined) this.#o.apply(sessions.reopen(sessionId, lastSeen, clock.now()));
    } catch (error) {
      this.#failed(error);
    }
  }

  #endingsOf(sessionIds: readonly string[]): Sighting[] {
    const time = this.#o.clock.now();
    return sessionIds.map((sessionId) => ({ sessionId, time }));
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** It is asked, or told, again; that the coordination store is away was logged when it went. */
  #failed(error: unknown): void {
    if (error instanceof CoordinationUnavailableError) return;
    this.#o.logger.error('the end of sessions could not be shared', { error });
  }
}
