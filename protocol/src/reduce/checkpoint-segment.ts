/** A checkpoint that was not recorded, in the shape of a segment (wire contract, section 5). */
import { encodePayload } from '../payload.js';
import type { ReplayEvent, SegmentHeader } from '../segment.js';

export interface CheckpointOptions {
  /** A segment of the recording, for what is the same in all of them. */
  like: SegmentHeader;
  /** Of the first segment that is not in it. */
  nextIndex: number;
  /** That segment's first moment, Unix milliseconds. */
  timestamp: number;
  /** What the page is then, as of {@link Reducer.snapshotAt}. */
  events: readonly ReplayEvent[];
}

/** Marked as synthetic, in the format of the recording: whoever reads that reads this. */
export async function checkpointSegment({
  like,
  nextIndex,
  timestamp,
  events,
}: CheckpointOptions): Promise<{ header: SegmentHeader; payload: Uint8Array }> {
  const format = like.payload.format === 'rrweb-columnar' ? 'rrweb-columnar' : 'rrweb';
  const { header: payload, data } = await encodePayload(events, 'deflate-raw', format);
  const { sessionId, recordingId, checkpoint, mode, masking, url } = like;
  const counts = { errorCount: 0, clickCount: 0, rageClickCount: 0, droppedEvents: 0 };
  const header: SegmentHeader = {
    ...{ sessionId, recordingId, index: nextIndex - 1, checkpoint, hasFullSnapshot: true },
    ...{ firstTimestamp: timestamp, lastTimestamp: timestamp, eventCount: events.length },
    ...{ mode, traceIds: [], droppedTraceIds: 0, ...counts },
    ...(masking === undefined ? {} : { masking }),
    ...(url === undefined ? {} : { url }),
    synthetic: true,
    payload,
  };
  return { header, payload: data };
}
