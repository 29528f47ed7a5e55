/**
 * The join of sessions and signals through their traces. Both sides write before they read, so
 * whichever comes second finds the other; what cannot be written waits in {@link Untold}.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import type { JoinedSignal, TraceLink, TraceSignal } from './index.js';
import { readSessionsOf, writeLinks, writeSignals } from './redis-commands.js';
import type { RedisKeys } from './redis-format.js';
import { BATCH, batches, type RedisStore } from './redis-store.js';
import type { Untold } from './untold.js';

export interface RedisTracesDeps {
  store: RedisStore;
  keys: RedisKeys;
  untold: Untold;
  clock: Clock;
  /** How long a trace's session or signals are remembered. */
  traceTtlMs: number;
  onJoined(joined: JoinedSignal): void;
}

export class RedisTraces {
  readonly #deps: RedisTracesDeps;

  constructor(deps: RedisTracesDeps) {
    this.#deps = deps;
  }

  async link(links: readonly TraceLink[]): Promise<void> {
    const { store, untold, clock } = this.#deps;
    const news = untold.newLinks(links, clock.now());
    if (news.length === 0) return;
    try {
      await store.run('link_traces', (redis) => this.#tellLinks(redis, news));
    } catch (error) {
      untold.addLinks(news);
      throw error;
    }
  }

  async mark(signals: readonly TraceSignal[]): Promise<void> {
    const { store, untold } = this.#deps;
    try {
      await store.run('mark_signals', (redis) => this.#tellSignals(redis, signals));
    } catch (error) {
      untold.addSignals(signals);
      throw error;
    }
  }

  async sessionsOf(traceIds: readonly string[]): Promise<(string | undefined)[]> {
    const { store, keys } = this.#deps;
    return store.runBatches('sessions_of', traceIds, (redis, some) =>
      readSessionsOf(redis, keys, some),
    );
  }

  async tellUntold(): Promise<void> {
    const { untold } = this.#deps;
    for (let links; (links = untold.takeLinks(BATCH)).length > 0;) {
      await this.link(links);
    }
    for (let signals; (signals = untold.takeSignals(BATCH)).length > 0;) {
      await this.mark(signals);
    }
  }

  async #tellLinks(redis: Redis, links: readonly TraceLink[]): Promise<void> {
    const { keys, untold, clock, traceTtlMs } = this.#deps;
    for (const batch of batches(links)) {
      const joined = await writeLinks(redis, keys, batch, traceTtlMs);
      untold.toldLinks(batch, clock.now());
      for (const join of joined) this.#deps.onJoined(join);
    }
  }

  async #tellSignals(redis: Redis, signals: readonly TraceSignal[]): Promise<void> {
    const { keys, untold, clock, traceTtlMs } = this.#deps;
    for (const batch of batches(signals)) {
      const joined = await writeSignals(redis, keys, batch, traceTtlMs);
      untold.toldSignals(batch, clock.now());
      for (const join of joined) this.#deps.onJoined(join);
    }
  }
}
