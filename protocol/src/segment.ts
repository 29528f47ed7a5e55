/**
 * A segment: consecutive rrweb events of one recording. The header is what travels as attributes
 * (wire contract, section 2); the payload is the compressed UTF-8 JSON array of the events.
 */
export type PayloadEncoding = 'gzip' | 'deflate-raw' | 'identity';
export type ReplayMode = 'stream' | 'buffer';

/** One rrweb event as this contract needs to see it (rrweb `eventWithTime`); `data` is rrweb's own. */
export interface ReplayEvent {
  /** rrweb `EventType`: 2 full snapshot, 3 incremental, 4 meta, 5 custom, 6 plugin. */
  type: number;
  /** Unix milliseconds, browser clock. */
  timestamp: number;
  data?: unknown;
}

export interface PayloadHeader {
  /** `gzip`, `deflate-raw` or `identity`, with `;dict=<id>` where a dictionary is needed. */
  encoding: string;
  /** `rrweb` here; other recorders may send other formats, which are stored but not decoded. */
  format: string;
  formatVersion: string;
  /** Bytes of the payload as sent (of this part, if it is one). */
  size: number;
  /** Bytes of the whole payload inflated. */
  uncompressedSize: number;
  /** Eight lower-case hex digits, of the bytes as sent. */
  crc32c?: string;
  /** Lower-case hex, of the bytes as sent. */
  sha256?: string;
  /** Only for a payload that is larger than a segment may be: which slice of the compressed bytes. */
  partIndex?: number;
  partCount?: number;
}

export interface SegmentHeader {
  sessionId: string;
  previousSessionId?: string;
  /** `session_replay.id`: 32 lower-case hex digits, fresh per document. */
  recordingId: string;
  /** From 0 without holes; (recordingId, index, payload.partIndex) is the idempotency key. */
  index: number;
  /** Counts the checkpoints of the recording; 0 = none yet. */
  checkpoint: number;
  /** Starts with Meta + FullSnapshot, so playback can start here. */
  hasFullSnapshot: boolean;
  /** Unix milliseconds, browser clock. */
  firstTimestamp: number;
  lastTimestamp: number;
  eventCount: number;
  final?: boolean;
  mode: ReplayMode;
  trigger?: string;
  sampleRate?: number;
  /** Lower-case hex trace ids seen in the segment, at most {@link LIMITS.TRACE_IDS}. */
  traceIds: string[];
  droppedTraceIds: number;
  errorCount: number;
  clickCount: number;
  rageClickCount: number;
  droppedEvents: number;
  /** Unix milliseconds, browser clock, when the request left: skew = receive - send. */
  clientSendTime?: number;
  /** Unix milliseconds, processor clock; set by the processor. */
  receivedTime?: number;
  /** Name of the masking policy. */
  masking?: string;
  /** `browser.document.url.full`, sanitised by the recorder. */
  url?: string;
  userId?: string;
  userHash?: string;
  /** `service.name` of the page's Resource; set by the processor. */
  serviceName?: string;
  payload: PayloadHeader;
}
