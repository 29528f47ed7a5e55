/** What the replay API needs to read, whoever holds it: store, index and what is still in the journal. */
import type {
  DeleteResult,
  NoReplayReason,
  SessionList,
  SessionManifest,
  TraceLookup,
} from '@otel-replay/protocol';
import type { OtlpContentType } from '../otlp/types.js';

export type Found<T> = { found: true; value: T } | NotFound;

export interface NotFound {
  found: false;
  reason: NoReplayReason;
  /** With `sampled_out`: names of the policies that were asked; none of them wanted it. */
  policies?: readonly string[];
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

export interface ReplayReader {
  findTrace(traceId: string): Promise<Found<TraceLookup>>;
  list(query: SessionQuery): Promise<SessionList>;
  manifest(sessionId: string): Promise<Found<SessionManifest>>;
  /**
   * Encoded `segment` records that cover [from, to] (Unix milliseconds, inclusive), in order,
   * without duplicates, from the checkpoint at or before `from`; `immutable` when no later segment
   * can change the answer.
   */
  events(
    sessionId: string,
    recordingId: string,
    from: number,
    to: number,
  ): Promise<Found<{ immutable: boolean; records: AsyncIterable<Uint8Array> }>>;
  /** The OTLP requests whose spans belong to the session. */
  spans(
    sessionId: string,
  ): Promise<Found<AsyncIterable<{ contentType: OtlpContentType; payload: Uint8Array }>>>;
  /** Also removes what is still buffered; idempotent. */
  deleteSession(sessionId: string): Promise<DeleteResult>;
  /** All sessions of a `user.id` or `user.hash`. */
  deleteUser(user: string): Promise<DeleteResult>;
}
