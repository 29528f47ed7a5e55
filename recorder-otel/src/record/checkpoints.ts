/** When playback may start anew: often enough, and at a price the page does not feel. */

/** A snapshot that took t holds the next one back for this many t. */
const SNAPSHOT_COST_FACTOR = 300;

export interface CheckpointsOptions {
  /** At the latest this long after the last one, if the page has changed since. */
  intervalMs: number;
  /** Has rrweb emit Meta and FullSnapshot before it returns. */
  snapshot: () => void;
}

export interface Checkpoints {
  /** A snapshot is under way: events between are part of it. */
  isTaking(): boolean;
  /** Takes one now. */
  take: () => void;
  /** The next event begins anew. */
  ask(): void;
  /** A snapshot came by. */
  taken(timestamp: number): void;
  /** An event came by: takes the checkpoint that is due. */
  notice(timestamp: number, mutation: boolean): void;
  /** When the last one was taken; 0 before the first. */
  takenAt(): number;
  /** Recording has stopped. */
  reset(): void;
}

export function createCheckpoints({ intervalMs, snapshot }: CheckpointsOptions): Checkpoints {
  let takenAt = 0;
  let snapshotMs = 0;
  let taking = false;
  let changed = false;
  let asked = false;

  function take(): void {
    // Before its first snapshot rrweb takes none on demand.
    if (taking || takenAt === 0) return;
    asked = false;
    taking = true;
    const begin = performance.now();
    snapshot();
    snapshotMs = performance.now() - begin;
    taking = false;
  }

  return {
    isTaking: () => taking,
    take,
    ask: () => void (asked = true),
    taken: (timestamp) => {
      takenAt = timestamp;
      changed = false;
    },
    notice: (timestamp, mutation) => {
      changed ||= mutation;
      const interval = Math.max(intervalMs, snapshotMs * SNAPSHOT_COST_FACTOR);
      // A clock that was set back must not put it off.
      if (asked || (changed && Math.abs(timestamp - takenAt) >= interval)) take();
    },
    takenAt: () => takenAt,
    reset: () => void (takenAt = 0),
  };
}
