/** Whether a stored session is still to be had: its time may be over, or its objects gone. */
import type { SessionSummary } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import type { IndexedSession, SessionIndex } from '../index/index.js';
import { StoreError, type Store } from '../store/index.js';
import { expiresAt, noticeRemoval } from './expiry.js';
import type { KnownSessions } from './known-sessions.js';

export interface PresenceOptions {
  store: Store;
  index: SessionIndex;
  known: KnownSessions;
  clock: Clock;
  /** Of sessions whose decision does not say how long; 0: for ever. */
  defaultKeepForMs: number;
}

/** How long a look at the store counts. */
const SEEN_FOR_MS = 60_000;
const MAX_SEEN = 10_000;

export class Presence {
  readonly #o: PresenceOptions;
  readonly #seen = new Map<string, number>();

  constructor(options: PresenceOptions) {
    this.#o = options;
  }

  isExpired(summary: SessionSummary): boolean {
    return expiresAt(summary, this.#o.defaultKeepForMs) <= this.#o.clock.now();
  }

  /** True: it is gone, and {@link KnownSessions.goneReason} says why. */
  async isGone({ summary, blocks }: IndexedSession): Promise<boolean> {
    const { clock, known, store } = this.#o;
    const { sessionId } = summary;
    if (this.isExpired(summary)) {
      known.setGone(sessionId, 'expired');
      return true;
    }
    const [first] = blocks;
    const now = clock.now();
    if (first === undefined || now - (this.#seen.get(sessionId) ?? 0) < SEEN_FOR_MS) return false;
    try {
      if ((await store.get(first.key, { start: 0, end: 1 })) === undefined) {
        const reason = await noticeRemoval(this.#o, sessionId, now);
        if (reason !== undefined) {
          known.setGone(sessionId, reason);
          return true;
        }
      }
    } catch (error) {
      // The index can still say what there is; whoever reads the blocks learns what is wrong.
      if (!(error instanceof StoreError)) throw error;
      return false;
    }
    this.#seen.set(sessionId, now);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
    return false;
  }
}
