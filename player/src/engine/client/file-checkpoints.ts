/**
 * Checkpoints for a file, which holds only those that were recorded: where one lies far back, what came
 * since is folded, so that a seek does not play it. Those on the way are kept for the next seek.
 */
import {
  ContractError,
  decodePayload,
  joinParts,
  segmentEntry,
  type ReplayEvent,
} from '@otel-replay/protocol';
import {
  checkpointSegment,
  createReducer,
  planFold,
  type Reducer,
} from '@otel-replay/protocol/reduce';
import { MAX_SEGMENT_BYTES } from '../plan/too-large.js';
import type { StoredSegment } from './source.js';

/** A recorded checkpoint that lies farther back costs more than folding. */
const FAR_MS = 60_000;
/** On the way to a moment one is kept every so often. */
const KEPT_EVERY_MS = 5 * 60_000;
const MAX_KEPT = 32;
/** Of what is folded at once, inflated: hours of a busy page. */
const MAX_FOLD_BYTES = 512 * 1024 * 1024;
const DECODE_LIMITS = { maxUncompressedBytes: MAX_SEGMENT_BYTES };

export interface FileCheckpoint {
  made: StoredSegment;
  /** Position of the first segment that is not in it. */
  next: number;
}

export class FileCheckpoints {
  /** The newest last. */
  readonly #kept: StoredSegment[] = [];

  /**
   * For playback from `from` (Unix milliseconds) on; undefined where what was recorded has to do.
   * @param segments of one recording, by index and part
   * @throws the abort
   */
  async before(
    segments: readonly StoredSegment[],
    from: number,
    signal?: AbortSignal,
  ): Promise<FileCheckpoint | undefined> {
    const entries = segments.map(({ header }) => segmentEntry(header));
    const fold = planFold(entries, from, FAR_MS);
    if (fold === undefined) return undefined;
    const near = this.#nearest(segments[fold.start]!, segments[fold.next]!);
    const at = (made: StoredSegment): FileCheckpoint => ({
      made,
      next: segments.findIndex(({ header }) => header.index === made.header.index + 1),
    });
    const wanted = segments[fold.next]!.header.firstTimestamp;
    if (near !== undefined && wanted - near.header.firstTimestamp < FAR_MS) return at(near);
    try {
      const start = near === undefined ? fold.start : at(near).next;
      const reducer = createReducer();
      if (near !== undefined) await apply(reducer, [near]);
      const folded = segments.slice(start, fold.next);
      if (sizeOf(folded) > MAX_FOLD_BYTES) return undefined;
      await this.#fold(reducer, folded, signal);
      const made = await this.#keep(reducer, segments[fold.next]!);
      return made && { made, next: fold.next };
    } catch (cause) {
      // What is damaged, or of a format of which nothing is known, is shown as far as it can be.
      if (cause instanceof ContractError) return undefined;
      throw cause;
    }
  }

  async #fold(
    reducer: Reducer,
    segments: readonly StoredSegment[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let keptAt = segments[0]?.header.firstTimestamp ?? 0;
    let parts: StoredSegment[] = [];
    for (const segment of segments) {
      signal?.throwIfAborted();
      const { firstTimestamp, payload } = segment.header;
      if (parts.length === 0 && firstTimestamp - keptAt >= KEPT_EVERY_MS) {
        keptAt = firstTimestamp;
        await this.#keep(reducer, segment);
      }
      parts.push(segment);
      if (parts.length < (payload.partCount ?? 1)) continue;
      await apply(reducer, parts);
      parts = [];
    }
  }

  /** The page before the segment `next`. */
  async #keep(reducer: Reducer, next: StoredSegment): Promise<StoredSegment | undefined> {
    const { index: nextIndex, firstTimestamp: timestamp } = next.header;
    const events = reducer.snapshotAt(timestamp);
    if (events === undefined) return undefined;
    const made = await checkpointSegment({ like: next.header, nextIndex, timestamp, events });
    this.#kept.push(made);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    return made;
  }

  /** The last that was made of the same recording after `start` and at or before `next`. */
  #nearest(start: StoredSegment, next: StoredSegment): StoredSegment | undefined {
    let found: StoredSegment | undefined;
    for (const made of this.#kept) {
      const { recordingId, index } = made.header;
      if (recordingId !== start.header.recordingId || index < start.header.index) continue;
      if (index < next.header.index && index >= (found?.header.index ?? 0)) found = made;
    }
    return found;
  }
}

function sizeOf(segments: readonly StoredSegment[]): number {
  return segments.reduce((sum, { header }) => sum + header.payload.uncompressedSize, 0);
}

async function apply(reducer: Reducer, parts: readonly StoredSegment[]): Promise<void> {
  const { header, data } = joinParts(
    parts.map((part) => ({ header: part.header.payload, data: part.payload })),
  );
  const events: ReplayEvent[] = await decodePayload(header, data, DECODE_LIMITS);
  for (const event of events.sort((a, b) => a.timestamp - b.timestamp)) reducer.apply(event);
}
