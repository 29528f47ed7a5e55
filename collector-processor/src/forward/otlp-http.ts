/**
 * OTLP/HTTP exporter with a sending queue on disk.
 *
 * Durable or delivered: `enqueue` resolves when the next hop took the request, or when it lies on
 * disk. A request is sent first and written only when the first attempt fails, takes longer than
 * `persistAfterMs`, or has to wait for its turn; so the healthy path spares the disk.
 */
import type { Clock } from '../clock.js';
import { OverloadedError } from '../receive/sink.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { DEFAULT_RETRY, retryDelayMs, sleep, type RetryOptions } from './backoff.js';
import type { Exporter, ExportOutcome, ExportRequest } from './exporter.js';
import { QueueDirectory, type QueuedRequest } from './queue-directory.js';
import { Sender, type SendResult } from './sender.js';

export interface OtlpExporterOptions {
  /** For metrics; default `otlp_http`. */
  name?: string;
  /** Base URL of the next hop; `/v1/traces` and `/v1/logs` are appended. */
  endpoint: string;
  headers?: Readonly<Record<string, string>>;
  /** Of one attempt; default 30 s. */
  timeoutMs?: number;
  /** Of request bodies; default `none`, which is cheapest for a hop nearby. */
  compression?: 'gzip' | 'none';
  retryOnFailure?: Partial<RetryOptions>;
  /** Requests that may wait; default 1000. */
  queueSize?: number;
  /** Bytes of their bodies; default 1 GiB. */
  queueBytes?: number;
  /** Requests sent at the same time; default 10. */
  numConsumers?: number;
  /**
   * Where they wait; one exporter and one process per directory. Without one nothing waits: a
   * request the next hop does not take now goes back to its sender.
   */
  directory?: string;
  /** Survive power failures too, not only kill -9. Default false. */
  fsync?: boolean;
  /** How long a first attempt may take before the request is also written to disk; default 100 ms. */
  persistAfterMs?: number;
}

export interface OtlpExporterDeps {
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
  /** For jitter; default Math.random. */
  random?: () => number;
}

interface Entry extends QueuedRequest {
  /** Undefined once it is on disk and nobody is sending it. */
  body: Uint8Array | undefined;
  onDisk: boolean;
  writing: Promise<void> | undefined;
  settle: { resolve(outcome: ExportOutcome): void; reject(error: Error): void } | undefined;
}

const GIB = 1024 * 1024 * 1024;
const DRAIN_MS = 5_000;

export function createOtlpExporter(options: OtlpExporterOptions, deps: OtlpExporterDeps): Exporter {
  return new OtlpHttpExporter(options, deps);
}

class OtlpHttpExporter implements Exporter {
  readonly name: string;
  readonly #options: OtlpExporterOptions;
  readonly #deps: OtlpExporterDeps;
  readonly #retry: RetryOptions;
  readonly #sender: Sender;
  readonly #disk: QueueDirectory | undefined;
  readonly #numConsumers: number;
  readonly #queueSize: number;
  readonly #queueBytes: number;
  readonly #waiting: Entry[] = [];
  readonly #consumers = new Set<Promise<void>>();
  /** Aborted when stop begins: no more waiting for retries. */
  readonly #stopping = new AbortController();
  /** Aborted at stop's deadline: no more sending. */
  readonly #cut = new AbortController();
  #trouble: string | undefined;
  #count = 0;
  #bytes = 0;
  #sequence = 0;

  constructor(options: OtlpExporterOptions, deps: OtlpExporterDeps) {
    this.name = options.name ?? 'otlp_http';
    this.#options = options;
    this.#deps = deps;
    this.#retry = { ...DEFAULT_RETRY, ...options.retryOnFailure };
    this.#numConsumers = options.numConsumers ?? 10;
    this.#queueSize = options.queueSize ?? 1000;
    this.#queueBytes = options.queueBytes ?? GIB;
    this.#sender = new Sender(
      {
        endpoint: options.endpoint,
        headers: options.headers ?? {},
        timeoutMs: options.timeoutMs ?? 30_000,
        compression: options.compression ?? 'none',
        maxSockets: this.#numConsumers,
      },
      deps.clock,
    );
    if (options.directory !== undefined) {
      this.#disk = new QueueDirectory(options.directory, options.fsync ?? false);
    }
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  async start(): Promise<void> {
    const left = (await this.#disk?.open()) ?? [];
    for (const request of left) {
      this.#sequence = Math.max(this.#sequence, request.sequence + 1);
      const entry: Entry = {
        ...request,
        body: undefined,
        onDisk: true,
        writing: undefined,
        settle: undefined,
      };
      this.#counts(1, entry.size);
      this.#waiting.push(entry);
    }
    const { metrics, logger } = this.#deps;
    metrics.set('otelcol_exporter_queue_capacity', this.#queueSize, { exporter: this.name });
    this.#counts(0, 0);
    if (left.length > 0) logger.info('sending what waited', { requests: left.length });
    for (let i = 0; i < this.#numConsumers; i++) this.#consume(this.#waiting.shift());
  }

  async stop(deadlineMs = DRAIN_MS): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#cut.abort(), deadlineMs);
    while (this.#consumers.size > 0) await Promise.all(this.#consumers);
    clearTimeout(timer);
    for (const entry of this.#waiting.splice(0)) await this.#persist(entry);
    this.#sender.close();
    if (this.#count > 0) {
      this.#deps.logger.info('requests for the next hop stay on disk', { requests: this.#count });
    }
  }

  enqueue(request: ExportRequest): Promise<ExportOutcome> {
    const size = request.body.length;
    const full =
      this.#count >= this.#queueSize || (this.#count > 0 && this.#bytes + size > this.#queueBytes);
    if (full || this.#stopping.signal.aborted) {
      this.#add('enqueue_failed', request);
      const why = full ? 'the sending queue is full: the next hop is slow or away' : 'stopping';
      return Promise.reject(
        new OverloadedError(`exporter ${this.name}: ${why}`, 5, full ? 'queue' : 'stopping'),
      );
    }
    this.#counts(1, size);
    return new Promise((resolve, reject) => {
      const { signal, contentType, itemCount, body } = request;
      const sequence = this.#sequence++;
      const settle = { resolve, reject };
      const entry: Entry = {
        ...{ signal, contentType, itemCount, size, sequence, body, settle },
        onDisk: false,
        writing: undefined,
      };
      if (this.#consumers.size < this.#numConsumers) this.#consume(entry);
      else {
        this.#waiting.push(entry);
        void this.#persist(entry, true);
      }
    });
  }

  /** Sends `entry`, then what waits, until nothing does. */
  #consume(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const run = async (): Promise<void> => {
      for (let next: Entry | undefined = entry; next !== undefined; next = this.#waiting.shift()) {
        const taken = await this.#deliver(next);
        // A next hop that is away will not take the rest either; it stays on disk.
        if (!taken && this.#stopping.signal.aborted) return;
      }
    };
    const running = run().finally(() => {
      this.#consumers.delete(running);
      // What came between the last look at the queue and now found all consumers taken.
      if (!this.#stopping.signal.aborted) this.#consume(this.#waiting.shift());
    });
    this.#consumers.add(running);
  }

  /** Sends until it is taken or given up: true; false when it stays on disk for the next start. */
  async #deliver(entry: Entry): Promise<boolean> {
    const begun = this.#deps.clock.now();
    for (let retry = 0; ; retry++) {
      const result = await this.#attempt(entry);
      if (result === undefined) return true;
      this.#trouble = result.kind === 'retryable' ? result.message : undefined;
      if (result.kind === 'delivered') return this.#finish(entry, 'sent', 'delivered');
      const { message } = result;
      if (result.kind === 'permanent' || !this.#retry.enabled) {
        this.#warn('the next hop refused a request; it is dropped', entry, message);
        return this.#finish(entry, 'send_failed', 'refused');
      }
      if (!(await this.#persist(entry))) return true;
      const delay = retryDelayMs(
        this.#retry,
        retry,
        result.retryAfterMs,
        this.#deps.random ?? Math.random,
      );
      const { maxElapsedMs } = this.#retry;
      if (maxElapsedMs > 0 && this.#deps.clock.now() + delay - begun > maxElapsedMs) {
        this.#warn('the next hop was away too long; a request is dropped', entry, message);
        return this.#finish(entry, 'send_failed', 'refused');
      }
      if (retry === 0)
        this.#warn('the next hop did not take a request; trying again', entry, message);
      await sleep(delay, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return false;
    }
  }

  /** Undefined when its file cannot be read any more. */
  async #attempt(entry: Entry): Promise<SendResult | undefined> {
    const { persistAfterMs = 100 } = this.#options;
    const late = entry.onDisk
      ? undefined
      : setTimeout(() => void this.#persist(entry, true), persistAfterMs);
    try {
      const body = entry.body ?? (await this.#disk!.read(entry));
      return await this.#sender.send(entry.signal, entry.contentType, body, this.#cut.signal);
    } catch (error) {
      this.#deps.logger.error('a waiting request cannot be read; it is dropped', { error });
      await this.#finish(entry, 'send_failed', 'refused');
      return undefined;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Puts the entry on disk and lets its sender go. False when that fails and the sender has it
   * back; `early`: an attempt is still to come or under way, so a failure does not matter yet.
   */
  async #persist(entry: Entry, early = false): Promise<boolean> {
    if (entry.onDisk) return true;
    const disk = this.#disk;
    try {
      if (disk === undefined) throw new Error('it has no directory to keep requests in');
      await (entry.writing ??= disk.write(entry, entry.body!));
      entry.onDisk = true;
      entry.body = undefined;
      entry.settle?.resolve('persisted');
      return true;
    } catch (error) {
      entry.writing = undefined;
      if (early) return false;
      if (disk !== undefined)
        this.#deps.logger.error('the sending queue cannot be written', { error });
      this.#counts(-1, -entry.size);
      this.#add('enqueue_failed', entry);
      const message = `exporter ${this.name}: the next hop is away and ${(error as Error).message}`;
      entry.settle?.reject(new OverloadedError(message, 5, disk === undefined ? 'queue' : 'disk'));
      return false;
    }
  }

  async #finish(
    entry: Entry,
    counted: 'sent' | 'send_failed',
    outcome: ExportOutcome,
  ): Promise<true> {
    this.#add(counted, entry);
    this.#counts(-1, -entry.size);
    entry.settle?.resolve(outcome);
    await entry.writing?.catch(() => undefined);
    if (entry.onDisk || entry.writing !== undefined) {
      await this.#disk!.remove(entry).catch((error: unknown) => {
        this.#deps.logger.error('a sent request stays on disk and will be sent again', { error });
      });
    }
    return true;
  }

  #add(
    what: 'sent' | 'send_failed' | 'enqueue_failed',
    request: { signal: 'traces' | 'logs'; itemCount: number },
  ): void {
    const noun = request.signal === 'traces' ? 'spans' : 'log_records';
    this.#deps.metrics.add(`otelcol_exporter_${what}_${noun}`, request.itemCount, {
      exporter: this.name,
    });
  }

  #counts(requests: number, bytes: number): void {
    this.#count += requests;
    this.#bytes += bytes;
    this.#deps.metrics.set('otelcol_exporter_queue_size', this.#count, { exporter: this.name });
  }

  #warn(message: string, entry: Entry, error: string): void {
    const { signal, itemCount } = entry;
    this.#deps.logger.warn(message, { exporter: this.name, signal, items: itemCount, error });
  }
}
