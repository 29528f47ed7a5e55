/**
 * The index as everybody else sees it: while it is not ready, calls are refused at once. What is
 * asked of an index that is being filled would be answered wrongly.
 */
import type { SessionList, SessionSummary } from '@otel-replay/protocol';
import type { SessionQuery } from '../api/reader.js';
import {
  IndexLostError,
  IndexUnavailableError,
  type IndexedBlock,
  type IndexedSession,
  type RebuildOptions,
  type SessionIndex,
  type Tombstone,
  type TraceHit,
} from '../index/index.js';

export class GuardedIndex implements SessionIndex {
  readonly name: string;
  readonly #index: SessionIndex;
  readonly #onLost: () => void;
  #isOpen = false;

  /** @param onLost called when the index turns out to be empty all of a sudden; it is closed then */
  constructor(index: SessionIndex, onLost: () => void) {
    this.name = index.name;
    this.#index = index;
    this.#onLost = onLost;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
  }

  start(): Promise<{ rebuild: boolean }> {
    return this.#index.start();
  }

  stop(): Promise<void> {
    this.#isOpen = false;
    return this.#index.stop();
  }

  rebuild(fill: (signal: AbortSignal) => Promise<void>, options?: RebuildOptions): Promise<void> {
    return this.#index.rebuild(fill, options);
  }

  putBlock(block: IndexedBlock): Promise<boolean> {
    return this.#ask((index) => index.putBlock(block));
  }

  removeBlocks(sessionId: string, keys: readonly string[]): Promise<void> {
    return this.#ask((index) => index.removeBlocks(sessionId, keys));
  }

  putSession(summary: SessionSummary, options?: { found?: boolean }): Promise<boolean> {
    return this.#ask((index) => index.putSession(summary, options));
  }

  putTombstone(tombstone: Tombstone): Promise<void> {
    return this.#ask((index) => index.putTombstone(tombstone));
  }

  session(sessionId: string): Promise<IndexedSession | undefined> {
    return this.#ask((index) => index.session(sessionId));
  }

  tombstone(sessionId: string): Promise<Tombstone | undefined> {
    return this.#ask((index) => index.tombstone(sessionId));
  }

  sessionsOfTrace(traceId: string): Promise<TraceHit[]> {
    return this.#ask((index) => index.sessionsOfTrace(traceId));
  }

  sessionsOfUser(user: string): Promise<string[]> {
    return this.#ask((index) => index.sessionsOfUser(user));
  }

  activeSessions(): Promise<string[]> {
    return this.#ask((index) => index.activeSessions());
  }

  list(query: SessionQuery): Promise<SessionList> {
    return this.#ask((index) => index.list(query));
  }

  async #ask<T>(work: (index: SessionIndex) => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new IndexUnavailableError('the index is not ready yet');
    try {
      return await work(this.#index);
    } catch (error) {
      if (error instanceof IndexLostError && this.#isOpen) {
        this.#isOpen = false;
        this.#onLost();
      }
      throw error;
    }
  }
}
