/**
 * Sessions that somebody looks at, here or at another instance: what is open of them is written
 * every two seconds, so that whoever shares store and index can read it. Whether a session is kept
 * does not depend on it: what nobody decided about stays in the ring.
 */
import type { Clock } from '../clock.js';
import { ExpiringMap } from '../coordinate/expiring-map.js';
import {
  CoordinationUnavailableError,
  WATCH_TTL_MS,
  type Coordinator,
} from '../coordinate/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { BlockWriter } from './writer.js';

export interface WatchingOptions {
  coordinator: Coordinator;
  writer: Pick<BlockWriter, 'heldSessions' | 'showOpen'>;
  clock: Clock;
  logger: Logger;
}

const SHOW_INTERVAL_MS = 2000;
/** A message that was lost costs so much. */
const PULL_INTERVAL_MS = 5000;
/** Anybody's watches are noted, whether the session is here or not: it may come. */
const MAX_NOTED = 10_000;

export class Watching {
  readonly #o: WatchingOptions;
  readonly #watched = new ExpiringMap<true>(MAX_NOTED);
  #shownAt = 0;
  #pulledAt = 0;
  #pulling = false;

  constructor(options: WatchingOptions) {
    this.#o = options;
    options.coordinator.onWatch((sessionId) => this.#note(sessionId));
  }

  /** Others may read what is held here, once it is in the store. */
  get isShared(): boolean {
    return this.#o.coordinator.isShared;
  }

  /** Somebody looks here; to be repeated within {@link WATCH_TTL_MS}. */
  async watch(sessionId: string): Promise<void> {
    const { coordinator } = this.#o;
    // On its own an instance reads from its journal what is in no block.
    if (!coordinator.isShared) return;
    this.#note(sessionId);
    await coordinator.watch(sessionId).catch((error: unknown) => this.#failed(error));
  }

  /** Does what is due. */
  tick(now: number): void {
    const { coordinator, writer } = this.#o;
    if (!coordinator.isShared) return;
    if (now - this.#pulledAt >= PULL_INTERVAL_MS && !this.#pulling) {
      this.#pulledAt = now;
      this.#pulling = true;
      void this.#pull();
    }
    if (now - this.#shownAt < SHOW_INTERVAL_MS) return;
    this.#shownAt = now;
    for (const [sessionId] of this.#watched.entries(now)) writer.showOpen(sessionId);
  }

  async #pull(): Promise<void> {
    const { coordinator, writer } = this.#o;
    try {
      const held = writer.heldSessions();
      if (held.length === 0) return;
      for (const sessionId of await coordinator.watched(held)) this.#note(sessionId);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#pulling = false;
    }
  }

  #note(sessionId: string): void {
    const now = this.#o.clock.now();
    this.#watched.set(sessionId, true, now + WATCH_TTL_MS, now);
  }

  /** That the coordination store is away was logged when it went. */
  #failed(error: unknown): void {
    if (error instanceof CoordinationUnavailableError) return;
    this.#o.logger.error('what is watched could not be shared', { error });
  }
}
