import type { SegmentHeader } from './segment.js';

/** What a manifest says of one segment without its payload. */
export interface SegmentEntry {
  index: number;
  partIndex?: number;
  partCount?: number;
  /** Starts with Meta + FullSnapshot. */
  checkpoint: boolean;
  firstTimestamp: number;
  lastTimestamp: number;
  eventCount: number;
  /** Compressed and inflated bytes. */
  bytes: number;
  uncompressedBytes: number;
  errorCount: number;
  clickCount: number;
  rageClickCount: number;
  droppedEvents: number;
  /** Traces beyond those that are named; absent: none. */
  droppedTraceIds?: number;
  /** The recording ended with it, as far as the page could tell. */
  final?: true;
  url?: string;
  traceIds: string[];
  /** Receive time minus client send time in milliseconds, where both are known. */
  clockSkewMs?: number;
}

/** The manifest's view of a segment header. */
export function segmentEntry(h: SegmentHeader): SegmentEntry {
  const entry: SegmentEntry = {
    index: h.index,
    checkpoint: h.hasFullSnapshot,
    firstTimestamp: h.firstTimestamp,
    lastTimestamp: h.lastTimestamp,
    eventCount: h.eventCount,
    bytes: h.payload.size,
    uncompressedBytes: h.payload.uncompressedSize,
    errorCount: h.errorCount,
    clickCount: h.clickCount,
    rageClickCount: h.rageClickCount,
    droppedEvents: h.droppedEvents,
    traceIds: h.traceIds,
  };
  if (h.payload.partIndex !== undefined) entry.partIndex = h.payload.partIndex;
  if (h.payload.partCount !== undefined) entry.partCount = h.payload.partCount;
  if (h.droppedTraceIds > 0) entry.droppedTraceIds = h.droppedTraceIds;
  if (h.final === true) entry.final = true;
  if (h.url !== undefined) entry.url = h.url;
  if (h.receivedTime !== undefined && h.clientSendTime !== undefined) {
    entry.clockSkewMs = h.receivedTime - h.clientSendTime;
  }
  return entry;
}
