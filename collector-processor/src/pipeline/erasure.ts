/** Removes sessions everywhere: memory, journal, store, index. A tombstone stays. */
import { sessionPrefix, type DeleteResult } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import type { SessionIndex, Tombstone } from '../index/index.js';
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
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Fingerprints } from './prints.js';
import type { BlockWriter } from './writer.js';

export interface ErasureOptions {
  journal: Journal;
  store: Store;
  index: SessionIndex;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  known: KnownSessions;
  prints: Fingerprints;
  writer: BlockWriter;
  ledger: Ledger;
  clock: Clock;
}

/** Idempotent: a repetition finishes what a crash interrupted. Throws StoreError. */
export async function eraseSession(o: ErasureOptions, sessionId: string): Promise<DeleteResult> {
  await o.known.recall(sessionId);
  const before = await o.index.tombstone(sessionId);
  const indexed = await o.index.session(sessionId);
  // From here on nothing of it is taken any more.
  const wasLive = o.sessions.has(sessionId);
  o.known.setGone(sessionId, before?.reason ?? 'deleted');
  const inRing = o.sessions.remove(sessionId);
  const waiting = o.join
    .take(sessionId)
    .flatMap((w) => (w.kind === 'signal' && w.position !== undefined ? [w.position] : []));
  o.prints.forget(sessionId);
  const inWriter = await o.writer.discard(sessionId);
  const held: Journaled[] = [...inRing, ...inWriter];

  const traces = traceIdsOf([...(indexed?.blocks ?? []), ...liveSources(sessionId, held)]);
  o.ledger.dropped(held, 'deleted');
  o.journal.release([...held.map((h) => h.position), ...waiting]);
  const tombstone: Tombstone = before ?? {
    sessionId,
    reason: 'deleted',
    time: o.clock.now(),
    traceIds: [...traces],
  };
  const keys: string[] = [];
  for await (const { key } of o.store.list(sessionPrefix(sessionId))) keys.push(key);
  const existed = wasLive || indexed !== undefined || keys.length > 0;
  // What does not exist needs no tombstone: else anybody could fill the store with them.
  if (existed && before === undefined) {
    await o.store.put(tombstoneKey(sessionId), encodeTombstone(tombstone));
  }
  if (existed) await o.index.putTombstone(tombstone);
  else o.known.clearGone(sessionId);
  await o.store.delete(keys);
  await o.journal.flushReleases();
  o.join.forgetSession(sessionId);
  return { deleted: existed && before === undefined ? [sessionId] : [] };
}

/** All sessions of a `user.id` or `user.hash`, buffered ones included. */
export async function eraseUser(o: ErasureOptions, user: string): Promise<DeleteResult> {
  const ids = new Set(await o.index.sessionsOfUser(user));
  for (const sessionId of [...o.sessions.ids(), ...o.writer.heldSessions()]) {
    const held = [...o.sessions.held(sessionId), ...o.writer.held(sessionId)];
    if (held.some((h) => h.kind === 'segment' && isOf(h, user))) ids.add(sessionId);
  }
  const deleted: string[] = [];
  for (const id of ids) deleted.push(...(await eraseSession(o, id)).deleted);
  return { deleted };
}

function isOf(segment: JournaledSegment, user: string): boolean {
  const facts = recordingFacts(segment);
  return facts.userId === user || facts.userHash === user;
}
