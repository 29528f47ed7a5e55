/** What one kept session has waiting for the store, and its order of work. */
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';
import { LivePieces } from './live-pieces.js';
import { OpenBlock } from './open-block.js';

export interface BlockTiming {
  /** One block per recording and interval. */
  flushIntervalMs: number;
  /** The first block of a recording is written so soon, so that the store has a replay early. */
  firstBlockDelayMs: number;
  /** A block that reaches it is written at once. */
  maxBlockBytes: number;
}

/** A block's worth of records, ready to be written. Without segments: an addition to a stored block. */
export type Batch = readonly Journaled[];

export class SessionWriter {
  readonly sessionId: string;
  /** Aborted when the session is deleted. */
  readonly deleted = new AbortController();
  /** Work on the store, one piece after the other. */
  chain: Promise<void> = Promise.resolve();
  /** Of the newest block; additions go there. */
  lastKey: string | undefined;
  /** What readers elsewhere see before its block is written. */
  readonly pieces = new LivePieces();
  readonly #timing: BlockTiming;
  readonly #open = new Map<string, OpenBlock>();
  readonly #begun = new Set<string>();
  #companions: JournaledCompanion[] = [];
  #companionsSince = 0;
  readonly #writing = new Set<Journaled>();

  constructor(sessionId: string, timing: BlockTiming) {
    this.sessionId = sessionId;
    this.#timing = timing;
  }

  /** Everything that is not in a stored and indexed block yet. */
  held(): Journaled[] {
    const open = [...this.#open.values()].flatMap((block) => block.segments);
    return [...this.#writing, ...open, ...this.#companions];
  }

  get isEmpty(): boolean {
    return this.#writing.size === 0 && this.#open.size === 0 && this.#companions.length === 0;
  }

  /** Recordings that were added to since the start. */
  recordings(): ReadonlySet<string> {
    return this.#begun;
  }

  /** Takes a kept record; returns the batches that are complete by it. */
  add(record: Journaled, now: number): Batch[] {
    if (record.kind !== 'segment') {
      if (this.#companions.length === 0) this.#companionsSince = now;
      this.#companions.push(record);
      return [];
    }
    const batches: Batch[] = [];
    const open = this.#open.get(record.recordingId);
    if (open !== undefined && this.#endsBefore(open, record, now)) {
      // Where the next one can start with this checkpoint, nothing is held back.
      batches.push(this.#take(record.recordingId, !startsPlayback(record), now));
    }
    let block = this.#open.get(record.recordingId);
    if (block === undefined) this.#open.set(record.recordingId, (block = new OpenBlock(now)));
    block.add(record);
    return batches;
  }

  /** Batches that are due. */
  due(now: number): Batch[] {
    const batches: Batch[] = [];
    for (const [recordingId, block] of [...this.#open]) {
      const first = !this.#begun.has(recordingId);
      const delay = first ? this.#timing.firstBlockDelayMs : this.#timing.flushIntervalMs;
      if (now - block.openedAt >= delay) batches.push(this.#take(recordingId, !first, now));
    }
    if (
      this.#open.size === 0 &&
      this.#companions.length > 0 &&
      now - this.#companionsSince >= this.#timing.flushIntervalMs
    ) {
      batches.push(this.#takeCompanions(undefined));
    }
    return batches;
  }

  /**
   * What is open and was in no piece yet, a batch per recording. It stays open: a piece is a copy.
   * Recordings without a block get their first one very soon, and none here.
   */
  live(): Batch[] {
    const batches: Batch[] = [];
    for (const [recordingId, block] of this.#open) {
      if (!this.#begun.has(recordingId)) continue;
      const segments = this.pieces.take(block.complete());
      if (segments.length === 0) continue; // what has no segments has no key
      const companions = this.#companions.filter((c) => !this.#staysFor(c, recordingId));
      batches.push([...segments, ...this.pieces.take(companions)]);
    }
    return batches;
  }

  /** Everything, at the session's or the processor's end. */
  all(now: number): Batch[] {
    const batches = [...this.#open.keys()].map((id) => this.#take(id, false, now));
    if (this.#companions.length > 0) batches.push(this.#takeCompanions(undefined));
    return batches;
  }

  /** Records left the journal's custody, or are given up. */
  settled(batch: Batch): void {
    for (const record of batch) this.#writing.delete(record);
  }

  /** Takes out everything, for deletion. */
  clear(): Journaled[] {
    const held = this.held();
    this.#writing.clear();
    this.#open.clear();
    this.#companions = [];
    return held;
  }

  #endsBefore(open: OpenBlock, next: JournaledSegment, now: number): boolean {
    if (open.bytes + next.bytes > this.#timing.maxBlockBytes) return true;
    // A checkpoint late in the interval is the best place to cut.
    const late = now - open.openedAt >= this.#timing.flushIntervalMs * 0.75;
    return late && startsPlayback(next);
  }

  #take(recordingId: string, atCheckpoint: boolean, now: number): Batch {
    const block = this.#open.get(recordingId)!;
    const { done, rest } = atCheckpoint ? block.cut() : { done: block.ordered(), rest: [] };
    if (rest.length === 0) this.#open.delete(recordingId);
    else this.#open.set(recordingId, new OpenBlock(now, rest));
    this.#begun.add(recordingId);
    return this.#mark([...done, ...this.#takeCompanions(recordingId)]);
  }

  /** Those of a page go with its recording while it is open, the others with whatever is next. */
  #takeCompanions(recordingId: string | undefined): Batch {
    const taken = this.#companions.filter((c) => !this.#staysFor(c, recordingId));
    this.#companions = this.#companions.filter((c) => this.#staysFor(c, recordingId));
    return this.#mark(taken);
  }

  #staysFor(c: JournaledCompanion, recordingId: string | undefined): boolean {
    return (
      c.recordingId !== undefined && c.recordingId !== recordingId && this.#open.has(c.recordingId)
    );
  }

  #mark(batch: Journaled[]): Batch {
    for (const record of batch) this.#writing.add(record);
    return batch;
  }
}

function startsPlayback(segment: JournaledSegment): boolean {
  return segment.checkpoint && segment.partIndex === 0;
}
