/**
 * Fetches compressed segments, keeps a bounded number of bytes of them, and decodes on demand. Which
 * there are is known: a request names exactly those that are missing, and asks for a checkpoint that
 * is made only where the recorded one lies far back.
 */
import { ContractError, decodePayload, joinParts, type ReplayEvent } from '@otel-replay/protocol';
import {
  isAbort,
  type EventRange,
  type ReplaySource,
  type StoredSegment,
} from '../client/source.js';
import type { Masks } from '../mask/rules.js';
import { maskPayload } from '../mask/values.js';
import { eventsOfCheckpoint, isFarFromCheckpoint, MadeCheckpoints } from './made-checkpoints.js';
import { StoredSegments } from './stored-segments.js';
import { checkpointBefore, type Stretch } from './stretches.js';
import { MAX_SEGMENT_BYTES } from './too-large.js';

const DECODE_LIMITS = { maxUncompressedBytes: MAX_SEGMENT_BYTES };
/** Who got no checkpoint for a moment, because the source was busy or makes none, waits so long. */
const REFUSED_FOR_MS = 30_000;

export interface SegmentLoaderOptions {
  source: ReplaySource;
  sessionId: string;
  /** Compressed bytes kept. Default 32 MiB, some hours of a busy page. */
  maxCacheBytes?: number;
  /** Applied to what events say besides the page: requests, console, addresses. */
  masks?: Masks | undefined;
}

/** A segment that is listed but cannot be played: not delivered, damaged, or of unknown format. */
export class UnusableSegmentError extends Error {
  override readonly name = 'UnusableSegmentError';
  readonly recordingId: string;
  readonly index: number;
  /** The source did not have it; of a session that is recorded it may come yet. */
  readonly isMissing: boolean;
  /** It is there, and more than is taken on. */
  readonly isTooLarge: boolean;

  constructor(recordingId: string, index: number, cause: unknown) {
    super(`segment ${index} of recording ${recordingId} cannot be read: ${String(cause)}`, {
      cause,
    });
    this.recordingId = recordingId;
    this.index = index;
    this.isMissing = cause instanceof ContractError && cause.code === 'missing';
    this.isTooLarge = cause instanceof ContractError && cause.code === 'too_large';
  }
}

interface Fetching {
  recordingId: string;
  firstIndex: number;
  lastIndex: number;
  /** It asks for a checkpoint that is made for its first segment. */
  asksToMake: boolean;
  /** What its answer begins with: a checkpoint that was made, or what was recorded. */
  begins: 'made' | 'recorded' | undefined;
  /** Segments that came; the oldest may be gone again. */
  came: Set<number>;
  controller: AbortController;
  /** Settles waiters when something arrived or the request ended. */
  changed: Set<() => void>;
  done: boolean;
  error: Error | undefined;
}

export class SegmentLoader {
  readonly #source: ReplaySource;
  readonly #sessionId: string;
  readonly #masks: Masks | undefined;
  readonly #kept: StoredSegments;
  readonly #fetching = new Set<Fetching>();
  readonly #made = new MadeCheckpoints();
  /** When no checkpoint was made, by recording. */
  readonly #refusedAt = new Map<string, number>();

  constructor(options: SegmentLoaderOptions) {
    this.#source = options.source;
    this.#sessionId = options.sessionId;
    this.#kept = new StoredSegments(options.maxCacheBytes ?? 32 * 1024 * 1024);
    this.#masks = options.masks;
  }

  /**
   * The events of the segment at `position`, freshly decoded (the caller may change them).
   * @param wanted Unix milliseconds up to which more will be asked for soon
   * @throws ReplaySourceError, UnusableSegmentError, or the abort of {@link cancel}
   */
  async events(stretch: Stretch, position: number, wanted: number): Promise<ReplayEvent[]> {
    const { recordingId } = stretch;
    const { index } = stretch.segments[position]!;
    const parts = await this.#stored(stretch, position, wanted);
    try {
      if (parts === undefined) throw new ContractError('missing', 'segment', 'was not delivered');
      const { header, data } = joinParts(
        parts.map((part) => ({ header: part.header.payload, data: part.payload })),
      );
      return this.#masked(await decodePayload(header, data, DECODE_LIMITS));
    } catch (cause) {
      if (!(cause instanceof ContractError)) throw cause;
      throw new UnusableSegmentError(recordingId, index, cause);
    }
  }

  /**
   * The page before a segment at or before `position`, where the recorded checkpoint lies far back
   * and the source made one for it; playback goes on with segment `nextIndex`.
   */
  async opening(
    stretch: Stretch,
    position: number,
    wanted: number,
  ): Promise<{ events: ReplayEvent[]; nextIndex: number } | undefined> {
    if (!isFarFromCheckpoint(stretch, position)) return undefined;
    let made = this.#made.before(stretch, position);
    if (made === undefined) {
      if (this.#isRefused(stretch.recordingId)) return undefined;
      const fetching = this.#startMaking(stretch, position, wanted);
      while (!fetching.done && fetching.begins === undefined) {
        await new Promise<void>((resolve) => fetching.changed.add(resolve));
      }
      if (fetching.begins === 'made') made = this.#made.before(stretch, position, Infinity);
      else if (fetching.error !== undefined) throw fetching.error;
    }
    const opening = made && (await eventsOfCheckpoint(made));
    return opening && { ...opening, events: this.#masked(opening.events) };
  }

  /**
   * Fetches the segments from the checkpoint before `position` up to it, unless they are there or on
   * their way. What fails is only a hint that was not taken: it will be asked for again.
   */
  async prefetch(stretch: Stretch, position: number, wanted: number): Promise<void> {
    try {
      const made = await this.opening(stretch, position, wanted);
      const from =
        made === undefined
          ? checkpointBefore(stretch, stretch.segments[position]!.firstTimestamp)
          : stretch.segments.findIndex(({ index }) => index === made.nextIndex);
      for (let at = from; at <= position; at++) await this.#stored(stretch, at, wanted);
    } catch {
      // cancelled by a seek, or the connection failed
    }
  }

  /**
   * Stops every request that is under way, except one that brings the segment to keep; waiters of
   * the others get an AbortError.
   */
  cancel(keep?: { recordingId: string; index: number }): void {
    const kept = keep && this.#find(keep.recordingId, keep.index);
    for (const fetching of this.#fetching) {
      if (fetching !== kept) fetching.controller.abort();
    }
  }

  #masked(events: ReplayEvent[]): ReplayEvent[] {
    if (this.#masks === undefined) return events;
    for (const { data } of events) {
      const isTold = typeof data === 'object' && data !== null;
      if (isTold) maskPayload(data as Record<string, unknown>, this.#masks);
    }
    return events;
  }

  async #stored(
    stretch: Stretch,
    position: number,
    wanted: number,
  ): Promise<StoredSegment[] | undefined> {
    const { recordingId } = stretch;
    const { index } = stretch.segments[position]!;
    for (;;) {
      const parts = this.#kept.whole(recordingId, index);
      if (parts !== undefined) return parts;
      const fetching = this.#find(recordingId, index) ?? this.#start(stretch, position, wanted);
      await new Promise<void>((resolve) => fetching.changed.add(resolve));
      if (fetching.error !== undefined) throw fetching.error;
      if (!fetching.done || this.#kept.whole(recordingId, index) !== undefined) continue;
      // What came and is gone again, or was left out by a request that ended early, is asked for anew.
      const isLost = !fetching.came.has(index) && covers(fetching, recordingId, index);
      if (isLost) return undefined;
    }
  }

  #find(recordingId: string, index: number): Fetching | undefined {
    for (const fetching of this.#fetching) {
      if (!fetching.controller.signal.aborted && covers(fetching, recordingId, index))
        return fetching;
    }
    return undefined;
  }

  #startMaking(stretch: Stretch, position: number, wanted: number): Fetching {
    const { index } = stretch.segments[position]!;
    const under = this.#find(stretch.recordingId, index);
    return under?.asksToMake === true ? under : this.#start(stretch, position, wanted, true);
  }

  #start(stretch: Stretch, first: number, wanted: number, asksToMake = false): Fetching {
    const { recordingId } = stretch;
    const asked = stretch.segments.slice(first, this.#endOf(stretch, first, wanted));
    const times = asked.map((segment) => segment.firstTimestamp);
    const fetching: Fetching = {
      recordingId,
      firstIndex: asked[0]!.index,
      lastIndex: asked.at(-1)!.index,
      asksToMake,
      begins: undefined,
      came: new Set(),
      controller: new AbortController(),
      changed: new Set(),
      done: false,
      error: undefined,
    };
    this.#fetching.add(fetching);
    void this.#run(fetching, {
      ...{ sessionId: this.#sessionId, recordingId },
      ...{ from: Math.min(...times), to: Math.max(...times) },
      checkpoints: asksToMake ? 'any' : 'none',
    });
    return fetching;
  }

  /** Position after the last segment to ask for: what is wanted soon, up to what is there. */
  #endOf({ recordingId, segments }: Stretch, first: number, wanted: number): number {
    for (let at = first + 1; at < segments.length; at++) {
      const { index, firstTimestamp } = segments[at]!;
      if (firstTimestamp > wanted || this.#find(recordingId, index) !== undefined) return at;
      if (this.#kept.whole(recordingId, index) !== undefined) return at;
    }
    return segments.length;
  }

  async #run(fetching: Fetching, range: EventRange): Promise<void> {
    const { signal } = fetching.controller;
    try {
      for await (const segment of this.#source.segments(range, signal)) {
        signal.throwIfAborted();
        if (!this.#take(fetching, segment)) break;
        notify(fetching);
      }
    } catch (error) {
      const reason: unknown = signal.aborted && !isAbort(error) ? signal.reason : error;
      fetching.error = reason instanceof Error ? reason : new Error(String(reason));
    } finally {
      fetching.done = true;
      this.#fetching.delete(fetching);
      notify(fetching);
    }
  }

  /** False when the rest of the answer is of no use. */
  #take(fetching: Fetching, segment: StoredSegment): boolean {
    const { recordingId, index, synthetic } = segment.header;
    if (synthetic === true) {
      this.#made.keep(segment);
      fetching.begins ??= 'made';
      // It may have been made for a moment before.
      fetching.firstIndex = Math.min(fetching.firstIndex, index + 1);
      return true;
    }
    fetching.begins ??= 'recorded';
    const isRefused = fetching.asksToMake && fetching.begins === 'recorded';
    if (isRefused && index < fetching.firstIndex) {
      this.#refusedAt.set(recordingId, performance.now());
      if (this.#kept.whole(recordingId, index) !== undefined) {
        // So are those after it, or most: what is missing is asked for by itself.
        fetching.lastIndex = -1;
        return false;
      }
      fetching.firstIndex = index;
    }
    fetching.came.add(index);
    this.#kept.keep(segment);
    return true;
  }

  #isRefused(recordingId: string): boolean {
    const at = this.#refusedAt.get(recordingId);
    return at !== undefined && performance.now() - at < REFUSED_FOR_MS;
  }
}

function covers(fetching: Fetching, recordingId: string, index: number): boolean {
  const { firstIndex, lastIndex } = fetching;
  return fetching.recordingId === recordingId && firstIndex <= index && index <= lastIndex;
}

function notify(fetching: Fetching): void {
  const waiters = [...fetching.changed];
  fetching.changed.clear();
  for (const resolve of waiters) resolve();
}
