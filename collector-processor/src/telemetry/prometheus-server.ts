/** `GET /metrics`. */
import { createServer } from 'node:http';
import { close, listen } from '../listen.js';
import type { Metrics } from './metrics.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';

export interface PrometheusServerOptions {
  metrics: Metrics;
  host: string;
  /** 0 takes any free one. */
  port: number;
}

export interface PrometheusServer {
  /** Resolves to the port. Throws {@link ListenError}. */
  start(): Promise<number>;
  stop(deadlineMs: number): Promise<void>;
}

export function createPrometheusServer(options: PrometheusServerOptions): PrometheusServer {
  const { metrics, host, port } = options;
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Metrics are at /metrics.\n');
      return;
    }
    observeProcess(metrics);
    response
      .writeHead(200, { 'Content-Type': PROMETHEUS_CONTENT_TYPE })
      .end(prometheusText(metrics));
  });
  const configKey = 'service.telemetry.metrics.readers[0].pull.exporter.prometheus.port';
  return {
    start: () => listen(server, { host, port, configKey }),
    stop: (deadlineMs) => close(server, deadlineMs),
  };
}

function observeProcess(metrics: Metrics): void {
  const { user, system } = process.cpuUsage();
  metrics.set('otelcol_process_uptime', process.uptime());
  metrics.set('otelcol_process_cpu_seconds', (user + system) / 1e6);
  metrics.set('otelcol_process_memory_rss', process.memoryUsage.rss());
}
