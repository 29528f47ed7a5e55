/** Where a replay comes from: the replay API or an export file, behind one interface. */
import type {
  LiveCursor,
  LiveEvent,
  NoReplayReason,
  Problem,
  SegmentHeader,
  SessionList,
  SessionManifest,
  SpanList,
  TraceLookup,
} from '@otel-replay/protocol';

/** Filters of the session list; what is absent does not filter. */
export interface SessionQuery {
  /** Unix milliseconds: sessions that overlap [from, to]. */
  from?: number;
  to?: number;
  service?: string;
  /** `user.id` or `user.hash`. */
  user?: string;
  /** Part of any page's URL. */
  url?: string;
  /** Only sessions with errors (true) or without (false). */
  error?: boolean;
  /** 1 to 200. */
  limit?: number;
  cursor?: string;
}

/** A time range of one recording, Unix milliseconds, inclusive. */
export interface EventRange {
  sessionId: string;
  recordingId: string;
  from: number;
  to: number;
  /**
   * `any`: begin at the checkpoint before `from`, also at one that was made for the moment (default);
   * `none`: at the first segment that begins in the range, for those who have what comes before.
   */
  checkpoints?: 'any' | 'none';
}

/** A compressed segment, or one part of it, as it was recorded. */
export interface StoredSegment {
  header: SegmentHeader;
  payload: Uint8Array;
}

export interface LiveRequest {
  sessionId: string;
  /** What is known already. */
  after: LiveCursor;
}

/** All methods throw {@link ReplaySourceError}. */
export interface ReplaySource {
  findTrace(traceId: string, signal?: AbortSignal): Promise<TraceLookup>;
  listSessions(query: SessionQuery, signal?: AbortSignal): Promise<SessionList>;
  manifest(sessionId: string, signal?: AbortSignal): Promise<SessionManifest>;
  spans(sessionId: string, signal?: AbortSignal): Promise<SpanList>;
  /** Yields segments as they arrive; where it starts see {@link EventRange}. */
  segments(range: EventRange, signal?: AbortSignal): AsyncIterable<StoredSegment>;
  /** The session as one file, which `ExportSource` opens; absent where that is not possible. */
  exportFile?(sessionId: string, signal?: AbortSignal): Promise<Blob>;
  /**
   * Tells of a session while it is recorded; absent where that is not possible. Ends when the
   * connection does, to be asked again; without any event when nothing will come any more.
   */
  live?(request: LiveRequest, signal?: AbortSignal): AsyncIterable<LiveEvent>;
}

/**
 * Why a source could not answer.
 * * `unreachable`: no connection, or the answer broke off
 * * `unauthorized`: 401 or 403; a bearer token is needed or was refused
 * * `no_replay`: there is none, and `reason` says why
 * * `bad_request`: the source refused the question
 * * `server`: the source failed
 * * `corrupt`: the answer does not follow the wire contract
 */
export type SourceErrorKind =
  'unreachable' | 'unauthorized' | 'no_replay' | 'bad_request' | 'server' | 'corrupt';

/** A typed failure of a {@link ReplaySource}; `message` says what to do. */
export class ReplaySourceError extends Error {
  override readonly name = 'ReplaySourceError';
  readonly kind: SourceErrorKind;
  /** Only for `no_replay`. */
  readonly reason: NoReplayReason | undefined;
  /** The RFC 9457 document of the answer, where there was one. */
  readonly problem: Problem | undefined;

  constructor(
    kind: SourceErrorKind,
    message: string,
    details: { reason?: NoReplayReason; problem?: Problem; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.kind = kind;
    this.reason = details.reason;
    this.problem = details.problem;
  }
}

/** True for the error of an aborted request, which is no failure. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
