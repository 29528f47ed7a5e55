/** Snapshots of several processes are merged into one; whoever exports metrics asks a source. */
import { METRICS, type MetricDeclaration, type MetricName } from './metric-table.js';
import type { MetricPoint, MetricsSnapshot } from './metrics.js';

export interface MetricsSource {
  snapshot(): Promise<MetricsSnapshot>;
}

/** As one process would have counted it: summed, unless the declaration says otherwise. */
export function mergeSnapshots(snapshots: Iterable<MetricsSnapshot>): MetricsSnapshot {
  const merged = new Map<string, MetricPoint>();
  for (const { points } of snapshots) {
    for (const point of points) {
      const key = keyOf(point);
      const before = merged.get(key);
      const value =
        before === undefined ? point.value : MERGE[how(point.name)](before.value, point.value);
      merged.set(key, { ...point, value });
    }
  }
  return { points: [...merged.values()] };
}

/**
 * What stays of a process that is gone: its counters, so that sums never fall. What it had buffered
 * becomes `segments_left`, or the books would miss it: its successor counts it as recovered.
 */
export function retire({ points }: MetricsSnapshot): MetricsSnapshot {
  return {
    points: points.flatMap((point): MetricPoint[] => {
      if (METRICS[point.name].type === 'counter') return [point];
      if (point.name !== 'otelcol_processor_session_replay_segments_buffered') return [];
      return [{ ...point, name: 'otelcol_processor_session_replay_segments_left' }];
    }),
  };
}

const MERGE = {
  sum: (a: number, b: number) => a + b,
  min: (a: number, b: number) => Math.min(a, b),
  max: (a: number, b: number) => Math.max(a, b),
} as const;

function how(name: MetricName): keyof typeof MERGE {
  return (METRICS[name] as MetricDeclaration).merge ?? 'sum';
}

function keyOf({ name, attributes }: MetricPoint): string {
  const labels = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, labels]);
}
