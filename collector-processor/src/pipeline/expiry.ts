/** When a session's time is over, and what is left of it in the store. */
import { sessionKey, sessionPrefix, type SessionSummary } from '@otel-replay/protocol';
import type { SessionIndex, Tombstone } from '../index/index.js';
import { traceIdsOf } from '../index/summary.js';
import { tombstoneKey } from '../index/tombstone.js';
import type { Store } from '../store/index.js';

/**
 * Unix milliseconds, processor clock; a pure function of what is stored, so that every instance, and
 * every rebuilt index, comes to the same end. Infinity: never.
 */
export function expiresAt(summary: SessionSummary, defaultKeepForMs: number): number {
  const { decision, lastReceived, lastTimestamp } = summary;
  const keepForMs = decision?.keepForMs ?? defaultKeepForMs;
  // Browsers' clocks are trusted only where there is nothing else.
  const end = lastReceived ?? decision?.keepUntil ?? lastTimestamp;
  return keepForMs === 0 ? Infinity : end + keepForMs;
}

/**
 * Blocks first, `session.json` last: it says how long the session was to be kept, so what a crash
 * leaves is found over again. Idempotent. Throws StoreError.
 */
export async function removeFromStore(store: Store, sessionId: string): Promise<void> {
  const summary = sessionKey(sessionId);
  const keys: string[] = [];
  for await (const { key } of store.list(sessionPrefix(sessionId))) {
    if (key !== summary) keys.push(key);
  }
  await store.delete(keys);
  await store.delete([summary]);
}

/** Makes the index say `expired`. */
export async function markExpired(
  index: SessionIndex,
  sessionId: string,
  now: number,
): Promise<Tombstone> {
  const blocks = (await index.session(sessionId))?.blocks ?? [];
  const tombstone: Tombstone = {
    sessionId,
    reason: 'expired',
    time: now,
    traceIds: [...traceIdsOf(blocks)],
  };
  await index.putTombstone(tombstone);
  return tombstone;
}

/**
 * Rules of the bucket, another instance or a person removed all blocks of the session, and the index
 * does not know: says why, and makes the index say so. Undefined: blocks are left. Throws StoreError.
 */
export async function noticeRemoval(
  { index, store }: { index: SessionIndex; store: Store },
  sessionId: string,
  now: number,
): Promise<Tombstone['reason'] | undefined> {
  for await (const { key } of store.list(sessionPrefix(sessionId))) {
    if (key.endsWith('.block')) return undefined;
  }
  const deleted = await store.get(tombstoneKey(sessionId));
  if (deleted === undefined) return (await markExpired(index, sessionId, now)).reason;
  const tombstone = JSON.parse(new TextDecoder().decode(deleted)) as Tombstone;
  await index.putTombstone(tombstone);
  return tombstone.reason;
}
