import { afterEach, describe, expect, it } from 'vitest';
import { createHealthServer, Health } from './health.js';
import { Metrics } from './metrics.js';
import { processMetrics } from './process-metrics.js';
import { createPrometheusServer } from './prometheus-server.js';
import { prometheusText } from './prometheus.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('prometheus', () => {
  it("writes the Collector's names: no suffix, dots become underscores, labels escaped", () => {
    const metrics = new Metrics();
    metrics.add('otelcol_receiver_requests', 3, {
      outcome: 'a"b\\c\nd',
      'http.response.status_code': '200',
    });
    metrics.set('otelcol_processor_session_replay_buffer_bytes', 1.5);
    expect(prometheusText(metrics.snapshot()))
      .toBe(`# HELP otelcol_receiver_requests OTLP requests by outcome
# TYPE otelcol_receiver_requests counter
otelcol_receiver_requests{outcome="a\\"b\\\\c\\nd",http_response_status_code="200"} 3
# HELP otelcol_processor_session_replay_buffer_bytes Bytes of the journal on disk
# TYPE otelcol_processor_session_replay_buffer_bytes gauge
otelcol_processor_session_replay_buffer_bytes 1.5
`);
  });

  it('is served on /metrics, with the process itself', async () => {
    const server = createPrometheusServer({
      metrics: processMetrics(new Metrics()),
      host: 'localhost',
      port: 0,
    });
    const port = await server.start();
    stops.push(() => server.stop(0));
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toMatch(/^otelcol_process_memory_rss \d+$/m);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });
});

describe('health', () => {
  it('is 200 only while every component runs', async () => {
    const health = new Health();
    const server = createHealthServer({ health, host: 'localhost', port: 0, path: '/' });
    const port = await server.start();
    stops.push(() => server.stop(0));
    const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/`)).status;
    expect(await status()).toBe(503);
    health.set('receivers.otlp', 'ok');
    health.set('pipeline', 'starting');
    expect(await status()).toBe(503);
    health.set('pipeline', 'ok');
    expect(await status()).toBe(200);
    health.set('receivers.otlp', 'stopping');
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(await response.json()).toEqual({
      status: 'Server not available',
      components: { 'receivers.otlp': 'stopping', pipeline: 'ok' },
    });
  });

  it('names port, key and fix when the port is taken', async () => {
    const first = createHealthServer({
      health: new Health(),
      host: 'localhost',
      port: 0,
      path: '/',
    });
    const port = await first.start();
    stops.push(() => first.stop(0));
    const second = createHealthServer({ health: new Health(), host: 'localhost', port, path: '/' });
    await expect(second.start()).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another process; stop that one, or set extensions.health_check.endpoint to another port`,
    );
  });
});
