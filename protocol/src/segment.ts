/**
 * A segment: consecutive rrweb events of one recording. The header is what travels as attributes
 * (wire contract, section 2); the payload is the compressed events, as JSON or in columns.
 */
import type { PageEnvironment } from './environment.js';

export type PayloadEncoding = 'gzip' | 'deflate-raw' | 'identity';
/** The formats this package reads and writes; others are stored as they come, but not decoded. */
export type PayloadFormat = 'rrweb' | 'rrweb-columnar';
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
  /** One of {@link PayloadFormat}, or another recorder's, which is stored but not decoded. */
  format: string;
  /** Of the format. */
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
  /** How many slices there are. */
  partCount?: number;
}

export interface SegmentHeader {
  /** The user's visit, across pages and tabs; of the time when the segment opened. */
  sessionId: string;
  /** The session before this one, on the first segment after a change. */
  previousSessionId?: string;
  /** `session_replay.id`: 32 lower-case hex digits, fresh per document. */
  recordingId: string;
  /** From 0 without holes; (recordingId, index, payload.partIndex) is the idempotency key. */
  index: number;
  /** Counts the checkpoints of the recording; 0 = none yet. */
  checkpoint: number;
  /** Starts with Meta + FullSnapshot, so playback can start here. */
  hasFullSnapshot: boolean;
  /** Of the first event: Unix milliseconds, browser clock. */
  firstTimestamp: number;
  /** Of the last event: Unix milliseconds, browser clock. */
  lastTimestamp: number;
  /** rrweb events in the payload. */
  eventCount: number;
  /** The recording ends with this segment; best effort. */
  final?: boolean;
  /** What the browser decided: send all, or hold until a trigger. */
  mode: ReplayMode;
  /** Why the session is worth keeping, on the first segment that says so. */
  trigger?: string;
  /** Share of sessions that the browser samples, 0 to 1. */
  sampleRate?: number;
  /** Lower-case hex trace ids seen in the segment, at most {@link LIMITS.TRACE_IDS}. */
  traceIds: string[];
  /** Traces beyond those that are named. */
  droppedTraceIds: number;
  /** Errors of the page in this segment; of several spans of one trace the first. */
  errorCount: number;
  /** Clicks in this segment. */
  clickCount: number;
  /** Bursts of clicks at one place. */
  rageClickCount: number;
  /** Requests of the page that ended in this segment. */
  requestCount?: number;
  /** Those of them without an answer or with 5xx. */
  failedRequestCount?: number;
  /** Calls of `console.error`, where the recorder was told to notice them. */
  consoleErrorCount?: number;
  /** Clicks after which nothing happened. */
  deadClickCount?: number;
  /** Tasks that kept the page busy for more than 50 ms. */
  longTaskCount?: number;
  /** Events of the page's own. */
  customEventCount?: number;
  /** Events lost since the segment before, whatever the reason. */
  droppedEvents: number;
  /** Unix milliseconds, browser clock, when the request left: skew = receive - send. */
  clientSendTime?: number;
  /** Unix milliseconds, processor clock; set by the processor. */
  receivedTime?: number;
  /** Name of the masking policy. */
  masking?: string;
  /** `browser.document.url.full`, sanitised by the recorder. */
  url?: string;
  /** The site's own opaque id of the user; opt-in. */
  userId?: string;
  /** A hash of it instead. */
  userHash?: string;
  /** `service.name` of the page's Resource; set by the processor. */
  serviceName?: string;
  /** What it was watched with, of segments with a checkpoint; set by the processor. */
  environment?: PageEnvironment;
  /**
   * Not recorded, but made by the processor: a checkpoint with the state after the segment with this
   * index. Only in answers of the replay API; neither sent nor stored.
   */
  synthetic?: true;
  payload: PayloadHeader;
}
