/** The processor's end of the thread that folds: started when needed, ended when it takes too long. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { SyntheticCheckpoint } from './checkpoint.js';
import type { FoldOptions } from './fold.js';
import type { FromThread, ToThread } from './messages.js';

export interface FoldJob {
  options: FoldOptions;
  records: AsyncIterable<Uint8Array>;
  /** All of them, the one that was asked for first. */
  onCheckpoint: (checkpoint: SyntheticCheckpoint) => void;
}

export interface FoldThreadOptions {
  /** What a fold may take; then the thread is ended, and with it what it holds. */
  timeoutMs: number;
  /** It ends when nothing was to be done for so long. Default 60 s. */
  idleMs?: number;
  /** Of the thread's heap. Default 512. */
  maxHeapMiB?: number;
}

const SOURCE_CONDITION = '--conditions=otel-replay-source';
/** Records on their way to the thread; more wait in the store. */
const MAX_IN_FLIGHT = 64;

/** The fold could not be made; the message says why. */
export class FoldError extends Error {
  override readonly name = 'FoldError';
}

export class FoldThread {
  readonly #o: FoldThreadOptions;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #folds = 0;

  constructor(options: FoldThreadOptions) {
    this.#o = options;
  }

  /** One at a time. Throws {@link FoldError}, and what reading throws. */
  async fold(job: FoldJob): Promise<void> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const fold = ++this.#folds;
    let isOver = false;
    let inFlight = 0;
    let wake: (() => void) | undefined;
    const post = (message: ToThread, transfer: ArrayBuffer[] = []): void =>
      worker.postMessage(message, transfer);
    const ended = this.#answers(worker, fold, {
      onCheckpoint: job.onCheckpoint,
      onTaken: (records) => {
        inFlight -= records;
        wake?.();
      },
    }).finally(() => {
      isOver = true;
      wake?.();
    });
    const sending = (async (): Promise<void> => {
      post({ kind: 'begin', fold, options: job.options });
      for await (const record of job.records) {
        while (!isOver && inFlight >= MAX_IN_FLIGHT) {
          await new Promise<void>((resolve) => (wake = resolve));
        }
        if (isOver) return;
        inFlight++;
        const copy = new Uint8Array(record);
        post({ kind: 'records', fold, records: [copy] }, [copy.buffer]);
      }
      post({ kind: 'end', fold });
    })();
    try {
      await Promise.all([ended, sending]);
    } catch (error) {
      // What waits in the thread is of no use, and must not be mixed with what comes next.
      await this.stop();
      throw error;
    } finally {
      if (this.#worker !== undefined) {
        this.#idle = setTimeout(() => void this.stop(), this.#o.idleMs ?? 60_000).unref();
      }
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #answers(
    worker: Worker,
    fold: number,
    to: { onCheckpoint: FoldJob['onCheckpoint']; onTaken: (records: number) => void },
  ): Promise<void> {
    const { timeoutMs } = this.#o;
    return new Promise<void>((resolve, reject) => {
      const fail = (message: string): void => end(() => reject(new FoldError(message)));
      const timer = setTimeout(() => fail(`it took more than ${timeoutMs} ms`), timeoutMs);
      const onMessage = (message: FromThread): void => {
        if (message.fold !== fold) return;
        if (message.kind === 'taken') to.onTaken(message.records);
        else if (message.kind === 'checkpoint') to.onCheckpoint(message.checkpoint);
        else if (message.kind === 'failed') fail(message.message);
        else end(resolve);
      };
      // Out of memory, for example.
      const onError = (error: Error): void => fail(`the thread failed: ${error.message}`);
      const onExit = (): void => fail('the thread ended');
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        settle();
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }

  #start(): Worker {
    const worker = startWorker({
      resourceLimits: { maxOldGenerationSizeMb: this.#o.maxHeapMiB ?? 512 },
    });
    // A failure while nothing is asked of it: the next fold starts another.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.unref();
    return worker;
  }
}

/** A run from source has to tell the thread how to read TypeScript; what is built has not. */
function startWorker(options: WorkerOptions): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const file = new URL(`./fold-thread${extension}`, import.meta.url);
  if (extension !== '.ts') return new Worker(file, options);
  const start = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import('${file.href}'); })`;
  return new Worker(start, { ...options, eval: true, execArgv: [SOURCE_CONDITION] });
}
