/** The processor's own metrics, pushed by OTLP to a real Collector, which hands on what it understood. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startProcessor } from '../../collector-processor/test/support/processor.js';
import {
  makeSegment,
  randomHex,
  send,
  tracesBody,
} from '../../collector-processor/test/support/otlp.js';
import { Collector, describeWithCollector } from '../harness/collector.js';
import { eventually } from '../harness/eventually.js';
import { freePorts } from '../harness/process.js';

const WAIT = { timeoutMs: 60_000 };

interface Point {
  asDouble: number;
  startTimeUnixNano?: string;
  timeUnixNano: string;
  attributes?: { key: string; value: { stringValue: string } }[];
}

interface Metric {
  name: string;
  unit: string;
  sum?: { aggregationTemporality: number; isMonotonic: boolean; dataPoints: Point[] };
  gauge?: { dataPoints: Point[] };
}

interface Exported {
  resourceMetrics: {
    resource: { attributes: { key: string; value: { stringValue: string } }[] };
    scopeMetrics: { scope: { name: string; version: string }; metrics: Metric[] }[];
  }[];
}

describeWithCollector('metrics by OTLP', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('reach a Collector as cumulative sums and gauges of this instance, time after time', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'metrics-push-'));
    ends.push(() => rm(directory, { recursive: true, force: true }));
    const exported: Exported[] = [];
    const backend = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        exported.push(JSON.parse(Buffer.concat(chunks).toString()) as Exported);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      backend.closeAllConnections();
      return new Promise((resolve) => backend.close(resolve));
    });

    const [otlp, health] = await freePorts(2);
    const config = join(directory, 'collector.yaml');
    await writeFile(
      config,
      `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${otlp}' } } } }
exporters:
  otlp_http:
    endpoint: http://127.0.0.1:${(backend.address() as AddressInfo).port}
    encoding: json
    compression: none
extensions: { health_check: { endpoint: '127.0.0.1:${health}' } }
service:
  extensions: [health_check]
  telemetry: { metrics: { level: none } }
  pipelines: { metrics: { receivers: [otlp], exporters: [otlp_http] } }
`,
    );
    const collector = await Collector.start({
      configs: [config],
      healthUrl: `http://127.0.0.1:${health}/`,
    });
    ends.push(() => collector.stop());

    const processor = await startProcessor({
      directory,
      config: `service:
  telemetry:
    metrics:
      readers:
        - periodic:
            interval: 100
            exporter:
              otlp: { protocol: http/protobuf, endpoint: 'http://127.0.0.1:${otlp}' }
`,
    });
    ends.push(() => processor.stop());
    const count = async (segments: number): Promise<void> => {
      for (let index = 0; index < segments; index++) {
        const ids = { sessionId: randomHex(16), recordingId: randomHex(16) };
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index: 0 })]);
        expect((await send(await processor.url('otlp'), body)).status).toBe(200);
      }
    };
    const received = (): { metric: Metric; point: Point; all: Exported } | undefined => {
      for (const all of [...exported].reverse()) {
        const metrics = all.resourceMetrics.flatMap((r) =>
          r.scopeMetrics.flatMap((s) => s.metrics),
        );
        const name = 'otelcol_processor_session_replay_segments_received';
        const metric = metrics.find((m) => m.name === name);
        const point = metric?.sum?.dataPoints[0];
        if (metric !== undefined && point !== undefined) return { metric, point, all };
      }
      return undefined;
    };
    await count(2);
    const first = await eventually(
      'two segments',
      () => (received()?.point.asDouble === 2 ? received() : undefined),
      WAIT,
    );
    await count(3);
    const second = await eventually(
      'five segments',
      () => (received()?.point.asDouble === 5 ? received() : undefined),
      WAIT,
    );

    expect(first.metric).toMatchObject({
      unit: '{segment}',
      sum: { aggregationTemporality: 2, isMonotonic: true },
    });
    expect(second.point.attributes).toEqual([
      { key: 'outcome', value: { stringValue: 'accepted' } },
    ]);
    expect(second.point.startTimeUnixNano).toBe(first.point.startTimeUnixNano);
    const times = [first.point.startTimeUnixNano, first.point.timeUnixNano].map(BigInt as never);
    expect(times[0]! < times[1]!).toBe(true);
    const [{ resource, scopeMetrics } = { resource: { attributes: [] }, scopeMetrics: [] }] =
      second.all.resourceMetrics;
    expect(
      Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue])),
    ).toEqual({
      'service.name': 'session-replay-processor',
      'service.version': '0.1.0',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
    expect(scopeMetrics[0]?.scope).toEqual({ name: 'session-replay-processor', version: '0.1.0' });
    const gauge = scopeMetrics[0]?.metrics.find((m) => m.name === 'otelcol_process_memory_rss');
    expect(gauge?.gauge?.dataPoints[0]?.asDouble).toBeGreaterThan(1e7);
  });
});
