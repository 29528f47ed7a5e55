/**
 * What a process has counted. Counters are plain numbers here, so that hot paths pay a map look-up;
 * exporters observe them.
 */
import type { MetricName } from './metric-table.js';

export type MetricAttributes = Readonly<Record<string, string>>;

export interface MetricPoint {
  name: MetricName;
  attributes: MetricAttributes;
  value: number;
}

/** What one process, or several together, have counted; it can be sent to another process. */
export interface MetricsSnapshot {
  /** One per name and attributes. */
  readonly points: readonly MetricPoint[];
}

/** Counters and gauges of one process. No global: whoever counts is handed one. */
export class Metrics {
  readonly #values = new Map<string, { attributes: MetricAttributes; value: number }>();

  /** Adds to a counter. */
  add(name: MetricName, value = 1, attributes: MetricAttributes = {}): void {
    this.#point(name, attributes).value += value;
  }

  /** Sets a gauge. */
  set(name: MetricName, value: number, attributes: MetricAttributes = {}): void {
    this.#point(name, attributes).value = value;
  }

  /** Sum over all points of `name` that have these attributes. */
  value(name: MetricName, attributes: MetricAttributes = {}): number {
    let sum = 0;
    for (const point of this.points(name)) {
      if (Object.entries(attributes).every(([k, v]) => point.attributes[k] === v)) {
        sum += point.value;
      }
    }
    return sum;
  }

  *points(only?: MetricName): Generator<MetricPoint> {
    for (const [key, { attributes, value }] of this.#values) {
      const name = key.slice(0, key.indexOf('|')) as MetricName;
      if (only === undefined || only === name) yield { name, attributes, value };
    }
  }

  /** The values of this moment. */
  snapshot(): MetricsSnapshot {
    return { points: [...this.points()] };
  }

  #point(name: MetricName, attributes: MetricAttributes): { value: number } {
    let key = `${name}|`;
    for (const k in attributes) key += `${k}=${attributes[k]},`;
    let point = this.#values.get(key);
    if (point === undefined) this.#values.set(key, (point = { attributes, value: 0 }));
    return point;
  }
}
