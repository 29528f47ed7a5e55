/** When playback may start anew: often enough, and at a price the page does not feel. */
import { FULL_SNAPSHOT, type RrwebEvent } from '../shared.js';

/** A snapshot that took t holds the next one back for this many t. */
const SNAPSHOT_COST_FACTOR = 300;

/** What the next checkpoint waits for. */
export interface Pace {
  /** It is taken at the latest this long after the last one. */
  intervalMs: number;
  /** Where the last one lies, if not where it was taken. */
  from?: number;
  /** Whether there is a reason for one; default: the page has changed since. */
  needed?: boolean;
}

export interface CheckpointsOptions {
  pace: () => Pace;
  /** Has rrweb emit Meta and FullSnapshot before it returns. */
  snapshot: () => void;
}

export interface Checkpoints {
  /** A snapshot is under way: events between are part of it. */
  isTaking(): boolean;
  /** Takes one now; the page has not changed since `asOf`. */
  take: (asOf?: number) => void;
  /** Unix milliseconds; undefined: nothing asks for one. */
  dueAt(): number | undefined;
  /** The next event begins anew. */
  ask: () => void;
  /** Meta or FullSnapshot came by: says of when it is. */
  taken(event: RrwebEvent): void;
  /** An event came by: takes the checkpoint that is due. */
  notice(timestamp: number, mutation: boolean): void;
  /** When the last one was taken; 0 before the first. */
  takenAt(): number;
  /** Recording has stopped. */
  reset(): void;
}

export function createCheckpoints({ pace, snapshot }: CheckpointsOptions): Checkpoints {
  let takenAt = 0;
  let snapshotMs = 0;
  let taking = false;
  let changed = false;
  let asked = false;
  /** The snapshot under way is dated back by this. */
  let asOf: number | undefined;
  let lateMs = 0;

  const interval = (): number => Math.max(pace().intervalMs, snapshotMs * SNAPSHOT_COST_FACTOR);

  function take(time?: number): void {
    // Before its first snapshot rrweb takes none on demand.
    if (taking || takenAt === 0) return;
    asked = false;
    taking = true;
    asOf = time;
    const begin = performance.now();
    snapshot();
    snapshotMs = performance.now() - begin;
    taking = false;
    asOf = undefined;
  }

  return {
    isTaking: () => taking,
    take,
    dueAt: () => {
      const { from = takenAt, needed = changed } = pace();
      return needed && takenAt > 0 ? from + interval() : undefined;
    },
    ask: () => void (asked = true),
    taken: (event) => {
      if (event.type === FULL_SNAPSHOT) {
        takenAt = event.timestamp;
        changed = false;
      } else lateMs = asOf === undefined ? 0 : Math.max(0, event.timestamp - asOf);
      event.timestamp -= lateMs;
    },
    notice: (timestamp, mutation) => {
      changed ||= mutation;
      const { from = takenAt, needed = changed } = pace();
      // A clock that was set back must not put it off.
      if (asked || (needed && Math.abs(timestamp - from) >= interval())) take();
    },
    takenAt: () => takenAt,
    reset: () => void (takenAt = 0),
  };
}
