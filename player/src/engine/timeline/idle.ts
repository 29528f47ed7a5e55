/** When nothing happened, so that playback can jump over it. */
import type { Stretch } from '../plan/stretches.js';

export interface TimeRange {
  from: number;
  to: number;
}

/** A pause worth jumping over. */
export const IDLE_MS = 5000;
/** Shown before the next thing happens. */
export const LEAD_IN_MS = 1000;

/**
 * Idle ranges of a stretch. A segment that was not loaded counts as active from its first to its
 * last event; one that was loaded only where the person did something.
 * @param activity by segment index; Unix milliseconds in order
 */
export function idleRanges(
  stretch: Stretch,
  activity: ReadonlyMap<number, readonly number[]>,
): TimeRange[] {
  const ranges: TimeRange[] = [];
  let quietSince = stretch.from;
  const active = (from: number, to: number): void => {
    if (from - quietSince > IDLE_MS) ranges.push({ from: quietSince, to: from });
    quietSince = Math.max(quietSince, to);
  };
  for (const segment of stretch.segments) {
    const known = activity.get(segment.index);
    if (known === undefined) active(segment.firstTimestamp, segment.lastTimestamp);
    else for (const time of known) active(time, time);
  }
  active(stretch.to, stretch.to);
  return ranges;
}

/**
 * Where to jump from `time` when inactivity is skipped; undefined when it is not worth it.
 * @param knownUntil nothing is known of what happens after it
 */
export function skipTarget(
  ranges: readonly TimeRange[],
  time: number,
  knownUntil: number,
): number | undefined {
  for (const range of ranges) {
    if (range.to <= time) continue;
    if (range.from + LEAD_IN_MS > time) return undefined;
    const target = Math.min(range.to, knownUntil) - LEAD_IN_MS;
    return target - time > LEAD_IN_MS ? target : undefined;
  }
  return undefined;
}
