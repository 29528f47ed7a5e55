/** Spans as real services and pages send them, for the bodies of benchmarks. */
import type { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { crc32cHex, toAttributes, type SegmentHeader } from '@otel-replay/protocol';
import { randomBytes } from 'node:crypto';

export type Spans = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0];
export type Span = Spans[number];

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

export function backendSpan(i: number): Span {
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

export function segmentSpan(index: number, size: number, checksum = false): Span {
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

export function pageSpan(): Span {
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

/** Spans of a service with a name of its own, five to a trace. */
export function serviceSpans(count: number, instanceId: string): Span[] {
  const attributes = { 'service.instance.id': instanceId, ...SHOP.attributes };
  const whole = resource(attributes);
  let traceId = '';
  return Array.from({ length: count }, (_, i) => {
    const one = { ...backendSpan(i + 1), resource: whole };
    const own = one.spanContext();
    if (i % 5 === 0) traceId = own.traceId;
    const inTrace = { ...own, traceId };
    return { ...one, spanContext: () => inTrace };
  });
}
