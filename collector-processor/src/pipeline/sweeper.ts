/**
 * Removes sessions whose time is over: walks through the index page by page, starts again at its
 * end. Remembers nothing, so a restart costs a walk; two that sweep at once do the same twice, which
 * changes nothing. A store with a lifecycle removes by itself; there only the index learns of it.
 */
import type { Clock } from '../clock.js';
import type { SessionIndex } from '../index/index.js';
import { StoreError, type Store } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { expiresAt, markExpired, removeFromStore } from './expiry.js';

export interface RetentionOptions {
  /** Of sessions whose decision does not say how long; 0: for ever. */
  defaultMs: number;
  /** Between two pages of the index; default 1 s. */
  pageIntervalMs?: number;
  /** Between two walks, and after a failure; default 5 min. */
  walkIntervalMs?: number;
  /** Sessions looked at, and at most removed, at once: 1 .. 200; default 100. */
  pageSize?: number;
}

export interface SweeperOptions extends RetentionOptions {
  store: Store;
  index: SessionIndex;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Whether something of the session is in memory: it is not over then. */
  isLive(sessionId: string): boolean;
  /** Called when nothing of the session is left. */
  onExpired(sessionId: string): void;
}

export class Sweeper {
  readonly #o: SweeperOptions;
  #nextAt = 0;
  #cursor: string | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #removed = 0;

  constructor(options: SweeperOptions) {
    this.#o = options;
  }

  /** Begins a page if one is due; resolves when it is done. */
  tick(now: number): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    if (this.#stopped || now < this.#nextAt) return Promise.resolve();
    this.#running = this.#page(now).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Resolves when no page is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Finishes the session at hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #page(now: number): Promise<void> {
    const { index, pageIntervalMs = 1000, pageSize = 100, walkIntervalMs = 300_000 } = this.#o;
    try {
      const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor };
      const { nextCursor, sessions } = await index.list({ limit: pageSize, ...cursor });
      for (const summary of sessions) {
        if (this.#stopped) return;
        const { sessionId } = summary;
        if (expiresAt(summary, this.#o.defaultMs) > now || this.#o.isLive(sessionId)) continue;
        await this.#remove(sessionId, now);
      }
      this.#cursor = nextCursor;
      this.#nextAt = now + (nextCursor === undefined ? walkIntervalMs : pageIntervalMs);
      if (nextCursor === undefined) this.#report();
    } catch (error) {
      // The same page again, later: whatever was half removed is found again.
      this.#nextAt = now + walkIntervalMs;
      if (error instanceof StoreError) {
        this.#o.metrics.add('otelcol_processor_session_replay_store_errors', 1, {
          operation: 'expire',
        });
      }
      this.#o.logger.warn('replays whose time is over cannot be removed now; tried again', {
        error,
      });
    }
  }

  async #remove(sessionId: string, now: number): Promise<void> {
    const { index, metrics, store } = this.#o;
    if (!store.hasLifecycle) await removeFromStore(store, sessionId);
    await markExpired(index, sessionId, now);
    this.#o.onExpired(sessionId);
    this.#removed++;
    metrics.add('otelcol_processor_session_replay_sessions_expired', 1, { store: store.name });
  }

  #report(): void {
    if (this.#removed === 0) return;
    const { logger, store } = this.#o;
    logger.info('replays removed whose time was over', {
      sessions: this.#removed,
      store: store.name,
    });
    this.#removed = 0;
  }
}
