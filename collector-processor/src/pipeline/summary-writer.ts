/** Writes `session.json`: what is known of a session, and what is stored and held of it. */
import { sessionKey, type SessionSummary } from '@otel-replay/protocol';
import type { SessionIndex } from '../index/index.js';
import { summarize } from '../index/summary.js';
import type { Limit } from '../limit.js';
import type { Store } from '../store/index.js';
import type { IndexDebts } from './index-debts.js';
import { liveSources } from './journaled.js';
import type { Retry } from './retry.js';
import type { SessionWriter } from './session-writer.js';
import { storedBlocks } from './stored-blocks.js';

/** What blocks do not say of a session. */
export type SessionFacts = Pick<SessionSummary, 'state' | 'decision' | 'lastReceived'>;

export interface SummaryWriterOptions {
  store: Store;
  index: SessionIndex;
  debts: Pick<IndexDebts, 'tell'>;
  retry: Retry;
  /** What is known of a session that is in memory. */
  facts(sessionId: string): SessionFacts | undefined;
  /** Whether the session was erased, here or elsewhere: then nothing of it is written. */
  isErased(sessionId: string): Promise<boolean>;
  /** Called when it was: to be discarded, but not by whoever is called. */
  onErased(sessionId: string): void;
}

export class SummaryWriter {
  readonly #o: SummaryWriterOptions;
  readonly #limit: Limit;

  /** @param limit of objects written at the same time */
  constructor(options: SummaryWriterOptions, limit: Limit) {
    this.#o = options;
    this.#limit = limit;
  }

  async write(session: SessionWriter, signal: AbortSignal): Promise<void> {
    const { sessionId } = session;
    const { debts, index, retry, store } = this.#o;
    const facts = this.#o.facts(sessionId);
    if (session.deleted.signal.aborted || facts === undefined) return;
    if (await this.#o.isErased(sessionId)) return this.#o.onErased(sessionId);
    const stored = await retry.run('get', () => storedBlocks(index, store, sessionId), signal);
    const sources = [...stored, ...liveSources(sessionId, session.held())];
    const summary = summarize(sessionId, baseSummary(sessionId, facts), sources);
    if (summary === undefined) return;
    const bytes = new TextEncoder().encode(JSON.stringify(summary));
    const key = sessionKey(sessionId);
    await this.#limit(() => retry.run('put', () => store.put(key, bytes), signal));
    if (session.deleted.signal.aborted) return;
    const isTaken = await debts.tell(sessionId, () => index.putSession(summary));
    if (isTaken !== false) return;
    // It was erased elsewhere while this was written.
    this.#o.onErased(sessionId);
    await store.delete([key]);
  }
}

/** What is known when nothing of the session is at hand. */
export function baseSummary(sessionId: string, facts: SessionFacts): SessionSummary {
  return {
    version: 1,
    sessionId,
    firstTimestamp: 0,
    lastTimestamp: 0,
    serviceNames: [],
    urls: [],
    recordingCount: 0,
    segmentCount: 0,
    bytes: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    traceCount: 0,
    ...facts,
  };
}
