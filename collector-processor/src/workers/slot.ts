/** One of the workers: the process that does its work now, and the next one when that dies. */
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../clock.js';
import { retryDelayMs, sleep, type RetryOptions } from '../forward/backoff.js';
import type { Trouble } from '../telemetry/health.js';
import type { Logger } from '../telemetry/logger.js';
import type { MetricsSnapshot } from '../telemetry/metrics.js';
import { mergeSnapshots, retire } from '../telemetry/snapshot.js';
import { SUPERVISOR, WORKER, type WorkerControl, type WorkerTask } from './control.js';
import { Link, type Methods } from './link.js';

/** A worker could not start; the message is the worker's own. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

export type SlotState = 'starting' | 'ready' | 'restarting' | 'stopped';

export interface SlotOptions {
  task: WorkerTask;
  fork: () => ChildProcess;
  /** Lets the process have what the supervisor hosts. */
  lend: (link: Link) => void;
  onState: (state: SlotState) => void;
  /** The process ended unasked. */
  onDied: () => void;
  clock: Clock;
  logger: Logger;
  /** For jitter; default Math.random. */
  random?: () => number;
}

interface Running {
  process: ChildProcess;
  control: Methods<WorkerControl>;
  exited: Promise<void>;
  startedAt: number;
}

/** As long as the whole drain may take, and a moment to exit. */
const EXIT_GRACE_MS = 5_000;
/** A process that ran so long did not die of its start: the waits begin anew. */
const STABLE_MS = 60_000;
const REPORT_TIMEOUT_MS = 5_000;
const RESTART: RetryOptions = {
  enabled: true,
  initialIntervalMs: 200,
  multiplier: 2,
  maxIntervalMs: 30_000,
  maxElapsedMs: 0,
  randomizationFactor: 0.2,
};

export class Slot {
  readonly #o: SlotOptions;
  readonly #stopping = new AbortController();
  #running: Running | undefined;
  #isReady = false;
  #failures = 0;
  #failure: string | undefined;
  /** Of processes that are gone. */
  #retired: MetricsSnapshot = { points: [] };
  #current: MetricsSnapshot = { points: [] };
  #trouble: Trouble | undefined;
  #first: Deferred<Readonly<Record<string, number>>> | undefined;
  #restarting: Promise<void> | undefined;
  /** Whether all ended well that were told to end. */
  #clean = true;

  constructor(options: SlotOptions) {
    this.#o = options;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#running?.process.pid;
  }

  /** Of the process that runs, as it said last. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Resolves to its ports when it is ready. Throws {@link WorkerStartError}. */
  start(): Promise<Readonly<Record<string, number>>> {
    this.#first = deferred();
    this.#spawn();
    return this.#first.promise;
  }

  /** Resolves when the process is gone, to whether it had finished its work. */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort();
    await this.#restarting;
    const running = this.#running;
    if (running === undefined) return this.#clean;
    const timer = setTimeout(() => {
      this.#o.logger.error('a worker does not end; it is killed', this.#fields());
      running.process.kill('SIGKILL');
    }, deadlineMs + EXIT_GRACE_MS);
    if (this.#isReady) running.control.stop(deadlineMs).catch(() => undefined);
    else running.process.kill('SIGTERM');
    await running.exited;
    clearTimeout(timer);
    return this.#clean;
  }

  kill(): void {
    this.#stopping.abort();
    this.#running?.process.kill('SIGKILL');
  }

  /** What it has counted since the supervisor started; of a process that is busy, what it said last. */
  async snapshot(): Promise<MetricsSnapshot> {
    const running = this.#running;
    if (running !== undefined && this.#isReady) {
      const report = await running.control.report().catch(() => undefined);
      if (report !== undefined && this.#running === running) {
        this.#current = report.metrics;
        this.#trouble = report.trouble;
      }
    }
    return mergeSnapshots([this.#retired, this.#current]);
  }

  #spawn(): void {
    const child = this.#o.fork();
    const link = new Link(child);
    this.#o.lend(link);
    link.serve(
      'supervisor',
      {
        task: () => Promise.resolve(this.#o.task),
        ready: (ports) => Promise.resolve(this.#ready(ports)),
        failed: (message) => Promise.resolve(void (this.#failure = message)),
        ended: (last) => Promise.resolve(void (this.#current = last)),
      },
      SUPERVISOR,
    );
    const control = link.remote<WorkerControl>('worker', WORKER, {
      timeoutMs: REPORT_TIMEOUT_MS,
    });
    const exited = new Promise<void>((resolve) => {
      // A process that could not be spawned has no exit.
      child.once('error', (error) => {
        this.#failure ??= error.message;
        if (child.pid === undefined) resolve(this.#exited(null, null));
      });
      child.once('exit', (code, signal) => resolve(this.#exited(code, signal)));
    });
    this.#running = { process: child, control, exited, startedAt: this.#o.clock.now() };
    this.#o.logger.info('worker started', this.#fields());
  }

  #ready(ports: Readonly<Record<string, number>>): void {
    this.#isReady = true;
    this.#o.onState('ready');
    this.#o.logger.info('worker ready', this.#fields());
    this.#first?.resolve(ports);
    this.#first = undefined;
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const fields = { ...this.#fields(), ...(code === null ? { signal } : { code }) };
    const lived = this.#o.clock.now() - (this.#running?.startedAt ?? 0);
    const reason = this.#failure;
    this.#running = undefined;
    this.#isReady = false;
    this.#failure = undefined;
    this.#retired = mergeSnapshots([this.#retired, retire(this.#current)]);
    this.#current = { points: [] };
    this.#trouble = undefined;
    if (this.#first !== undefined) {
      const why = reason ?? `worker ${this.#o.task.worker} ended while it started`;
      this.#first.reject(new WorkerStartError(why));
      this.#first = undefined;
      this.#o.onState('stopped');
    } else if (this.#stopping.signal.aborted) {
      this.#clean = code === 0;
      if (code === 0) this.#o.logger.info('worker stopped', fields);
      else this.#o.logger.error('a worker did not end well', fields);
      this.#o.onState('stopped');
    } else {
      this.#failures = lived >= STABLE_MS ? 0 : this.#failures;
      this.#restarting = this.#restart({ ...fields, ...(reason === undefined ? {} : { reason }) });
    }
  }

  async #restart(fields: Readonly<Record<string, unknown>>): Promise<void> {
    const { logger, onDied, onState, random = Math.random } = this.#o;
    const delayMs = Math.round(retryDelayMs(RESTART, this.#failures++, 0, random));
    onState('restarting');
    onDied();
    logger.error('a worker died; it is started again', { ...fields, delay_ms: delayMs });
    await sleep(delayMs, this.#stopping.signal);
    if (this.#stopping.signal.aborted) onState('stopped');
    else this.#spawn();
  }

  #fields(): Record<string, unknown> {
    return { worker: this.#o.task.worker, pid: this.#running?.process.pid };
  }
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  const out = {} as Deferred<T>;
  out.promise = new Promise<T>((resolve, reject) => Object.assign(out, { resolve, reject }));
  return out;
}
