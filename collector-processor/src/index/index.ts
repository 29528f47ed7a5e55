/**
 * Lookups by trace, user and time over what the store holds. The store is the truth: an index can
 * be thrown away and rebuilt from a listing (see rebuild.ts). Every implementation passes the
 * contract suite beside this file.
 */
import type { BlockFooter, SessionList, SessionSummary } from '@otel-replay/protocol';
import { ReadUnavailableError, type SessionQuery } from '../api/reader.js';

export interface IndexedBlock {
  /** In the store. */
  key: string;
  bytes: number;
  footer: BlockFooter;
}

export interface IndexedSession {
  summary: SessionSummary;
  /** In key order. */
  blocks: IndexedBlock[];
}

/** A session that is gone for good: what comes late is not taken, and readers learn why. */
export interface Tombstone {
  sessionId: string;
  reason: 'deleted' | 'expired';
  /** Unix milliseconds. */
  time: number;
  /** So that a look-up by trace can say why there is no replay. */
  traceIds: string[];
}

export interface TraceHit {
  sessionId: string;
  /** Undefined: the session is there. */
  gone?: Tombstone['reason'];
}

/** The index cannot be asked or told now. It comes back by itself; the store is the truth meanwhile. */
export class IndexUnavailableError extends ReadUnavailableError {
  override readonly name = 'IndexUnavailableError';
}

/** What the index held is not there any more: start it again. */
export class IndexLostError extends IndexUnavailableError {}

/** The index refuses us in a way that only another configuration can change. */
export class IndexConfigError extends Error {
  override readonly name = 'IndexConfigError';
}

export interface RebuildOptions {
  /** Also when it is complete. */
  force?: boolean;
  /** Gives up, also the wait for another instance that rebuilds. */
  signal?: AbortSignal;
}

/** Every method but `stop` may throw {@link IndexUnavailableError}. */
export interface SessionIndex {
  /** For logs and metrics: `sqlite` or `postgres`. */
  readonly name: string;
  /**
   * `rebuild`: it is new, or of an older version, or was damaged; {@link rebuild} it from the
   * store. May be called again after it failed. Throws {@link IndexConfigError}.
   */
  start(): Promise<{ rebuild: boolean }>;
  stop(): Promise<void>;
  /**
   * Notes a block; the same key again replaces it. Resolves when it is committed, to false when the
   * session is gone: then the block does not belong in the store either.
   */
  putBlock(block: IndexedBlock): Promise<boolean>;
  /**
   * Forgets blocks that a larger one took the place of; idempotent. What they say must be in other
   * blocks by then.
   */
  removeBlocks(sessionId: string, keys: readonly string[]): Promise<void>;
  /**
   * Notes what `session.json` says; false as in {@link putBlock}.
   * @param options `found`: in the store, which says nothing of who has the session active
   */
  putSession(summary: SessionSummary, options?: { found?: boolean }): Promise<boolean>;
  /** Removes a session's rows and remembers that it is gone; idempotent. */
  putTombstone(tombstone: Tombstone): Promise<void>;
  /**
   * Has an index that is not complete filled with all that is in the store, and drops what is there
   * no more. One instance at a time: the others wait, and need not fill what is complete by then.
   * @param fill stops when its signal is aborted: then another instance may have taken over
   */
  rebuild(fill: (signal: AbortSignal) => Promise<void>, options?: RebuildOptions): Promise<void>;
  session(sessionId: string): Promise<IndexedSession | undefined>;
  tombstone(sessionId: string): Promise<Tombstone | undefined>;
  sessionsOfTrace(traceId: string): Promise<TraceHit[]>;
  /** By `user.id` or `user.hash`. */
  sessionsOfUser(user: string): Promise<string[]>;
  /** Sessions of this instance that had not ended when last heard of. */
  activeSessions(): Promise<string[]>;
  /** Newest first. Throws ContractError `invalid` for a cursor that is none. */
  list(query: SessionQuery): Promise<SessionList>;
}
