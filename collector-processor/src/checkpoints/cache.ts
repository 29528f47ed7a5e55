/** Synthetic checkpoints that were asked for lately, as many as fit. */
import type { Clock } from '../clock.js';
import type { SyntheticCheckpoint } from './checkpoint.js';

interface Kept extends SyntheticCheckpoint {
  sessionId: string;
  recordingId: string;
  usedAt: number;
}

export interface CheckpointCacheOptions {
  maxBytes: number;
  /** What nobody asked for so long goes. */
  maxAgeMs: number;
  clock: Clock;
}

export class CheckpointCache {
  readonly #o: CheckpointCacheOptions;
  /** Insertion order is that of use. */
  readonly #all = new Set<Kept>();
  #bytes = 0;

  constructor(options: CheckpointCacheOptions) {
    this.#o = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The last one after segment `after` and at or before segment `next`. */
  nearest(
    recording: { sessionId: string; recordingId: string },
    after: number,
    next: number,
  ): SyntheticCheckpoint | undefined {
    let found: Kept | undefined;
    for (const kept of this.#all) {
      const isOwn =
        kept.recordingId === recording.recordingId && kept.sessionId === recording.sessionId;
      if (!isOwn || kept.nextIndex <= after || kept.nextIndex > next) continue;
      if (found === undefined || kept.nextIndex > found.nextIndex) found = kept;
    }
    if (found !== undefined) this.#use(found);
    return found;
  }

  add(sessionId: string, recordingId: string, checkpoint: SyntheticCheckpoint): void {
    const { maxBytes } = this.#o;
    if (checkpoint.record.length > maxBytes / 2) return;
    for (const kept of this.#all) {
      const isSame = kept.recordingId === recordingId && kept.nextIndex === checkpoint.nextIndex;
      if (isSame && kept.sessionId === sessionId) this.#remove(kept);
    }
    this.#bytes += checkpoint.record.length;
    this.#use({ ...checkpoint, sessionId, recordingId, usedAt: 0 });
    for (const oldest of this.#all) {
      if (this.#bytes <= maxBytes) break;
      this.#remove(oldest);
    }
  }

  /** All of a session, which must not be served any more. */
  forget(sessionId: string): void {
    for (const kept of this.#all) if (kept.sessionId === sessionId) this.#remove(kept);
  }

  expire(): void {
    const oldest = this.#o.clock.now() - this.#o.maxAgeMs;
    for (const kept of this.#all) {
      if (kept.usedAt > oldest) break;
      this.#remove(kept);
    }
  }

  clear(): void {
    this.#all.clear();
    this.#bytes = 0;
  }

  #use(kept: Kept): void {
    this.#all.delete(kept);
    kept.usedAt = this.#o.clock.now();
    this.#all.add(kept);
  }

  #remove(kept: Kept): void {
    this.#all.delete(kept);
    this.#bytes -= kept.record.length;
  }
}
