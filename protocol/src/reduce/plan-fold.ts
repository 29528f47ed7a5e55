/** Where a synthetic checkpoint is worth it: where the recorded one lies far back, without a hole since. */
import type { SegmentEntry } from '../entry.js';

export interface Fold {
  /** Position of the first segment to fold: a recorded checkpoint. */
  start: number;
  /** Position of the segment that holds the moment; those before it are folded. */
  next: number;
}

/** Positions in `entries`, which are by index and part, all parts of each; undefined: not worth it. */
export function planFold(
  entries: readonly SegmentEntry[],
  from: number,
  intervalMs: number,
): Fold | undefined {
  const isBefore = (e: SegmentEntry): boolean => isFirstPart(e) && e.firstTimestamp <= from;
  const next = entries.findLastIndex(isBefore);
  const start = entries.findLastIndex((e) => e.checkpoint && isBefore(e));
  if (start === -1 || next <= start) return undefined;
  if (entries[next]!.firstTimestamp - entries[start]!.firstTimestamp < intervalMs) return undefined;
  for (let at = start + 1; at <= next; at++) {
    if (entries[at]!.index - entries[at - 1]!.index > 1) return undefined;
  }
  return { start, next };
}

function isFirstPart({ partIndex }: SegmentEntry): boolean {
  return (partIndex ?? 0) === 0;
}
