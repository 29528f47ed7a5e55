/**
 * Metrics as an OTLP request (opentelemetry-proto, metrics/v1), encoded by hand: two kinds of
 * points need two dozen fields, the official exporter brings 15 packages and its own counters.
 */
import { METRICS, type MetricName } from './metric-table.js';
import type { MetricPoint, MetricsSnapshot } from './metrics.js';

export interface OtlpMetricsOptions {
  resource: Readonly<Record<string, string>>;
  scope: { name: string; version: string };
  /** When counting began; Unix milliseconds. */
  startTimeMs: number;
  timeMs: number;
}

const CUMULATIVE = 2;
const SCRATCH = new DataView(new ArrayBuffer(8));

/** An `ExportMetricsServiceRequest`; counters are monotonic cumulative sums. */
export function encodeOtlpMetrics(
  { points }: MetricsSnapshot,
  options: OtlpMetricsOptions,
): Uint8Array {
  const byName = new Map<MetricName, MetricPoint[]>();
  for (const point of points) {
    const known = byName.get(point.name);
    if (known === undefined) byName.set(point.name, [point]);
    else known.push(point);
  }
  const { resource, scope } = options;
  return Buffer.concat(
    message(1, [
      ...message(1, attributes(1, resource)),
      ...message(2, [
        ...message(1, [...text(1, scope.name), ...text(2, scope.version)]),
        ...[...byName].flatMap(([name, all]) => message(2, metric(name, all, options))),
      ]),
    ]),
  );
}

function metric(
  name: MetricName,
  points: readonly MetricPoint[],
  { startTimeMs, timeMs }: OtlpMetricsOptions,
): Uint8Array[] {
  const { description, type, unit } = METRICS[name];
  const isSum = type === 'counter';
  const dataPoints = points.flatMap((point) =>
    message(1, [
      ...attributes(7, point.attributes),
      ...(isSum ? nanoseconds(2, startTimeMs) : []),
      ...nanoseconds(3, timeMs),
      ...double(4, point.value),
    ]),
  );
  return [
    ...text(1, name),
    ...text(2, description),
    ...text(3, unit),
    ...(isSum
      ? message(7, [...dataPoints, ...varint(2, CUMULATIVE), ...varint(3, 1)])
      : message(5, dataPoints)),
  ];
}

function attributes(field: number, values: Readonly<Record<string, string>>): Uint8Array[] {
  return Object.entries(values).flatMap(([key, value]) =>
    message(field, [...text(1, key), ...message(2, text(1, value))]),
  );
}

function message(field: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...bytesOf((field << 3) | 2), ...bytesOf(length)]), ...parts];
}

function text(field: number, value: string): Uint8Array[] {
  return message(field, [Buffer.from(value)]);
}

function varint(field: number, value: number): Uint8Array[] {
  return [Uint8Array.from([...bytesOf(field << 3), ...bytesOf(value)])];
}

function nanoseconds(field: number, ms: number): Uint8Array[] {
  SCRATCH.setBigUint64(0, BigInt(Math.round(ms)) * 1_000_000n, true);
  return fixed64(field);
}

function double(field: number, value: number): Uint8Array[] {
  SCRATCH.setFloat64(0, value, true);
  return fixed64(field);
}

function fixed64(field: number): Uint8Array[] {
  return [Uint8Array.from([...bytesOf((field << 3) | 1), ...new Uint8Array(SCRATCH.buffer)])];
}

function bytesOf(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
  return out;
}
