/**
 * The Collector's `memory_limiter`, measured on resident memory: buffers lie outside V8's heap.
 * Above the soft limit (limit less spike) requests are refused before their body is read, with a
 * status senders repeat; above the limit the garbage collector is asked, ever more rarely while
 * that frees little.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../clock.js';
import { OverloadedError, type MemoryGate } from '../receive/sink.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface MemoryLimiterOptions {
  /** Hard limit, resident bytes. */
  limitBytes: number;
  /** What may come between two looks; the soft limit lies so far below the hard one. */
  spikeBytes: number;
  checkIntervalMs: number;
  /** The key that says `limitBytes`, for messages. */
  key: string;
}

export interface MemoryLimiterDeps {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Resident bytes; default this process's. */
  resident?: () => number;
  /** Collects garbage; default V8's. */
  collect?: () => void;
}

/** A collection that frees less of the limit was not worth it. */
const WORTH_IT = 0.05;
const MIN_COLLECT_INTERVAL_MS = 10_000;
const MAX_COLLECT_INTERVAL_MS = 300_000;
const RETRY_AFTER_SECONDS = 2;

export class MemoryLimiter implements MemoryGate {
  readonly key: string;
  readonly #o: MemoryLimiterOptions;
  readonly #deps: MemoryLimiterDeps;
  readonly #resident: () => number;
  readonly #collect: () => void;
  readonly #softBytes: number;
  /** At the last look. */
  #residentBytes = 0;
  #inFlightThen = 0;
  #inFlight = 0;
  #refusing = false;
  #collectedAt = Number.NEGATIVE_INFINITY;
  #collectIntervalMs = MIN_COLLECT_INTERVAL_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MemoryLimiterOptions, deps: MemoryLimiterDeps) {
    this.key = options.key;
    this.#o = options;
    this.#deps = deps;
    this.#softBytes = options.limitBytes - options.spikeBytes;
    this.#resident = deps.resident ?? (() => process.memoryUsage.rss());
    this.#collect = deps.collect ?? garbageCollector();
  }

  start(): Promise<void> {
    this.check();
    this.#timer = setInterval(() => this.check(), this.#o.checkIntervalMs);
    this.#timer.unref();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  /** Share of the soft limit in use; from 1 on requests are refused. */
  get used(): number {
    return this.#expected / this.#softBytes;
  }

  admit(bytes: number): void {
    if (this.#expected + bytes <= this.#softBytes) return;
    const text = `memory is short (${mib(this.#expected)} MiB of ${mib(this.#softBytes)} MiB)`;
    throw new OverloadedError(`${text}; send again later`, RETRY_AFTER_SECONDS, 'memory');
  }

  note(bytes: number): void {
    this.#inFlight += bytes;
  }

  /** Looks at the memory; runs by itself every `checkIntervalMs`. */
  check(): void {
    this.#look();
    if (this.#residentBytes > this.#o.limitBytes) this.#relieve();
    const refusing = this.#residentBytes > this.#softBytes;
    if (refusing !== this.#refusing) {
      const resident = { resident_mib: mib(this.#residentBytes), limit: this.key };
      if (refusing) this.#deps.logger.warn('memory is short; requests are refused', resident);
      else this.#deps.logger.info('memory suffices again', resident);
    }
    this.#refusing = refusing;
  }

  /** What came since the last look is not in what was measured then. */
  get #expected(): number {
    return this.#residentBytes + Math.max(0, this.#inFlight - this.#inFlightThen);
  }

  #look(): void {
    this.#residentBytes = this.#resident();
    this.#inFlightThen = this.#inFlight;
  }

  #relieve(): void {
    const now = this.#deps.clock.now();
    if (now - this.#collectedAt < this.#collectIntervalMs) return;
    const before = this.#residentBytes;
    this.#collect();
    this.#collectedAt = now;
    this.#look();
    const freed = before - this.#residentBytes;
    this.#collectIntervalMs =
      freed >= this.#o.limitBytes * WORTH_IT
        ? MIN_COLLECT_INTERVAL_MS
        : Math.min(this.#collectIntervalMs * 2, MAX_COLLECT_INTERVAL_MS);
    this.#deps.metrics.add('otelcol_processor_session_replay_forced_collections', 1);
    this.#deps.logger.warn('memory is above its limit; garbage was collected', {
      resident_mib: mib(before),
      freed_mib: mib(freed),
      limit: this.key,
    });
  }
}

/** V8 shows it only on request; a new context sees what was asked for at run time. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

const mib = (bytes: number): number => Math.round(bytes / (1024 * 1024));
