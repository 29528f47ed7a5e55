/**
 * Lookups by trace, user and time over what the store holds. The store is the truth: an index can
 * be thrown away and rebuilt from a listing (see rebuild.ts). Every implementation passes the
 * contract suite beside this file.
 */
import type { BlockFooter, SessionList, SessionSummary } from '@otel-replay/protocol';
import type { SessionQuery } from '../api/reader.js';

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

export interface SessionIndex {
  /** For logs and metrics: `sqlite` or `postgres`. */
  readonly name: string;
  /** `rebuild`: it is new, or of an older version, or was damaged; fill it from the store. */
  start(): Promise<{ rebuild: boolean }>;
  stop(): Promise<void>;
  /** Notes a block; the same key again replaces it. Resolves when it is committed. */
  putBlock(block: IndexedBlock): Promise<void>;
  /**
   * Forgets blocks that a larger one took the place of; idempotent. What they say must be in other
   * blocks by then.
   */
  removeBlocks(sessionId: string, keys: readonly string[]): Promise<void>;
  /** Notes what `session.json` says. */
  putSession(summary: SessionSummary): Promise<void>;
  /** Removes a session's rows and remembers that it is gone; idempotent. */
  putTombstone(tombstone: Tombstone): Promise<void>;
  /** The rebuild is done. */
  markComplete(): Promise<void>;
  session(sessionId: string): Promise<IndexedSession | undefined>;
  tombstone(sessionId: string): Promise<Tombstone | undefined>;
  sessionsOfTrace(traceId: string): Promise<TraceHit[]>;
  /** By `user.id` or `user.hash`. */
  sessionsOfUser(user: string): Promise<string[]>;
  /** Sessions that had not ended when last heard of. */
  activeSessions(): Promise<string[]>;
  /** Newest first. Throws ContractError `invalid` for a cursor that is none. */
  list(query: SessionQuery): Promise<SessionList>;
}
