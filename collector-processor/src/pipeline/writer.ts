/**
 * Brings kept records from the journal to the store: blocks, and `session.json`. The journal lets
 * go of a record only when its block is stored and indexed.
 */
import { parseBlockKey, sessionPrefix } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import { IndexUnavailableError } from '../index/index.js';
import { createLimit, type Limit } from '../limit.js';
import type { Journal } from '../journal/journal.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Journaled } from './journaled.js';
import type { Ledger, LossReason } from './ledger.js';
import { isPermanent } from './retry.js';
import { SessionWriter, type Batch, type BlockTiming } from './session-writer.js';
import { storedBlocks } from './stored-blocks.js';
import { SummaryWriter, type SummaryWriterOptions } from './summary-writer.js';
import { amendBlock, writeBlock, type WrittenBlock } from './write-block.js';

export interface WriterOptions extends BlockTiming, SummaryWriterOptions {
  journal: Journal;
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Blocks written at the same time. */
  concurrency: number;
}

export class BlockWriter {
  readonly #o: WriterOptions;
  readonly #sessions = new Map<string, SessionWriter>();
  readonly #limit: Limit;
  readonly #summaries: SummaryWriter;
  readonly #stopping = new AbortController();

  constructor(options: WriterOptions) {
    this.#o = options;
    this.#limit = createLimit(options.concurrency);
    this.#summaries = new SummaryWriter(options, this.#limit);
  }

  /** Kept, and in no indexed block yet. */
  held(sessionId: string): Journaled[] {
    return this.#sessions.get(sessionId)?.held() ?? [];
  }

  heldSessions(): string[] {
    return [...this.#sessions].filter(([, s]) => !s.isEmpty).map(([id]) => id);
  }

  keep(sessionId: string, held: readonly Journaled[]): void {
    const session = this.#session(sessionId);
    const now = this.#o.clock.now();
    for (const record of held) {
      for (const batch of session.add(record, now)) this.#enqueue(session, batch);
    }
  }

  /** Writes what is due. */
  tick(now: number): void {
    for (const session of this.#sessions.values()) {
      for (const batch of session.due(now)) this.#enqueue(session, batch);
    }
  }

  /** Writes what is open of a session as pieces, for those who watch it at other instances. */
  showOpen(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.pieces.isBusy) return;
    const batches = session.live();
    if (batches.length === 0) return;
    session.pieces.isBusy = true;
    void this.#then(session, async () => {
      for (const batch of batches) await this.#writePiece(session, batch);
      session.pieces.isBusy = false;
    });
  }

  /** What is stored of a session is kept longer; before `session.json` says so, because it must be. */
  prolong(sessionId: string, keepForMs: number): void {
    const session = this.#session(sessionId);
    const signal = AbortSignal.any([session.deleted.signal, this.#stopping.signal]);
    const { retry, store } = this.#o;
    const prolong = (): Promise<void> => store.prolong(sessionPrefix(sessionId), keepForMs);
    void this.#then(session, () => retry.run('prolong', prolong, signal));
    void this.saveSummary(sessionId);
  }

  /** Writes `session.json`; resolves when it is stored and indexed, or given up. */
  saveSummary(sessionId: string): Promise<void> {
    const session = this.#session(sessionId);
    const signal = AbortSignal.any([session.deleted.signal, this.#stopping.signal]);
    return this.#then(session, () => this.#summaries.write(session, signal));
  }

  /** Writes everything of a session and its last `session.json`. False: not all could be written. */
  async end(sessionId: string): Promise<boolean> {
    const session = this.#session(sessionId);
    for (const batch of session.all(this.#o.clock.now())) this.#enqueue(session, batch);
    await this.saveSummary(sessionId);
    return session.isEmpty;
  }

  forget(sessionId: string): void {
    if (this.#sessions.get(sessionId)?.isEmpty === true) this.#sessions.delete(sessionId);
  }

  /** Takes out what is not stored yet and waits until nothing is being written. */
  async discard(sessionId: string): Promise<Journaled[]> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return [];
    this.#sessions.delete(sessionId);
    session.deleted.abort();
    await session.chain;
    return session.clear();
  }

  /**
   * Writes everything; what the store does not take within the time stays in the journal for the
   * next start.
   */
  async stop(drainTimeoutMs: number): Promise<void> {
    const now = this.#o.clock.now();
    for (const session of this.#sessions.values()) {
      for (const batch of session.all(now)) this.#enqueue(session, batch);
    }
    const timer = setTimeout(() => this.#stopping.abort(), drainTimeoutMs);
    await Promise.all([...this.#sessions.values()].map((s) => s.chain));
    clearTimeout(timer);
    const left = this.heldSessions().length;
    if (left > 0) {
      this.#o.logger.warn('the store did not take all; the rest stays in the journal', {
        sessions: left,
      });
    }
  }

  /** Resolves when all work begun so far is done. */
  async settled(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((s) => s.chain));
  }

  #session(sessionId: string): SessionWriter {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      this.#sessions.set(sessionId, (session = new SessionWriter(sessionId, this.#o)));
    }
    return session;
  }

  #enqueue(session: SessionWriter, batch: Batch): void {
    if (batch.length > 0) void this.#then(session, () => this.#writeBatch(session, batch));
  }

  /** One piece of work after the other per session. */
  #then(session: SessionWriter, work: () => Promise<void>): Promise<void> {
    session.chain = session.chain.then(() =>
      work().catch((error: unknown) => {
        // Nothing is lost: the journal holds it, and the next start takes it up.
        this.#o.logger.error('replay could not be written', {
          session_id: session.sessionId,
          error,
        });
      }),
    );
    return session.chain;
  }

  async #writeBatch(session: SessionWriter, batch: Batch): Promise<void> {
    const signal = AbortSignal.any([session.deleted.signal, this.#stopping.signal]);
    if (signal.aborted) return;
    const { debts, journal, store, index, ledger, retry } = this.#o;
    if (await this.#o.isErased(session.sessionId)) return this.#o.onErased(session.sessionId);
    const hasSegments = batch.some((r) => r.kind === 'segment');
    let replaced: string[] = [];
    try {
      const key = hasSegments ? undefined : await this.#lastKey(session);
      const write = async (): Promise<
        WrittenBlock | { block: undefined; corrupt: Journaled[] } | undefined
      > =>
        hasSegments
          ? writeBlock(journal, store, batch)
          : key === undefined
            ? undefined
            : amendBlock(journal, store, key, batch);
      // Whole blocks are in memory only within the limit; commits of the index are shared.
      const written = await this.#limit(() => retry.run('put', write, signal));
      if (session.deleted.signal.aborted) return; // whoever deletes settles it
      const corrupt = new Set(written?.corrupt ?? []);
      if (written?.block !== undefined) {
        const { block } = written;
        const put = (): Promise<boolean | undefined> =>
          debts.tell(session.sessionId, () => index.putBlock(block));
        const isTaken = await retry.run('index', put, signal);
        if (isTaken === false) return await this.#undo(session, block.key);
        session.lastKey = block.key;
      }
      const stored = written?.block === undefined ? [] : batch.filter((r) => !corrupt.has(r));
      ledger.stored(stored, store.name);
      this.#drop(session, [...corrupt], 'corrupt');
      session.settled(batch);
      journal.release(batch.map((r) => r.position));
      // Where something could not be read back, a piece may be all there is of it.
      if (written?.block !== undefined && corrupt.size === 0) {
        replaced = session.pieces.replacedBy(written.block.key, batch);
      }
    } catch (error) {
      if (signal.aborted || !isPermanent(error)) throw error;
      this.#drop(session, batch, 'store_failed');
      session.settled(batch);
      journal.release(batch.map((r) => r.position));
      throw error;
    }
    await this.#removePieces(session, replaced);
  }

  /** The session was erased elsewhere while this was written. */
  async #undo({ sessionId }: SessionWriter, key: string): Promise<void> {
    this.#o.onErased(sessionId);
    await this.#o.store.delete([key]);
  }

  /** Tried once: what it would show is in the journal, and in the next piece. */
  async #writePiece(session: SessionWriter, batch: Batch): Promise<void> {
    if (session.deleted.signal.aborted || this.#stopping.signal.aborted) return;
    const { journal, store, index, logger, metrics } = this.#o;
    try {
      const { block } = await this.#limit(() => writeBlock(journal, store, batch));
      if (block === undefined) return;
      session.pieces.stored(block.key, batch);
      if (session.deleted.signal.aborted) return; // whoever deletes finds it in the store
      if (!(await index.putBlock(block))) return await store.delete([block.key]);
      metrics.add('otelcol_processor_session_replay_live_blocks', 1);
    } catch (error) {
      session.pieces.failed(batch);
      logger.debug('what is watched could not be shown early; it is tried again', {
        session_id: session.sessionId,
        error,
      });
    }
  }

  /** The index first: what it names can be read. What is left behind is only said twice. */
  async #removePieces(session: SessionWriter, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const signal = AbortSignal.any([session.deleted.signal, this.#stopping.signal]);
    const { store, index, retry } = this.#o;
    try {
      await index.removeBlocks(session.sessionId, keys);
    } catch (error) {
      if (error instanceof IndexUnavailableError) return;
      throw error;
    }
    await retry.run('delete', () => store.delete(keys), signal);
  }

  #drop(session: SessionWriter, records: readonly Journaled[], reason: LossReason): void {
    if (records.length === 0) return;
    this.#o.ledger.dropped(records, reason);
    this.#o.logger.error('replay records are lost', {
      session_id: session.sessionId,
      records: records.length,
      reason,
    });
  }

  async #lastKey(session: SessionWriter): Promise<string | undefined> {
    if (session.lastKey !== undefined) return session.lastKey;
    const { index, journal, store } = this.#o;
    const blocks = await storedBlocks(index, store, session.sessionId);
    // Those of others are theirs to change.
    const { instanceId } = journal;
    return blocks.findLast(({ key }) => parseBlockKey(key)?.instance === instanceId)?.key;
  }
}
