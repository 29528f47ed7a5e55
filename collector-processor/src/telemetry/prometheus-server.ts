/** `GET /metrics`. */
import { createServer } from 'node:http';
import { close, listen } from '../listen.js';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.js';
import type { MetricsSource } from './snapshot.js';

export interface PrometheusServerOptions {
  metrics: MetricsSource;
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
    metrics.snapshot().then(
      (snapshot) =>
        response
          .writeHead(200, { 'Content-Type': PROMETHEUS_CONTENT_TYPE })
          .end(prometheusText(snapshot)),
      (error: unknown) =>
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`),
    );
  });
  const configKey = 'service.telemetry.metrics.readers[0].pull.exporter.prometheus.port';
  return {
    start: () => listen(server, { host, port, configKey }),
    stop: (deadlineMs) => close(server, deadlineMs),
  };
}
