/** How much happened when, for the strip over the time axis. */
import type { RecordingManifest } from '@otel-replay/protocol';
import type { SegmentInsight } from './insight.js';

export interface Density {
  /** Of each bucket; buckets share the time axis evenly. */
  changes: readonly number[];
  /** What the person did: moves, clicks, typing, scrolling. */
  actions: readonly number[];
}

export const DENSITY_BUCKETS = 300;

/**
 * Exact for segments that were read; of others the number of events is spread over their time.
 * @param from and
 * @param to ends of the time axis, Unix milliseconds
 * @param insights by recording id and segment index
 */
export function densityOf(
  recordings: readonly RecordingManifest[],
  from: number,
  to: number,
  insights: ReadonlyMap<string, ReadonlyMap<number, SegmentInsight>>,
): Density {
  const changes = new Array<number>(DENSITY_BUCKETS).fill(0);
  const actions = new Array<number>(DENSITY_BUCKETS).fill(0);
  const length = Math.max(1, to - from);
  const bucketOf = (time: number): number =>
    Math.min(
      DENSITY_BUCKETS - 1,
      Math.max(0, Math.floor(((time - from) / length) * DENSITY_BUCKETS)),
    );
  const spread = (target: number[], count: number, first: number, last: number): void => {
    const [start, end] = [bucketOf(first), bucketOf(last)];
    for (let at = start; at <= end; at++) target[at]! += count / (end - start + 1);
  };
  for (const { recordingId, segments } of recordings) {
    const own = insights.get(recordingId);
    for (const { index, firstTimestamp, lastTimestamp, eventCount } of segments) {
      const insight = own?.get(index);
      if (insight === undefined) spread(changes, eventCount, firstTimestamp, lastTimestamp);
      for (const [second, count] of insight?.seconds ?? []) {
        const start = second * 1000;
        spread(changes, count.changes, start, start + 999);
        spread(actions, count.actions, start, start + 999);
      }
    }
  }
  return { changes, actions };
}
