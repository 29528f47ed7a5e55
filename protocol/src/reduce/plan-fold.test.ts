import { describe, expect, it } from 'vitest';
import type { SegmentEntry } from '../entry.js';
import { planFold } from './plan-fold.js';

/** 5 s each; `C` a checkpoint, `.` none, `-` not there, `2` of two parts. */
function entries(shape: string): SegmentEntry[] {
  return [...shape].flatMap((letter, index) => {
    const entry: SegmentEntry = {
      ...{ index, checkpoint: letter === 'C', firstTimestamp: index * 5000 },
      ...{ lastTimestamp: index * 5000 + 4900, eventCount: 1, bytes: 1, uncompressedBytes: 1 },
      ...{ errorCount: 0, clickCount: 0, rageClickCount: 0, droppedEvents: 0, traceIds: [] },
    };
    if (letter === '-') return [];
    if (letter !== '2') return [entry];
    return [0, 1].map((partIndex) => ({ ...entry, partIndex, partCount: 2 }));
  });
}

const INTERVAL = 20_000;

describe('planFold', () => {
  it('folds from the last checkpoint up to the segment of the moment', () => {
    expect(planFold(entries('C.C.......'), 42_000, INTERVAL)).toEqual({ start: 2, next: 8 });
    expect(planFold(entries('C.........'), 1e9, INTERVAL)).toEqual({ start: 0, next: 9 });
    // Positions count parts, moments lie in the first of them.
    expect(planFold(entries('C2222222'), 26_000, INTERVAL)).toEqual({ start: 0, next: 9 });
  });

  it('does not where the checkpoint is near, or is what was asked for', () => {
    expect(planFold(entries('C.........'), 19_999, INTERVAL)).toBeUndefined();
    expect(planFold(entries('C....C....'), 44_000, INTERVAL)).toBeUndefined();
    expect(planFold(entries('C....C'), 25_000, INTERVAL)).toBeUndefined();
  });

  it('never folds across a hole, nor without a checkpoint', () => {
    expect(planFold(entries('C...-.....'), 42_000, INTERVAL)).toBeUndefined();
    expect(planFold(entries('C...-C........'), 65_000, INTERVAL)).toEqual({ start: 4, next: 12 });
    expect(planFold(entries('..........'), 42_000, INTERVAL)).toBeUndefined();
    expect(planFold([], 0, INTERVAL)).toBeUndefined();
  });
});
