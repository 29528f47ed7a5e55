/** What the replay API needs to read, whoever holds it: store, index and what is still in the journal. */
import type {
  Decision,
  DeleteResult,
  NoReplayReason,
  PageEnvironment,
  SegmentEntry,
  SessionList,
  SessionManifest,
  Signal,
  TraceLookup,
  Veto,
} from '@otel-replay/protocol';
import type { OtlpContentType } from '../otlp/types.js';

export type Found<T> = { found: true; value: T } | NotFound;

export interface NotFound {
  found: false;
  reason: NoReplayReason;
  /** With `sampled_out`: names of the policies that were asked; none of them wanted it. */
  policies?: readonly string[];
  /** With `sampled_out`: the `drop` policy that prevented that it was kept. */
  droppedBy?: Veto;
  /** With `shed`: the configuration key that was too small for the load. */
  limit?: string;
}

/** Nothing can be looked up now; it comes back by itself. Answered with 503 and `Retry-After`. */
export class ReadUnavailableError extends Error {
  /** Seconds. */
  readonly retryAfterSeconds = 5;
}

export interface SessionQuery {
  /** Unix milliseconds; sessions that overlap [from, to]. */
  from?: number;
  to?: number;
  service?: string;
  user?: string;
  /** Part of any page's URL. */
  url?: string;
  /** Only sessions with (true) or without (false) errors. */
  error?: boolean;
  /** 1 .. 200. */
  limit: number;
  cursor?: string;
}

/** A session as it is now. */
export interface LiveView {
  /** `buffering`: nobody decided to keep it; then there are no recordings. */
  state: 'buffering' | 'active' | 'ended';
  decision?: Decision;
  recordings: {
    recordingId: string;
    serviceName?: string;
    environment?: PageEnvironment;
    segments: SegmentEntry[];
  }[];
  signals: Signal[];
  /** Requests with spans. */
  spansCount: number;
}

/**
 * Where an answer begins:
 * * `any`: at the checkpoint before `from`, which may be one that was made (default)
 * * `recorded`: at the checkpoint before `from` that was recorded
 * * `none`: at the first segment that begins in the range, for those who have what comes before
 */
export type CheckpointChoice = 'any' | 'recorded' | 'none';

/** Unix milliseconds, inclusive. */
export interface EventRange {
  from: number;
  to: number;
  checkpoints?: CheckpointChoice;
}

export interface EventRecords {
  /** The answer will always be the same. */
  immutable: boolean;
  /** Encoded `segment` records. */
  records: AsyncIterable<Uint8Array>;
}

export interface ReplayReader {
  findTrace(traceId: string): Promise<Found<TraceLookup>>;
  list(query: SessionQuery): Promise<SessionList>;
  manifest(sessionId: string): Promise<Found<SessionManifest>>;
  /**
   * Segments in order, without duplicates, from the checkpoint at or before `from`. Where that lies
   * far back, a synthetic one may take its place: a record for itself, before the others. See
   * {@link CheckpointChoice}.
   */
  events(sessionId: string, recordingId: string, range: EventRange): Promise<Found<EventRecords>>;
  /** The OTLP requests whose spans belong to the session. */
  spans(
    sessionId: string,
  ): Promise<Found<AsyncIterable<{ contentType: OtlpContentType; payload: Uint8Array }>>>;
  /** What {@link watch}ers see of a session. Also for one that nobody decided about. */
  live(sessionId: string): Promise<Found<LiveView>>;
  /** Somebody looks at the session: to be repeated within 10 s, while they do. */
  watch(sessionId: string): Promise<void>;
  /** Also removes what is still buffered; idempotent. */
  deleteSession(sessionId: string): Promise<DeleteResult>;
  /** All sessions of a `user.id` or `user.hash`. */
  deleteUser(user: string): Promise<DeleteResult>;
}
