/**
 * Takes up what an earlier run left in the journal. Time stood still while nobody ran: arrivals are
 * shifted by the pause, so that the ring goes on where it stopped.
 */
import type { ReplayRecord, SignalHeader } from '@otel-replay/protocol';
import type { TraceLink } from '../coordinate/index.js';
import { reindexSession } from '../index/rebuild.js';
import { IndexUnavailableError, type SessionIndex } from '../index/index.js';
import type { Journal, Position } from '../journal/journal.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { TraceJoin } from '../session/trace-join.js';
import { StoreError, type Store } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Waiting } from './companions.js';
import type { CompanionIntake } from './companion-intake.js';
import {
  journaledCompanion,
  journaledSegment,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from './journaled.js';
import type { IndexDebts } from './index-debts.js';
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Fingerprints } from './prints.js';

export interface RecoverOptions {
  journal: Journal;
  store: Store;
  index: SessionIndex;
  /** What the index could not be told. */
  debts: IndexDebts;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  known: KnownSessions;
  prints: Fingerprints;
  ledger: Ledger;
  companions: CompanionIntake;
  logger: Logger;
  now: number;
  apply(effects: readonly Effect<Journaled>[]): void;
}

type Found = { position: Position } & (
  | Omit<Extract<ReplayRecord, { kind: 'segment' }>, 'payload'>
  | Omit<Extract<ReplayRecord, { kind: 'spans' }>, 'payload'>
  | Omit<Extract<ReplayRecord, { kind: 'signal' }>, 'payload'>
);

/** What other instances may never have been told: the last run may have ended too early. */
export interface Recovered {
  sessionIds: ReadonlySet<string>;
  links: TraceLink[];
  signals: SignalHeader[];
}

export async function recover(o: RecoverOptions): Promise<Recovered> {
  const found: Found[] = [];
  const report = await o.journal.replay((position, { kind, header }) => {
    if (kind !== 'manifest') found.push({ position, kind, header } as Found);
  });
  const sessionIds = new Set(found.map((f) => f.header.sessionId).filter((id) => id !== ''));
  for (const id of sessionIds) await lookUp(o, id);
  for (const id of await takeUpActive(o)) sessionIds.add(id);
  const last = lastReceived(found);
  const pause = last === 0 ? 0 : o.now - last;
  const receivedAt = ({ header }: Found): number => header.receivedTime ?? last;
  // Files of several journals may follow each other, and records may have been moved.
  found.sort((a, b) => receivedAt(a) - receivedAt(b));
  for (const record of found) take(o, record, receivedAt(record) + pause);
  await o.companions.admitWaiting(sessionIds, o.now);
  if (report.records > 0 || report.corruptFiles > 0) {
    o.logger.info('journal of the last run taken up', {
      ...report,
      sessions: sessionIds.size,
      pause_ms: pause,
    });
  }
  return {
    sessionIds,
    links: found.flatMap(({ kind, header }) =>
      kind === 'segment'
        ? header.traceIds.map((traceId) => ({ traceId, sessionId: header.sessionId }))
        : [],
    ),
    signals: found.flatMap(({ kind, header }) => (kind === 'signal' ? [header] : [])),
  };
}

export type LookUpOptions = Pick<
  RecoverOptions,
  'debts' | 'index' | 'known' | 'logger' | 'sessions' | 'store'
>;

/** Sessions that were active when the last run ended, so that they end some time. */
export async function takeUpActive(o: LookUpOptions): Promise<string[]> {
  try {
    const ids = (await o.index.activeSessions()).filter((id) => !o.sessions.has(id));
    for (const id of ids) await lookUp(o, id);
    return ids;
  } catch (error) {
    if (error instanceof IndexUnavailableError) return []; // when it is back
    throw error;
  }
}

/** What cannot be asked now is asked later: nobody waits for index or store to take requests. */
async function lookUp(o: LookUpOptions, sessionId: string): Promise<void> {
  try {
    // A block may have been stored just before the index would have learnt of it.
    if ((await o.index.session(sessionId)) !== undefined) {
      await reindexSession(o.index, o.store, o.logger, sessionId);
    }
  } catch (error) {
    const isAway = error instanceof StoreError ? error.retryable : isUnavailable(error);
    if (!isAway) throw error;
    await o.debts.owe(sessionId);
  }
  await o.known.recall(sessionId);
  // Something may have been on its way to the store when it was erased.
  if (o.known.goneReason(sessionId) !== undefined) await o.debts.owe(sessionId);
}

function isUnavailable(error: unknown): boolean {
  return error instanceof IndexUnavailableError;
}

function take(o: RecoverOptions, record: Found, arrival: number): void {
  const { sessionId } = record.header;
  if (sessionId !== '' && o.known.goneReason(sessionId) !== undefined) {
    o.journal.release([record.position]);
    return;
  }
  switch (record.kind) {
    case 'segment':
      return takeSegment(o, record, arrival);
    case 'spans':
      return takeSpans(o, record, arrival);
    case 'signal':
      if (o.sessions.has(sessionId) && !o.prints.note(sessionId, record.header)) {
        o.journal.release([record.position]);
      } else o.companions.addSignal(record.header, record.position, arrival);
  }
}

function takeSegment(
  o: RecoverOptions,
  { header, position }: Extract<Found, { kind: 'segment' }>,
  arrival: number,
): void {
  const { sessionId, recordingId, index, traceIds } = header;
  if (o.sessions.hasSegment(sessionId, recordingId, index, header.payload.partIndex ?? 0)) {
    o.journal.release([position]); // it was stored; only the note of it is missing
    return;
  }
  o.ledger.recovered();
  for (const traceId of traceIds) o.join.link(traceId, sessionId);
  const held = journaledSegment(header, position, arrival);
  o.apply(o.sessions.addSegment(sessionId, held, header, arrival));
}

function takeSpans(
  o: RecoverOptions,
  { header, position }: Extract<Found, { kind: 'spans' }>,
  arrival: number,
): void {
  const { sessionId } = header;
  for (const traceId of header.traceIds) o.join.link(traceId, sessionId);
  if (!o.sessions.has(sessionId) || !o.prints.note(sessionId, header)) {
    o.journal.release([position]);
    return;
  }
  const held = journaledCompanion({ kind: 'spans', header }, position, arrival);
  o.apply(o.sessions.addCompanion(sessionId, held, arrival));
}

function lastReceived(found: readonly Found[]): number {
  let last = 0;
  for (const { header } of found) last = Math.max(last, header.receivedTime ?? 0);
  return last;
}
