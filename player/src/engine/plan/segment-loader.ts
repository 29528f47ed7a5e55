/**
 * Fetches compressed segments, keeps a bounded number of bytes of them, and decodes on demand.
 * Requests start at checkpoints, because that is where the API starts anyway: the same questions
 * are asked again and again, so the HTTP cache can answer them.
 */
import { ContractError, decodePayload, joinParts, type ReplayEvent } from '@otel-replay/protocol';
import { isAbort, type ReplaySource, type StoredSegment } from '../client/source.js';
import type { Masks } from '../mask/rules.js';
import { maskPayload } from '../mask/values.js';
import { eventsOfCheckpoint, isFarFromCheckpoint, MadeCheckpoints } from './made-checkpoints.js';
import { checkpointBefore, type Stretch } from './stretches.js';

/** A request takes all up to the next checkpoint if that is at most this many compressed bytes. */
const WHOLE_GROUP_BYTES = 1024 * 1024;

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

  constructor(recordingId: string, index: number, cause: unknown) {
    super(`segment ${index} of recording ${recordingId} cannot be read: ${String(cause)}`, {
      cause,
    });
    this.recordingId = recordingId;
    this.index = index;
    this.isMissing = cause instanceof ContractError && cause.code === 'missing';
  }
}

interface Fetching {
  recordingId: string;
  firstIndex: number;
  lastIndex: number;
  /** It asks for the moment itself, not for the recorded checkpoint before it. */
  isFar: boolean;
  controller: AbortController;
  /** Settles waiters when something arrived or the request ended. */
  changed: Set<() => void>;
  done: boolean;
  error: Error | undefined;
}

export class SegmentLoader {
  readonly #source: ReplaySource;
  readonly #sessionId: string;
  readonly #maxCacheBytes: number;
  readonly #masks: Masks | undefined;
  /** Insertion order is age, for eviction. */
  readonly #cache = new Map<string, StoredSegment[]>();
  #cacheBytes = 0;
  readonly #fetching = new Set<Fetching>();
  readonly #made = new MadeCheckpoints();
  /** The source gave what was recorded although that lay far back: it makes no checkpoints. */
  #makesNone = false;

  constructor(options: SegmentLoaderOptions) {
    this.#source = options.source;
    this.#sessionId = options.sessionId;
    this.#maxCacheBytes = options.maxCacheBytes ?? 32 * 1024 * 1024;
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
      return this.#masked(await decodePayload(header, data));
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
    if (this.#makesNone || !isFarFromCheckpoint(stretch, position)) return undefined;
    if (this.#made.before(stretch, position) === undefined) {
      const fetching = this.#start(stretch, position, wanted);
      while (!fetching.done && this.#made.before(stretch, position) === undefined) {
        if (this.#makesNone) return undefined;
        await new Promise<void>((resolve) => fetching.changed.add(resolve));
      }
      if (fetching.error !== undefined) throw fetching.error;
    }
    const made = this.#made.before(stretch, position);
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
    const key = `${recordingId}/${index}`;
    for (;;) {
      const parts = this.#cache.get(key);
      if (parts !== undefined && isWhole(parts)) return parts;
      const fetching = this.#find(recordingId, index) ?? this.#start(stretch, position, wanted);
      await new Promise<void>((resolve) => fetching.changed.add(resolve));
      if (fetching.error !== undefined) throw fetching.error;
      if (fetching.done && !isWhole(this.#cache.get(key) ?? [])) return undefined;
    }
  }

  #find(recordingId: string, index: number): Fetching | undefined {
    for (const f of this.#fetching) {
      if (f.controller.signal.aborted || f.recordingId !== recordingId) continue;
      if (f.firstIndex <= index && index <= f.lastIndex) return f;
    }
    return undefined;
  }

  #start(stretch: Stretch, position: number, wanted: number): Fetching {
    const { recordingId, segments } = stretch;
    const isFar = !this.#makesNone && isFarFromCheckpoint(stretch, position);
    const checkpoint = checkpointBefore(stretch, segments[position]!.firstTimestamp);
    const first = isFar ? position : checkpoint;
    const last = requestEnd(stretch, first, position, wanted);
    const from = segments[first]!.firstTimestamp;
    const to = Math.max(...segments.slice(first, last + 1).map((s) => s.lastTimestamp));
    const fetching: Fetching = {
      recordingId,
      firstIndex: segments[position]!.index,
      lastIndex: segments[last]!.index,
      isFar,
      controller: new AbortController(),
      changed: new Set(),
      done: false,
      error: undefined,
    };
    this.#fetching.add(fetching);
    void this.#run(fetching, { sessionId: this.#sessionId, recordingId, from, to });
    return fetching;
  }

  async #run(fetching: Fetching, range: Parameters<ReplaySource['segments']>[0]): Promise<void> {
    const { signal } = fetching.controller;
    let isFirst = true;
    try {
      for await (const segment of this.#source.segments(range, signal)) {
        signal.throwIfAborted();
        if (segment.header.synthetic === true) this.#made.keep(segment);
        else this.#keep(segment);
        // What was recorded since long before came first.
        const isEarly = segment.header.index < fetching.firstIndex;
        if (fetching.isFar && isFirst && isEarly && segment.header.synthetic !== true) {
          this.#makesNone = true;
          fetching.firstIndex = segment.header.index;
        }
        isFirst = false;
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

  #keep(segment: StoredSegment): void {
    const { recordingId, index, payload } = segment.header;
    const key = `${recordingId}/${index}`;
    const parts = this.#cache.get(key) ?? [];
    const partIndex = payload.partIndex ?? 0;
    if (parts.some((part) => (part.header.payload.partIndex ?? 0) === partIndex)) return;
    // A copy, so that a small segment does not keep a whole network chunk alive.
    parts.push({ header: segment.header, payload: segment.payload.slice() });
    this.#cache.set(key, parts);
    this.#cacheBytes += segment.payload.length;
    for (const [oldest, old] of this.#cache) {
      if (this.#cacheBytes <= this.#maxCacheBytes || oldest === key) break;
      this.#cache.delete(oldest);
      for (const part of old) this.#cacheBytes -= part.payload.length;
    }
  }
}

/** Position of the last segment to ask for: up to the next checkpoint, but not without bound. */
function requestEnd(stretch: Stretch, first: number, needed: number, wanted: number): number {
  const { segments } = stretch;
  let bytes = 0;
  let last = first;
  for (let at = first; at < segments.length; at++) {
    const segment = segments[at]!;
    if (at > first && segment.checkpoint && at > needed) break;
    bytes += segment.bytes;
    // Without checkpoints each request repeats the start, so each goes twice as far as needed.
    const soon = segment.firstTimestamp <= wanted || at < first + 2 * (needed - first);
    if (at > needed && bytes > WHOLE_GROUP_BYTES && !soon) break;
    last = at;
  }
  return last;
}

function isWhole(parts: readonly StoredSegment[]): boolean {
  const first = parts[0];
  return first !== undefined && parts.length >= (first.header.payload.partCount ?? 1);
}

function notify(fetching: Fetching): void {
  const waiters = [...fetching.changed];
  fetching.changed.clear();
  for (const resolve of waiters) resolve();
}
