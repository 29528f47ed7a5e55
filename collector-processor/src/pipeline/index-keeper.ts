/**
 * Starts the index, has it filled where it is new, and goes on trying while index or store are away.
 * Nobody waits for it but those who read: what is stored meanwhile is owed to the index, and paid
 * when it is back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { IndexUnavailableError, type SessionIndex } from '../index/index.js';
import { fillIndex, reindexSession } from '../index/rebuild.js';
import { StoreError, type Store } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { GuardedIndex } from './guarded-index.js';
import type { IndexDebts } from './index-debts.js';
import type { RetryOptions } from './retry.js';

export interface IndexKeeperOptions {
  index: SessionIndex;
  store: Store;
  debts: IndexDebts;
  logger: Logger;
  metrics: Metrics;
  retry: RetryOptions;
  /** Called each time it is ready, `start` apart. Throws as an index does, to be called again. */
  onReady: () => Promise<void>;
}

const UP = 'otelcol_processor_session_replay_index_up';
const OWED = 'otelcol_processor_session_replay_index_owed';

export class IndexKeeper {
  /** For everybody else. */
  readonly index: GuardedIndex;
  readonly #o: IndexKeeperOptions;
  readonly #stopping = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #paying: Promise<void> | undefined;
  #isStarting = true;

  constructor(options: IndexKeeperOptions) {
    this.#o = options;
    this.index = new GuardedIndex(options.index, () => {
      options.logger.warn('the index is empty all of a sudden; it is filled anew');
      this.#work = this.#makeReady();
    });
  }

  /**
   * Resolves when the index is ready, else when something is away or `graceMs` are over, and goes on
   * by itself. Throws what only an operator can mend.
   */
  async start(graceMs: number, cancel: AbortSignal): Promise<void> {
    await this.#o.debts.load();
    const over = new AbortController();
    const signal = AbortSignal.any([cancel, over.signal]);
    let failed = (): void => undefined;
    const failure = new Promise<void>((resolve) => (failed = resolve));
    this.#work = this.#makeReady(failed);
    const grace = sleep(graceMs, undefined, { signal }).catch(() => undefined);
    try {
      await Promise.race([this.#work, failure, grace]);
    } finally {
      over.abort();
      this.#isStarting = false;
    }
    if (this.index.isOpen || cancel.aborted) return;
    this.#o.logger.warn(
      'replays cannot be looked up yet: index or store are away, or the index is being filled; all else goes on',
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work.catch(() => undefined);
    await this.#paying;
    await this.index.stop();
  }

  /** Pays what is owed; resolves when all is paid, or something is away. */
  pay(): Promise<void> {
    const { debts, metrics } = this.#o;
    metrics.set(OWED, debts.size);
    if (!this.index.isOpen) metrics.set(UP, 0);
    if (!this.index.isOpen || debts.size === 0) return Promise.resolve();
    this.#paying ??= this.#pay().finally(() => {
      this.#paying = undefined;
      metrics.set(OWED, debts.size);
    });
    return this.#paying;
  }

  async #pay(): Promise<void> {
    const { debts, index, logger, store } = this.#o;
    try {
      await debts.pay(
        (sessionId) => reindexSession(this.index, store, logger, sessionId),
        () => fillIndex(index, store, logger, { force: true, signal: this.#stopping.signal }),
        this.#stopping.signal,
      );
    } catch (error) {
      if (!isTemporary(error))
        logger.error('the index could not be told what is stored', { error });
    }
  }

  async #makeReady(onFailure: () => void = () => undefined): Promise<void> {
    const { index, logger, onReady, retry, store } = this.#o;
    const { initialMs = 1000, maxMs = 30_000 } = retry;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const { rebuild } = await index.start();
        if (rebuild) await fillIndex(index, store, logger, { signal });
        this.index.open();
        this.#o.metrics.set(UP, 1);
        if (!this.#isStarting) await onReady();
        if (attempt > 0) logger.info('replays can be looked up', { attempts: attempt + 1 });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (this.#isStarting && !isTemporary(error)) throw error;
        if (attempt === 0) logger.warn('the index is not ready; tried again', { error });
        onFailure();
        const delayMs = Math.min(initialMs * 2 ** attempt, maxMs);
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Time may mend it. */
function isTemporary(error: unknown): boolean {
  if (error instanceof StoreError) return error.retryable;
  return error instanceof IndexUnavailableError;
}
