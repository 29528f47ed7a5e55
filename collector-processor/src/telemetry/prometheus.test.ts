import { afterEach, describe, expect, it } from 'vitest';
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
