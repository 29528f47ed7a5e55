/** Types of the replay API (wire contract, section 5): JSON bodies, times in Unix milliseconds. */
import type { SegmentEntry } from './entry.js';
import type { PageEnvironment } from './environment.js';

/** Media types of the two binary answers. */
export const MEDIA_TYPE = {
  /** `/events`: a stream of `segment` records. */
  SEGMENTS: 'application/x-session-replay-segments',
  /** `/export`: a `manifest` record, then `segment`, `spans` and `signal` records. */
  EXPORT: 'application/x-session-replay',
} as const;

/** Anything that can trigger keeping a session. */
export interface Signal {
  kind:
    | 'error_span'
    | 'exception'
    | 'exception_log'
    | 'http_5xx'
    | 'failed_fetch'
    | 'slow_span'
    /** A span with an attribute that a policy asks for. */
    | 'attribute'
    | 'rage_click'
    | 'manual';
  /** Clock of whoever reported it. */
  timestamp: number;
  traceId?: string;
  spanId?: string;
  serviceName?: string;
  /** Span name, exception type or log body, shortened. */
  name?: string;
  message?: string;
  /** From the browser or from a backend; they may have different clocks. */
  origin: 'browser' | 'backend';
  /** `http.response.status_code` of the span or record, where it has one. */
  httpStatusCode?: number;
  /** Of the span; absent for log records and where the sender did not say. */
  spanKind?: Exclude<SpanInfo['kind'], 'unspecified'>;
  /** Of a `slow_span`. */
  durationMs?: number;
  /** Of an `attribute` signal: what was asked for; a text may be shortened. */
  attribute?: { key: string; value: string | number };
}

/** Why a session is kept. */
export interface Decision {
  policy: string;
  reason: string;
  /** When it was first decided, and until when segments are kept; both processor clock. */
  decidedAt: number;
  keepUntil: number;
  traceId?: string;
  /** Of the trigger, where it was a span. */
  spanId?: string;
  /** In a dry run, where everything is kept: what would have been. */
  dryRun?: DryRunOutcome;
  /**
   * How long the replay is kept from the session's end, by the longest of the policies that wanted
   * it; 0: for ever; absent: as the processor's default says.
   */
  keepForMs?: number;
}

/** What policies would have done with a session that is kept because of a dry run. */
export interface DryRunOutcome {
  /** False: by now it would have been sampled out. */
  kept: boolean;
  /** That would have kept it, or the `drop` policy that prevented it; absent: none wanted it. */
  policy?: string;
  reason: string;
  /** Processor clock. */
  decidedAt: number;
  /** Of the trigger that would have kept it. */
  traceId?: string;
  spanId?: string;
}

/** Why a session was not kept, where a policy prevented it. */
export interface Veto {
  /** Name of the `drop` policy. */
  policy: string;
  reason: string;
}

/** A line of the session list, and `session.json` in the store. */
export interface SessionSummary {
  version: 1;
  sessionId: string;
  previousSessionId?: string;
  firstTimestamp: number;
  lastTimestamp: number;
  /** `active` while segments still come. */
  state: 'active' | 'ended';
  serviceNames: string[];
  userId?: string;
  userHash?: string;
  /** Pages in order of first visit. */
  urls: string[];
  recordingCount: number;
  segmentCount: number;
  /** Compressed bytes of all segments. */
  bytes: number;
  errorCount: number;
  clickCount: number;
  rageClickCount: number;
  traceCount: number;
  masking?: string;
  decision?: Decision;
  /** When its newest segment came, processor clock; in `session.json`. */
  lastReceived?: number;
}

export interface SessionList {
  sessions: SessionSummary[];
  /** Pass as `cursor` for the next page; absent on the last. */
  nextCursor?: string;
}

export interface Gap {
  firstIndex: number;
  lastIndex: number;
  from: number;
  to: number;
}

export interface BlockRef {
  /** Key in the store, without the store's prefix. */
  key: string;
  firstIndex: number;
  lastIndex: number;
  firstTimestamp: number;
  lastTimestamp: number;
  checkpoint: boolean;
  bytes: number;
}

/** The recording of one document in one tab. */
export interface RecordingManifest {
  recordingId: string;
  firstTimestamp: number;
  lastTimestamp: number;
  serviceName?: string;
  masking?: string;
  /** Of its newest checkpoint; absent where it was not told, or stored before it was kept. */
  environment?: PageEnvironment;
  /** In order, without duplicates. */
  segments: SegmentEntry[];
  /** Times at which playback can start. */
  checkpoints: number[];
  /** Holes in the numbering; playback resumes at the next checkpoint. */
  gaps: Gap[];
  blocks: BlockRef[];
  /** Median of receive time minus client send time; 0 when unknown. */
  clockSkewMs: number;
}

export interface TraceRef {
  traceId: string;
  recordingId: string;
  /** Of the first segment that names it, or of its spans where they are known. */
  timestamp: number;
}

export interface SessionManifest extends SessionSummary {
  recordings: RecordingManifest[];
  traces: TraceRef[];
  signals: Signal[];
}

export interface TraceLookup {
  traceId: string;
  sessions: {
    sessionId: string;
    recordingId: string;
    /** Where to start: the moment the trace began. */
    timestamp: number;
    firstTimestamp: number;
    lastTimestamp: number;
  }[];
}

export interface SpanEventInfo {
  name: string;
  timestamp: number;
  attributes: Record<string, SpanAttributeValue>;
}

export type SpanAttributeValue = string | number | boolean | SpanAttributeValue[] | null;

/** A span as the time line needs it. Times are milliseconds with fractions. */
export interface SpanInfo {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  serviceName: string;
  startTime: number;
  endTime: number;
  status: 'unset' | 'ok' | 'error';
  statusMessage?: string;
  attributes: Record<string, SpanAttributeValue>;
  events: SpanEventInfo[];
  /** `browser` when the span carries this session's id or its Resource is a browser's. */
  origin: 'browser' | 'backend';
}

export interface SpanList {
  spans: SpanInfo[];
}

export type NoReplayReason =
  'never_recorded' | 'sampled_out' | 'shed' | 'expired' | 'deleted' | 'not_yet';

/** RFC 9457. `reason` on 404 answers of the replay API. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** What was wrong and what to do. */
  detail: string;
  reason?: NoReplayReason;
  /** With `sampled_out`: names of the policies that were asked; none of them wanted it. */
  policies?: readonly string[];
  /** With `sampled_out`: the `drop` policy that prevented that it was kept. */
  droppedBy?: Veto;
  /** With `shed`: the key of the processor's configuration that was too small for the load. */
  limit?: string;
}

export interface DeleteResult {
  /** Ids of the sessions removed; empty when there was nothing (deletion is idempotent). */
  deleted: string[];
}
