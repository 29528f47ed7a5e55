import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Metrics } from './metrics.js';
import { createOtlpMetricsReader } from './otlp-metrics-reader.js';
import { silentLogger } from './logger.js';

/** opentelemetry-proto, metrics/v1, as far as it is written. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; string version = 2; }
  message Point {
    fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated KeyValue attributes = 7;
  }
  message Gauge { repeated Point data_points = 1; }
  message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Metric {
    string name = 1; string description = 2; string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; }
  }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Request { repeated ResourceMetrics resource_metrics = 1; }`,
  { keepCase: true },
);
const Request = root.lookupType('Request');

interface Received {
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

describe('metrics by OTLP', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function receiver(): Promise<{ endpoint: string; received: Received[]; status: number }> {
    const state = { endpoint: '', received: [] as Received[], status: 200 };
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, url } = request;
        state.received.push({ url, headers, body: Buffer.concat(chunks) });
        response.writeHead(state.status).end();
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    state.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return state;
  }

  function reader(endpoint: string, metrics: Metrics, more: { intervalMs?: number } = {}) {
    const warnings: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (text: string) => void warnings.push(text),
      info: (text: string) => void warnings.push(text),
    };
    const created = createOtlpMetricsReader(
      {
        ...{ endpoint, headers: { 'api-key': 's3cret' }, intervalMs: 3_600_000, version: '1.2.3' },
        timeoutMs: 30_000,
        resource: { 'service.name': 'session-replay-processor', 'service.instance.id': 'i-1' },
        ...more,
      },
      {
        metrics: { snapshot: () => Promise.resolve(metrics.snapshot()) },
        clock: { now: () => 1_700_000_000_123 },
        logger,
      },
    );
    return { reader: created, warnings };
  }

  it('sends counters as cumulative sums and gauges as gauges, with names, units and attributes', async () => {
    const server = await receiver();
    const metrics = new Metrics();
    metrics.add('otelcol_receiver_requests', 3, {
      outcome: 'accepted ✓',
      'http.response.status_code': '200',
    });
    metrics.add('otelcol_receiver_requests', 1, {
      outcome: 'refused',
      'http.response.status_code': '503',
    });
    metrics.set('otelcol_processor_session_replay_buffer_bytes', 2 ** 40 + 0.5);
    await reader(server.endpoint, metrics).reader.send();
    const [{ body, headers, url }] = server.received as [Received];
    expect(url).toBe('/v1/metrics');
    expect(headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'api-key': 's3cret',
    });
    const decoded = Request.toObject(Request.decode(body), { longs: String });
    // Nothing that the schema does not know, nothing lost.
    expect(Buffer.from(Request.encode(Request.fromObject(decoded)).finish())).toHaveLength(
      body.length,
    );
    const time = '1700000000123000000';
    const requests = (count: number, outcome: string, code: string): unknown => ({
      time_unix_nano: time,
      start_time_unix_nano: expect.stringMatching(/^1\d{18}$/) as unknown,
      as_double: count,
      attributes: [
        { key: 'outcome', value: { string_value: outcome } },
        { key: 'http.response.status_code', value: { string_value: code } },
      ],
    });
    expect(decoded).toEqual({
      resource_metrics: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { string_value: 'session-replay-processor' } },
              { key: 'service.instance.id', value: { string_value: 'i-1' } },
            ],
          },
          scope_metrics: [
            {
              scope: { name: 'session-replay-processor', version: '1.2.3' },
              metrics: [
                {
                  name: 'otelcol_receiver_requests',
                  description: 'OTLP requests by outcome',
                  unit: '{request}',
                  sum: {
                    aggregation_temporality: 2,
                    is_monotonic: true,
                    data_points: [requests(3, 'accepted ✓', '200'), requests(1, 'refused', '503')],
                  },
                },
                {
                  name: 'otelcol_processor_session_replay_buffer_bytes',
                  description: 'Bytes of the journal on disk',
                  unit: 'By',
                  gauge: { data_points: [{ time_unix_nano: time, as_double: 2 ** 40 + 0.5 }] },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('keeps a path that is given, sends in intervals, and a last time when it stops', async () => {
    const server = await receiver();
    const { reader: sender } = reader(`${server.endpoint}/otlp/metrics`, new Metrics(), {
      intervalMs: 5,
    });
    await sender.start();
    await vi.waitUntil(() => server.received.length >= 2, { timeout: 60_000 });
    await sender.stop(30_000);
    const count = server.received.length;
    expect(count).toBeGreaterThanOrEqual(3);
    expect(new Set(server.received.map(({ url }) => url))).toEqual(new Set(['/otlp/metrics']));
  });

  it('says once that a receiver is away, and once that it is back', async () => {
    const server = await receiver();
    const { reader: sender, warnings } = reader(server.endpoint, new Metrics());
    server.status = 503;
    await sender.send();
    await sender.send();
    server.status = 200;
    await sender.send();
    await sender.send();
    expect(warnings).toEqual([
      'metrics cannot be sent; tried again with every interval',
      'metrics are sent again',
    ]);
  });
});
