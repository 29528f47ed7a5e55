/** Removes sessions everywhere: memory, journal, store, index. A tombstone stays. */
import { sessionPrefix, type DeleteResult } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import {
  IndexUnavailableError,
  type IndexedSession,
  type SessionIndex,
  type Tombstone,
} from '../index/index.js';
import { traceIdsOf } from '../index/summary.js';
import { encodeTombstone, tombstoneKey } from '../index/tombstone.js';
import type { Journal } from '../journal/journal.js';
import type { Sessions } from '../session/sessions.js';
import type { TraceJoin } from '../session/trace-join.js';
import type { Store } from '../store/index.js';
import type { Waiting } from './companions.js';
import {
  liveSources,
  recordingFacts,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from './journaled.js';
import type { IndexDebts } from './index-debts.js';
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Fingerprints } from './prints.js';
import type { BlockWriter } from './writer.js';

export interface ErasureOptions {
  journal: Journal;
  store: Store;
  index: SessionIndex;
  /** What the index could not be told. */
  debts: IndexDebts;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  known: KnownSessions;
  prints: Fingerprints;
  writer: BlockWriter;
  ledger: Ledger;
  clock: Clock;
}

/**
 * Idempotent: a repetition finishes what a crash interrupted. Throws StoreError, and
 * IndexUnavailableError before anything is done.
 * @param options `elsewhere`: it was erased already; here it must not fail for want of the index
 */
export async function eraseSession(
  o: ErasureOptions,
  sessionId: string,
  { elsewhere = false }: { elsewhere?: boolean } = {},
): Promise<DeleteResult> {
  await o.known.recall(sessionId);
  const { before, indexed } = await indexedOf(o, sessionId, elsewhere);
  // From here on nothing of it is taken any more.
  const wasLive = o.sessions.has(sessionId);
  o.known.setGone(sessionId, before?.reason ?? 'deleted');
  const held = await letGo(o, sessionId);
  const traces = traceIdsOf([...(indexed?.blocks ?? []), ...liveSources(sessionId, held)]);
  const tombstone: Tombstone = before ?? {
    sessionId,
    reason: 'deleted',
    time: o.clock.now(),
    traceIds: [...traces],
  };
  const keys: string[] = [];
  for await (const { key } of o.store.list(sessionPrefix(sessionId))) keys.push(key);
  const existed = wasLive || held.length > 0 || indexed !== undefined || keys.length > 0;
  // What does not exist needs no tombstone: else anybody could fill the store with them.
  if (existed && before === undefined) {
    await o.store.put(tombstoneKey(sessionId), encodeTombstone(tombstone));
  }
  if (existed) await putTombstone(o, tombstone);
  else if (!elsewhere) o.known.clearGone(sessionId);
  await o.store.delete(keys);
  await o.journal.flushReleases();
  o.join.forgetSession(sessionId);
  return { deleted: existed && before === undefined ? [sessionId] : [] };
}

async function indexedOf(
  { index }: ErasureOptions,
  sessionId: string,
  mayBeAway: boolean,
): Promise<{ before?: Tombstone | undefined; indexed?: IndexedSession | undefined }> {
  try {
    return {
      before: await index.tombstone(sessionId),
      indexed: await index.session(sessionId),
    };
  } catch (error) {
    if (!mayBeAway || !(error instanceof IndexUnavailableError)) throw error;
    return {};
  }
}

/** Takes a session out of memory and journal; returns what was held of it. */
async function letGo(o: ErasureOptions, sessionId: string): Promise<Journaled[]> {
  const inRing = o.sessions.remove(sessionId);
  const waiting = o.join
    .take(sessionId)
    .flatMap((w) => (w.kind === 'signal' && w.position !== undefined ? [w.position] : []));
  o.prints.forget(sessionId);
  const inWriter = await o.writer.discard(sessionId);
  const held: Journaled[] = [...inRing, ...inWriter];
  o.ledger.dropped(held, 'deleted');
  o.journal.release([...held.map((h) => h.position), ...waiting]);
  return held;
}

/** It is in the store by now, from where the index learns of it when it is back. */
async function putTombstone({ debts, index }: ErasureOptions, tombstone: Tombstone): Promise<void> {
  await debts.tell(tombstone.sessionId, () => index.putTombstone(tombstone));
}

/** What of a session is in no stored block. */
export function heldOf(
  { sessions, writer }: Pick<ErasureOptions, 'sessions' | 'writer'>,
  sessionId: string,
): Journaled[] {
  return [...sessions.held(sessionId), ...writer.held(sessionId)];
}

/** All sessions of a `user.id` or `user.hash`, buffered ones included. */
export async function eraseUser(o: ErasureOptions, user: string): Promise<DeleteResult> {
  const ids = new Set(await o.index.sessionsOfUser(user));
  for (const sessionId of [...o.sessions.ids(), ...o.writer.heldSessions()]) {
    if (heldOf(o, sessionId).some((h) => h.kind === 'segment' && isOf(h, user))) ids.add(sessionId);
  }
  const deleted: string[] = [];
  for (const id of ids) deleted.push(...(await eraseSession(o, id)).deleted);
  return { deleted };
}

function isOf(segment: JournaledSegment, user: string): boolean {
  const facts = recordingFacts(segment);
  return facts.userId === user || facts.userHash === user;
}
