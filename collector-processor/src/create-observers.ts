/** What tells of the process, or of several: health, metrics, the status page. */
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.js';
import type { Component } from './component.js';
import { printConfig, type Config, type PeriodicReaderConfig } from './config/index.js';
import { createHealthServer } from './telemetry/health-server.js';
import type { Health } from './telemetry/health.js';
import type { Logger } from './telemetry/logger.js';
import { createOtlpMetricsReader } from './telemetry/otlp-metrics-reader.js';
import { createPrometheusServer } from './telemetry/prometheus-server.js';
import type { MetricsSource } from './telemetry/snapshot.js';
import type { StatusFacts } from './telemetry/status.js';
import { createZpagesServer } from './telemetry/zpages-server.js';

export interface ObserverDeps {
  clock: Clock;
  health: Health;
  logger: Logger;
  metrics: MetricsSource;
  /** What metrics do not tell; may know nothing yet. */
  facts: StatusFacts;
  version: string;
}

export function createObservers(config: Config, deps: ObserverDeps): Component[] {
  const out: Component[] = [];
  const { extensions, service } = config;
  const { health, metrics } = deps;
  if (service.extensions.includes('health_check')) {
    const { endpoint, path } = extensions.health_check;
    out.push({ name: 'health_check', ...createHealthServer({ ...endpoint, path, health }) });
  }
  if (extensions.zpages !== undefined && service.extensions.includes('zpages')) {
    const options = { ...extensions.zpages.endpoint, config: printConfig(config) };
    out.push({ name: 'zpages', ...createZpagesServer({ ...deps, ...options }) });
  }
  for (const [i, { periodic, pull }] of service.telemetry.metrics.readers.entries()) {
    if (pull !== undefined) {
      const { host, port } = pull.exporter.prometheus;
      out.push({ name: 'metrics', ...createPrometheusServer({ host, port, metrics }) });
    }
    if (periodic !== undefined) {
      const name = `service.telemetry.metrics.readers[${i}]`;
      out.push({ name, ...createOtlpMetricsReader(readerOptions(periodic, deps), deps) });
    }
  }
  return out;
}

function readerOptions(periodic: PeriodicReaderConfig, { version }: ObserverDeps) {
  const { endpoint, headers } = periodic.exporter.otlp;
  return {
    endpoint,
    headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.reveal()])),
    intervalMs: periodic.interval,
    timeoutMs: periodic.timeout,
    version,
    resource: {
      'service.name': 'session-replay-processor',
      'service.version': version,
      'service.instance.id': randomUUID(),
    },
  };
}
