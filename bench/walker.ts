/**
 * The wire walker alone: CPU time of walking protobuf bodies and writing what is forwarded, against
 * copying them (memcpy into a fresh buffer). "cut" is the walk and reading what it found: headers
 * of segments, signals; it is held against a decoder (protobufjs, decode + encode of the same body).
 *
 * Figure: memcpy time / walker time, geometric mean over the plain and replay bodies; every body is
 * printed, and one row more that shows what payload checksums add to the cut. A segment costs about
 * the same whatever its size, so bodies with large ones are above the mean.
 * CPU time of the process, medians of the ratios of interleaved rounds, because machines are shared.
 */
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { crc32cHex, toAttributes, type SegmentHeader } from '@otel-replay/protocol';
import { randomBytes } from 'node:crypto';
import { cutTraces } from '../collector-processor/src/otlp/cut.js';
import { walkProtobufTraces } from '../collector-processor/src/otlp/protobuf-cut.js';
import type { OtlpContentType } from '../collector-processor/src/otlp/types.js';
import { TraceRequest } from '../collector-processor/test/otlp/schema.js';

const TARGET = 0.5;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
/** CPU time one sample should take, milliseconds. */
const SAMPLE_MS = Number(process.env['BENCH_SAMPLE_MS'] ?? 25);
const OPTIONS = { forwardSegmentSpans: false, maxSegmentBytes: 1024 * 1024 };

/** The same body as another, with a checksum: printed, but not counted twice. */
const WITH_CHECKSUM = ' +crc32c';

type Spans = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0];
type Span = Spans[number];

function resource(attributes: Record<string, string>): Span['resource'] {
  return {
    attributes,
    getRawAttributes: () => Object.entries(attributes),
    merge: () => resource(attributes),
  };
}

const SHOP = resource({
  'service.name': 'shop',
  'service.version': '1.4.2',
  'deployment.environment.name': 'production',
  'host.name': 'shop-7d9f',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.version': '2.12.0',
});
const PAGE = resource({
  'service.name': 'shop-web',
  'browser.language': 'en',
  'telemetry.sdk.language': 'webjs',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.version': '2.12.0',
});

function span(overrides: Partial<Span>): Span {
  const ids = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
  const parent = { traceId: ids.traceId, spanId: randomBytes(8).toString('hex'), traceFlags: 1 };
  return {
    name: 'GET /products/:id',
    kind: 1,
    spanContext: () => ({ ...ids, traceFlags: 1 }),
    parentSpanContext: parent,
    startTime: [1_700_000_000, 123_456_789],
    endTime: [1_700_000_000, 223_456_789],
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    duration: [0, 100_000_000],
    ended: true,
    resource: SHOP,
    instrumentationScope: { name: '@opentelemetry/instrumentation-http', version: '0.223.0' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...overrides,
  };
}

function backendSpan(i: number): Span {
  if (i % 3 === 2) {
    return span({
      name: 'SELECT shop.products',
      kind: 2,
      instrumentationScope: { name: '@opentelemetry/instrumentation-pg', version: '0.80.0' },
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'products',
        'db.query.text': `SELECT id, name, price, stock FROM products WHERE category = $1 ORDER BY name LIMIT ${i}`,
        'db.response.returned_rows': 20 + i,
        'server.address': 'db.internal.example',
        'server.port': 5432,
        'network.peer.address': '10.1.2.3',
        'network.peer.port': 5432,
      },
      ...(i % 30 === 2
        ? { events: [{ name: 'db.pool.wait', time: [1_700_000_000, 1], attributes: { ms: i } }] }
        : {}),
    });
  }
  const failed = i % 100 === 0;
  return span({
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': failed ? 500 : 200,
      'http.route': '/products/:id',
      'url.path': `/products/${i}`,
      'url.scheme': 'https',
      'server.address': 'shop.example.com',
      'server.port': 443,
      'client.address': '203.0.113.9',
      'network.peer.address': '10.9.8.7',
      'network.peer.port': 51_000 + i,
      'network.protocol.version': '1.1',
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0',
      'http.response.body.size': 5120 + i,
    },
    ...(failed
      ? {
          status: { code: 2, message: 'out of stock' },
          events: [
            {
              name: 'exception',
              time: [1_700_000_000, 1],
              attributes: {
                'exception.type': 'Error',
                'exception.message': 'out of stock',
                'exception.stacktrace':
                  'Error: out of stock\n    at checkout (shop.js:1:1)\n'.repeat(8),
              },
            },
          ],
        }
      : {}),
  });
}

function segmentSpan(index: number, size: number, checksum = false): Span {
  const data = randomBytes(size);
  const header: SegmentHeader = {
    sessionId: '4f1d7a1c9f0e4d7f8a3b2c1d0e9f8a7b',
    recordingId: randomBytes(16).toString('hex'),
    index,
    checkpoint: 1,
    hasFullSnapshot: index === 0,
    firstTimestamp: 1_700_000_000_000,
    lastTimestamp: 1_700_000_005_000,
    eventCount: 120,
    mode: 'stream',
    traceIds: [randomBytes(16).toString('hex')],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 1,
    rageClickCount: 0,
    droppedEvents: 0,
    url: 'https://shop.example.com/cart',
    payload: {
      encoding: 'deflate-raw',
      format: 'rrweb',
      formatVersion: '2',
      size,
      uncompressedSize: size * 6,
      ...(checksum ? { crc32c: crc32cHex(data) } : {}),
    },
  };
  const attributes = toAttributes(header);
  const event = { ...attributes.event, 'session_replay.payload.data': data };
  return span({
    name: 'session_replay.segment',
    kind: 0,
    resource: PAGE,
    attributes: attributes.span,
    events: [
      // bytes are beyond the API's attribute type and within the serialiser's
      { name: 'session_replay.segment', time: [1_700_000_000, 1], attributes: event as never },
    ],
  });
}

function pageSpan(): Span {
  return span({
    name: 'GET',
    kind: 2,
    resource: PAGE,
    attributes: {
      'session.id': '4f1d7a1c9f0e4d7f8a3b2c1d0e9f8a7b',
      'session_replay.id': '00112233445566778899aabbccddeeff',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.full': 'https://shop.example.com/api/products?page=2',
      'server.address': 'shop.example.com',
      'browser.document.url.full': 'https://shop.example.com/',
    },
  });
}

function bodies(): [name: string, spans: Span[]][] {
  const backend = Array.from({ length: 500 }, (_, i) => backendSpan(i + 1));
  const page = Array.from({ length: 12 }, pageSpan);
  return [
    ['backend-50', backend.slice(0, 50)],
    ['backend-500', backend],
    ['web-1x20k', [...page, segmentSpan(0, 20_000)]],
    ['web-1x100k', [...page, segmentSpan(0, 100_000)]],
    ['web-1x300k', [...page, segmentSpan(0, 300_000)]],
    ['web-4x100k', [...page, ...[0, 1, 2, 3].map((i) => segmentSpan(i, 100_000))]],
    [`web-1x20k${WITH_CHECKSUM}`, [...page, segmentSpan(0, 20_000, true)]],
  ];
}

/** CPU microseconds per call, one figure per interleaved round. */
function measure(variants: Record<string, () => unknown>): Record<string, number[]> {
  const times: Record<string, number[]> = {};
  const repeats: Record<string, number> = {};
  for (const [name, run] of Object.entries(variants)) {
    for (let i = 0; i < 2000; i++) run(); // warm: the optimising compiler has settled on this body
    const one = cpuMicroseconds(run, 50);
    repeats[name] = Math.max(20, Math.ceil((SAMPLE_MS * 1000) / Math.max(one, 0.5)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(variants)) {
      (times[name] ??= []).push(cpuMicroseconds(run, repeats[name]!));
    }
  }
  return times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Median of the ratios round by round: both sides of a ratio saw the machine in the same mood. */
function ratioOf(times: Record<string, number[]>, a: string, b: string): number {
  return median(times[a]!.map((time, round) => time / times[b]![round]!));
}

function cpuMicroseconds(run: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function main(): void {
  const rows: string[][] = [
    [
      'body',
      'bytes',
      'memcpy us',
      'walker us',
      'cut us',
      'protobufjs us',
      'memcpy/walker',
      'protobufjs/cut',
      'JSON us',
    ],
  ];
  const ratios: number[] = [];
  for (const [name, spans] of bodies()) {
    const type: OtlpContentType = 'application/x-protobuf';
    const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);
    const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans)!);
    const times = measure({
      memcpy: () => Buffer.from(body),
      walker: () => walkProtobufTraces(body, OPTIONS).walk.forward(),
      cut: () => cutTraces(body, type, OPTIONS),
      protobufjs: () => TraceRequest.encode(TraceRequest.decode(body)).finish(),
      ...(process.env['BENCH_JSON'] === '0'
        ? {}
        : { json: () => cutTraces(json, 'application/json', OPTIONS) }),
    });
    const ratio = ratioOf(times, 'memcpy', 'walker');
    if (!name.endsWith(WITH_CHECKSUM)) ratios.push(ratio);
    rows.push([
      name,
      String(body.length),
      median(times['memcpy']!).toFixed(1),
      median(times['walker']!).toFixed(1),
      median(times['cut']!).toFixed(1),
      median(times['protobufjs']!).toFixed(0),
      `${ratio.toFixed(2)}x`,
      `${ratioOf(times, 'protobufjs', 'cut').toFixed(0)}x`,
      times['json'] === undefined ? '-' : median(times['json']).toFixed(0),
    ]);
  }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const out = rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
  const figure = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
  const passed = figure >= TARGET;
  process.stdout.write(`${out.join('\n')}\n\n`);
  process.stdout.write(
    `walker: ${figure.toFixed(2)}x memcpy (target >= ${TARGET}x memcpy) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
}

main();
