/** What the status page tells, as one JSON document. */
import type { Clock } from '../clock.js';
import type { ComponentState, Health } from './health.js';
import { METRICS, type MetricName } from './metric-table.js';
import type { MetricPoint } from './metrics.js';
import type { MetricsSource } from './snapshot.js';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** What metrics do not tell of a process, by section; nothing secret, nothing of users but ids. */
export type StatusFacts = () => Promise<Readonly<Record<string, JsonObject | readonly Json[]>>>;

export interface StatusOptions {
  version: string;
  /** YAML, secrets redacted. */
  config: string;
  health: Health;
  metrics: MetricsSource;
  facts: StatusFacts;
  clock: Clock;
}

export interface Status {
  service: {
    name: string;
    version: string;
    health: string;
    ready: boolean;
    time: string;
    uptime_seconds: number;
    pid: number;
    node: string;
  };
  components: Readonly<Record<string, ComponentState>>;
  /** Sections in the order in which they are worth reading. */
  sections: Readonly<Record<string, JsonObject | readonly Json[]>>;
  totals: JsonObject;
  config: string;
}

const PREFIX = 'otelcol_processor_session_replay_';

/** Gauges by section; the names are those of the metrics without their prefix. */
const SECTIONS: Readonly<Record<string, readonly MetricName[]>> = {
  sessions: [`${PREFIX}sessions`, `${PREFIX}live_viewers`],
  pressure: [`${PREFIX}pressure_level`, `${PREFIX}shed_ratio`, `${PREFIX}sessions_shed`],
  buffer: [
    `${PREFIX}buffer_bytes`,
    `${PREFIX}buffer_live_bytes`,
    `${PREFIX}buffer_capacity_bytes`,
    `${PREFIX}segments_buffered`,
  ],
  store: [`${PREFIX}store_backlog_bytes`],
  index: [`${PREFIX}index_up`, `${PREFIX}index_owed`],
  coordination: [`${PREFIX}coordination_up`, `${PREFIX}coordination_untold`],
  queue: ['otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity'],
  process: ['otelcol_process_memory_rss', 'otelcol_process_cpu_seconds', `${PREFIX}workers`],
};

export async function readStatus(o: StatusOptions): Promise<Status> {
  const [{ points }, facts] = await Promise.all([o.metrics.snapshot(), o.facts()]);
  const { components, ready, status } = o.health;
  const sections: Record<string, JsonObject | readonly Json[]> = {};
  for (const [section, names] of Object.entries(SECTIONS)) {
    const values = Object.fromEntries(
      points.filter((p) => names.includes(p.name)).map((p) => [labelOf(p), p.value]),
    );
    const more = facts[section] ?? {};
    const all: JsonObject = { ...values, ...(isList(more) ? { [section]: more } : more) };
    if (Object.keys(all).length > 0) sections[section] = all;
  }
  for (const [section, more] of Object.entries(facts)) sections[section] ??= more;
  const uptimeSeconds = Math.round(process.uptime());
  return {
    service: {
      name: 'session-replay-processor',
      version: o.version,
      health: status,
      ready,
      time: new Date(o.clock.now()).toISOString(),
      uptime_seconds: uptimeSeconds,
      pid: process.pid,
      node: process.version,
    },
    components,
    sections,
    totals: Object.fromEntries(
      points.filter((p) => METRICS[p.name].type === 'counter').map((p) => [labelOf(p), p.value]),
    ),
    config: o.config,
  };
}

/** `segments_dropped{reason=not_recorded}`. */
function labelOf({ attributes, name }: MetricPoint): string {
  const short = name.replace(/^otelcol_(?:processor_session_replay_|exporter_|receiver_)?/, '');
  const labels = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? short : `${short}{${labels.join(', ')}}`;
}

function isList(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value);
}
