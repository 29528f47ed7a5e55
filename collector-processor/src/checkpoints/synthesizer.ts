/**
 * Synthetic checkpoints on demand: one thread folds, few wait, the rest gets what was recorded. What
 * was made is kept for a while, because whoever seeks seeks again.
 */
import type { SegmentEntry } from '@otel-replay/protocol';
import { planFold, type Fold } from '@otel-replay/protocol/reduce';
import type { Clock } from '../clock.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { CheckpointCache } from './cache.js';
import type { SyntheticCheckpoint } from './checkpoint.js';
import { FoldThread, type FoldThreadOptions } from './thread.js';

export interface CheckpointRequest {
  sessionId: string;
  recordingId: string;
  /** By index and part, all parts of each. */
  entries: readonly SegmentEntry[];
  /** Unix milliseconds: where playback is to begin. */
  from: number;
  /** Encoded records of the entries at positions [start, end). */
  read: (start: number, end: number) => AsyncIterable<Uint8Array>;
}

export interface CheckpointAnswer {
  record: Uint8Array;
  /** Position of the first entry that is not in it. */
  next: number;
}

export interface Checkpoints {
  /** The recorded one lies far before `from`, Unix milliseconds: {@link before} may make one. */
  isWanted(entries: readonly SegmentEntry[], from: number): boolean;
  /** Undefined: begin with what was recorded. Never throws. */
  before(request: CheckpointRequest): Promise<CheckpointAnswer | undefined>;
  /** Nothing of the session is kept, nor will what is under way be. */
  forget(sessionId: string): void;
}

export interface SynthesizerOptions extends FoldThreadOptions {
  /** How far a recorded checkpoint may lie back, milliseconds. */
  intervalMs: number;
  maxCacheBytes: number;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** Of what is folded, inflated: hours of a busy page. */
const MAX_FOLD_BYTES = 512 * 1024 * 1024;
const MAX_WAITING = 8;
/** A recording that could not be folded is left alone for so long. */
const FAILED_FOR_MS = 60_000;
const MAX_FAILED = 1000;
const CACHE_AGE_MS = 10 * 60_000;
/** On the way to a moment, checkpoints are kept this many intervals apart. */
const KEPT_INTERVALS = 5;
const PREFIX = 'otelcol_processor_session_replay_';

type Outcome = 'made' | 'cached' | 'busy' | 'failed';

export class CheckpointSynthesizer implements Checkpoints {
  readonly #o: SynthesizerOptions;
  readonly #cache: CheckpointCache;
  readonly #thread: FoldThread;
  /** By session, recording and segment: who asks for the same waits for the same. */
  readonly #running = new Map<string, Promise<SyntheticCheckpoint | undefined>>();
  readonly #failed = new Map<string, number>();
  /** Sessions that were erased while something of them was under way. */
  readonly #forgotten = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #sweep: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: SynthesizerOptions) {
    this.#o = options;
    const { clock, maxCacheBytes: maxBytes } = options;
    this.#cache = new CheckpointCache({ clock, maxBytes, maxAgeMs: CACHE_AGE_MS });
    this.#thread = new FoldThread(options);
  }

  start(): Promise<void> {
    this.#sweep = setInterval(() => {
      this.#cache.expire();
      this.#report();
    }, 30_000).unref();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#sweep);
    this.#cache.clear();
    await this.#thread.stop();
    await Promise.allSettled(this.#running.values());
  }

  isWanted(entries: readonly SegmentEntry[], from: number): boolean {
    return planFold(entries, from, this.#o.intervalMs) !== undefined;
  }

  async before(request: CheckpointRequest): Promise<CheckpointAnswer | undefined> {
    const { entries, from } = request;
    const { intervalMs } = this.#o;
    const fold = planFold(entries, from, intervalMs);
    if (fold === undefined) return undefined;
    const first = entries[fold.start]!;
    const wanted = entries[fold.next]!;
    const near = this.#cache.nearest(request, first.index, wanted.index);
    if (near !== undefined && wanted.firstTimestamp - near.timestamp < intervalMs) {
      this.#count('cached');
      return answer(near, entries);
    }
    const made = await within(this.#o.timeoutMs, this.#shared(request, fold, near));
    return made && answer(made, entries);
  }

  forget(sessionId: string): void {
    this.#cache.forget(sessionId);
    if (this.#running.size > 0) this.#forgotten.add(sessionId);
    this.#report();
  }

  #shared(
    request: CheckpointRequest,
    fold: Fold,
    near: SyntheticCheckpoint | undefined,
  ): Promise<SyntheticCheckpoint | undefined> {
    const { sessionId, recordingId, entries } = request;
    const key = JSON.stringify([sessionId, recordingId, entries[fold.next]!.index]);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const isRefused = this.#hasFailed(recordingId) || isTooLarge(entries, fold, near);
    if (isRefused || this.#isStopped || this.#running.size >= MAX_WAITING) {
      this.#count(isRefused ? 'failed' : 'busy');
      return Promise.resolve(undefined);
    }
    const making = this.#make(request, fold, near).finally(() => {
      this.#running.delete(key);
      if (this.#running.size === 0) this.#forgotten.clear();
    });
    this.#running.set(key, making);
    return making;
  }

  /** Resolves with the one that was asked for; others are still made then. */
  async #make(
    request: CheckpointRequest,
    fold: Fold,
    near: SyntheticCheckpoint | undefined,
  ): Promise<SyntheticCheckpoint | undefined> {
    const begin = performance.now();
    const before = this.#turn;
    let finished!: () => void;
    this.#turn = new Promise((resolve) => (finished = resolve));
    await before;
    const { recordingId, sessionId } = request;
    return new Promise((resolve) => {
      if (this.#isStopped) {
        finished();
        return resolve(undefined);
      }
      let isMade = false;
      const onCheckpoint = (checkpoint: SyntheticCheckpoint): void => {
        if (!isMade) this.#count('made');
        isMade = true;
        if (!this.#forgotten.has(sessionId) && !this.#isStopped) {
          this.#cache.add(sessionId, recordingId, checkpoint);
          resolve(checkpoint);
        }
        this.#report();
      };
      this.#thread
        .fold({ ...jobOf(request, fold, near, this.#o.intervalMs), onCheckpoint })
        .catch((error: unknown) => {
          // Else only those on the way are missing.
          if (!isMade) this.#fail(request, error);
        })
        .finally(() => {
          const seconds = (performance.now() - begin) / 1000;
          this.#o.metrics.add(`${PREFIX}checkpoint_synthesis_duration`, seconds);
          resolve(undefined);
          finished();
        });
    });
  }

  #fail({ recordingId, sessionId }: CheckpointRequest, error: unknown): void {
    this.#count('failed');
    if (this.#isStopped) return;
    this.#failed.set(recordingId, this.#o.clock.now());
    if (this.#failed.size > MAX_FAILED) this.#failed.delete(this.#failed.keys().next().value!);
    this.#o.logger.warn('no checkpoint could be made; what was recorded is served', {
      'session.id': sessionId,
      'session_replay.id': recordingId,
      error,
    });
  }

  #hasFailed(recordingId: string): boolean {
    const at = this.#failed.get(recordingId);
    if (at === undefined) return false;
    if (this.#o.clock.now() - at < FAILED_FOR_MS) return true;
    this.#failed.delete(recordingId);
    return false;
  }

  #count(outcome: Outcome): void {
    this.#o.metrics.add(`${PREFIX}checkpoints_synthesized`, 1, { outcome });
  }

  #report(): void {
    this.#o.metrics.set(`${PREFIX}checkpoint_cache_bytes`, this.#cache.bytes);
  }
}

/** What takes longer goes on, for those who ask later. */
async function within<T>(timeoutMs: number, made: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  return Promise.race([made, late]).finally(() => clearTimeout(timer));
}

/** From the recorded checkpoint, or from one that was made. */
function jobOf(
  { entries, read }: CheckpointRequest,
  { start, next }: Fold,
  near: SyntheticCheckpoint | undefined,
  intervalMs: number,
) {
  const firstIndex = near === undefined ? entries[start]!.index : near.nextIndex - 1;
  const from = near === undefined ? start : positionOf(entries, near.nextIndex);
  return {
    records: near === undefined ? read(from, next) : withFirst(near.record, read(from, next)),
    options: {
      firstIndex,
      lastIndex: entries[next]!.index - 1,
      nextTimestamp: entries[next]!.firstTimestamp,
      everyMs: intervalMs * KEPT_INTERVALS,
    },
  };
}

async function* withFirst(
  first: Uint8Array,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* others;
}

function isTooLarge(
  entries: readonly SegmentEntry[],
  { start, next }: Fold,
  near: SyntheticCheckpoint | undefined,
): boolean {
  const from = near === undefined ? start : positionOf(entries, near.nextIndex);
  let bytes = 0;
  for (const { uncompressedBytes } of entries.slice(from, next)) bytes += uncompressedBytes;
  return bytes > MAX_FOLD_BYTES;
}

function answer(
  { record, nextIndex }: SyntheticCheckpoint,
  entries: readonly SegmentEntry[],
): CheckpointAnswer {
  return { record, next: positionOf(entries, nextIndex) };
}

function positionOf(entries: readonly SegmentEntry[], index: number): number {
  return entries.findIndex((entry) => entry.index === index);
}
