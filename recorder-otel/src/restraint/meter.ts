/** What recording costs the page, and what it therefore leaves out at the moment. */

/** 0 all; 1 no pointer moves, slower changes; 2 no attributes either; 3 no changes of the DOM. */
export type RestraintLevel = 0 | 1 | 2 | 3;

export interface Meter {
  /** Set by whoever watches the budget. */
  level: RestraintLevel;
  /** Milliseconds of the main thread so far. */
  spentMs: number;
  /** The dearest snapshot so far, in milliseconds. */
  snapshotMs: number;
  /** Counts the time of `fn`; what is measured inside of it counts once. */
  measure<R>(fn: () => R): R;
  /** The same for a snapshot. */
  snapshot(fn: () => void): void;
}

export function createMeter(): Meter {
  let depth = 0;
  const meter: Meter = {
    level: 0,
    spentMs: 0,
    snapshotMs: 0,
    measure: (fn) => {
      if (depth > 0) return fn();
      const begin = performance.now();
      depth++;
      try {
        return fn();
      } finally {
        depth--;
        meter.spentMs += performance.now() - begin;
      }
    },
    snapshot: (fn) => {
      const begin = performance.now();
      meter.measure(fn);
      meter.snapshotMs = Math.max(meter.snapshotMs, performance.now() - begin);
    },
  };
  return meter;
}
