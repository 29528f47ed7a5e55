/** Synthetic checkpoints that the processor put before segments: the newest few, as they came. */
import {
  ContractError,
  decodePayload,
  type ReplayEvent,
  type SegmentEntry,
} from '@otel-replay/protocol';
import type { StoredSegment } from '../client/source.js';
import { checkpointBefore, type Stretch } from './stretches.js';

/** A recorded checkpoint that lies farther back costs more than one that is made for the moment. */
const FAR_MS = 60_000;
const MAX_KEPT = 16;

export class MadeCheckpoints {
  readonly #kept = new Map<string, StoredSegment>();

  keep(segment: StoredSegment): void {
    const { recordingId, index } = segment.header;
    const key = `${recordingId}/${index}`;
    this.#kept.delete(key);
    this.#kept.set(key, { header: segment.header, payload: segment.payload.slice() });
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** The nearest one with which the segment at `position` can be shown, at most so far back. */
  before(stretch: Stretch, position: number, maxMs = FAR_MS): StoredSegment | undefined {
    const wanted = stretch.segments[position]!;
    const recorded = recordedBefore(stretch, position);
    let found: StoredSegment | undefined;
    for (const made of this.#kept.values()) {
      const { recordingId, index, firstTimestamp } = made.header;
      if (recordingId !== stretch.recordingId || index < recorded.index) continue;
      if (index >= wanted.index || wanted.firstTimestamp - firstTimestamp > maxMs) continue;
      if (found === undefined || index > found.header.index) found = made;
    }
    return found;
  }
}

export function isFarFromCheckpoint(stretch: Stretch, position: number): boolean {
  const { firstTimestamp } = stretch.segments[position]!;
  return firstTimestamp - recordedBefore(stretch, position).firstTimestamp > FAR_MS;
}

/** Undefined for one that cannot be read: what was recorded can. */
export async function eventsOfCheckpoint(
  made: StoredSegment,
): Promise<{ events: ReplayEvent[]; nextIndex: number } | undefined> {
  try {
    const events = await decodePayload(made.header.payload, made.payload);
    return { events, nextIndex: made.header.index + 1 };
  } catch (cause) {
    if (!(cause instanceof ContractError)) throw cause;
    return undefined;
  }
}

function recordedBefore(stretch: Stretch, position: number): SegmentEntry {
  const { firstTimestamp } = stretch.segments[position]!;
  return stretch.segments[checkpointBefore(stretch, firstTimestamp)]!;
}
