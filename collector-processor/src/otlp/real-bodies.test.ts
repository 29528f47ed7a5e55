/** Bodies as OTel JS writes them, in both encodings, with the payload as bytes and as base64. */
import type * as OtlpTransformer from '@opentelemetry/otlp-transformer';
import { encodePayload, toAttributes, type SegmentHeader } from '@otel-replay/protocol';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { cutLogs, cutTraces } from './cut.js';
import { decodeSpans } from './decode-spans.js';

// Its ES modules are for bundlers; Node loads the CommonJS ones.
const { JsonLogsSerializer, JsonTraceSerializer, ProtobufLogsSerializer, ProtobufTraceSerializer } =
  createRequire(import.meta.url)('@opentelemetry/otlp-transformer') as typeof OtlpTransformer;

type Span = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
type LogRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number];

const OPTIONS = { forwardSegmentSpans: false, maxSegmentBytes: 1 << 20 };
const TRACE_ID = 'ab'.repeat(16);
const resource = (attributes: Record<string, string>): Span['resource'] => ({
  attributes,
  getRawAttributes: () => Object.entries(attributes),
  merge: () => resource(attributes),
});
const PAGE = resource({ 'service.name': 'shop-web', 'telemetry.sdk.language': 'webjs' });
/** On the segment; the rest is of its Resource. */
const WATCHED_WITH = { 'user_agent.original': 'Mozilla/5.0', 'session_replay.screen': '1920x1080' };
const FROM_PAGE = {
  serviceName: 'shop-web',
  environment: {
    ...WATCHED_WITH,
    'session_replay.mode': 'stream',
    'session_replay.sample_rate': 0.25,
    'telemetry.sdk.language': 'webjs',
  },
};
const SHOP = resource({ 'service.name': 'shop', 'telemetry.sdk.language': 'nodejs' });

function span(overrides: Partial<Span>): Span {
  return {
    name: 'GET',
    kind: 2,
    spanContext: () => ({ traceId: TRACE_ID, spanId: '12'.repeat(8), traceFlags: 1 }),
    startTime: [1_700_000_000, 123_456_789],
    endTime: [1_700_000_001, 0],
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    duration: [0, 1],
    ended: true,
    resource: PAGE,
    instrumentationScope: { name: 'fetch', version: '1' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...overrides,
  };
}

async function segment(): Promise<{ header: SegmentHeader; data: Uint8Array }> {
  const events = Array.from({ length: 4000 }, (_, i) => ({
    type: 3,
    timestamp: i,
    data: { i: Math.sin(i) },
  }));
  const { header: payload, data } = await encodePayload(events);
  const header: SegmentHeader = {
    sessionId: 'session-1',
    recordingId: 'cd'.repeat(16),
    index: 3,
    checkpoint: 1,
    hasFullSnapshot: true,
    firstTimestamp: 1_700_000_000_000,
    lastTimestamp: 1_700_000_005_000,
    eventCount: events.length,
    mode: 'stream',
    traceIds: [TRACE_ID],
    droppedTraceIds: 0,
    errorCount: 1,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    sampleRate: 0.25,
    payload,
  };
  return { header, data };
}

const ENCODINGS = [
  ['application/x-protobuf', ProtobufTraceSerializer, ProtobufLogsSerializer],
  ['application/json', JsonTraceSerializer, JsonLogsSerializer],
] as const;

describe.each(ENCODINGS)('%s of OTel JS', (contentType, traces, logs) => {
  it.each(['bytes', 'base64'])('yields a segment sent as %s', async (form) => {
    const { header, data } = await segment();
    expect(data.length).toBeGreaterThan(32 * 1024); // more than one slice of base64
    const attributes = toAttributes(header);
    Object.assign(attributes.span, WATCHED_WITH);
    const payload = form === 'bytes' ? data : Buffer.from(data).toString('base64');
    const event = { ...attributes.event, 'session_replay.payload.data': payload };
    const name = 'session_replay.segment';
    const body = traces.serializeRequest([
      span({ attributes: { 'session.id': 'session-1' } }),
      span({
        name,
        attributes: attributes.span,
        events: [{ name, time: [1, 0], attributes: event as never }],
      }),
    ])!;
    const result = cutTraces(body, contentType, OPTIONS);
    expect(result.rejected).toEqual([]);
    expect(result.segments).toHaveLength(1);
    expect(result.segments[0]!.header).toEqual({ ...header, ...FROM_PAGE });
    expect(Buffer.from(result.segments[0]!.data).equals(data)).toBe(true);
    expect(result.forwardCount).toBe(1);
    expect(Buffer.from(result.forward!).includes('payload')).toBe(false);
    expect(decodeSpans(contentType, result.forward!)).toMatchObject([
      {
        traceId: TRACE_ID,
        kind: 'client',
        origin: 'browser',
        serviceName: 'shop-web',
        startTime: expect.closeTo(1_700_000_000_123.457, 2) as number,
      },
    ]);
    const tooLarge = cutTraces(body, contentType, { ...OPTIONS, maxSegmentBytes: 100 });
    expect(tooLarge.rejected).toMatchObject([{ code: 'too_large' }]);
    expect(tooLarge.forwardCount).toBe(1);
  });

  it('yields a segment sent as a log record', async () => {
    const { header, data } = await segment();
    const attributes = toAttributes(header);
    Object.assign(attributes.span, WATCHED_WITH);
    const record = {
      hrTime: [1, 0],
      hrTimeObserved: [1, 0],
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'session_replay.segment',
      body: data,
      attributes: { ...attributes.span, ...attributes.event },
      resource: PAGE,
      instrumentationScope: { name: 'replay' },
      droppedAttributesCount: 0,
    } as unknown as LogRecord;
    const other = { ...record, eventName: 'click', body: 'hello', attributes: {} } as LogRecord;
    const body = logs.serializeRequest([record, other])!;
    for (const forwardSegmentSpans of [false, true]) {
      const result = cutLogs(body, contentType, { ...OPTIONS, forwardSegmentSpans });
      expect(result.rejected).toEqual([]);
      expect(result.segments[0]!.header).toEqual({ ...header, ...FROM_PAGE });
      expect(Buffer.from(result.segments[0]!.data).equals(data)).toBe(true);
      expect(result.forwardCount).toBe(forwardSegmentSpans ? 2 : 1);
      expect(result.forward!.length).toBeLessThan(data.length);
      const again = cutLogs(result.forward!, contentType, OPTIONS);
      expect(again.segments).toEqual([]);
      expect(again.forwardCount).toBe(result.forwardCount);
    }
  });

  it('yields signals with their origin and session', () => {
    const http = (code: number) => ({ 'http.response.status_code': code });
    const body = traces.serializeRequest([
      span({ name: 'a', attributes: { ...http(404), 'session.id': 's' }, status: { code: 2 } }),
      span({ name: 'b', attributes: http(0) }),
      span({ name: 'c', attributes: { ...http(0), 'error.type': 'AbortError' } }),
      span({ name: 'd', kind: 1, resource: SHOP, attributes: { ...http(503), 'session.id': 's' } }),
      span({
        name: 'e',
        kind: 1,
        resource: SHOP,
        events: [
          {
            name: 'exception',
            time: [1_700_000_000, 5e8],
            attributes: { 'exception.type': 'E', 'exception.message': 'no' },
          },
        ],
      }),
      span({ name: 'f', attributes: { 'http.status_code': 500 } }),
      span({ name: 'g', attributes: http(404) }),
    ])!;
    const { signals } = cutTraces(body, contentType, OPTIONS);
    expect(signals.sort((a, b) => a.name!.localeCompare(b.name!))).toMatchObject([
      {
        kind: 'error_span',
        name: 'a',
        httpStatusCode: 404,
        origin: 'browser',
        sessionId: 's',
        traceId: TRACE_ID,
      },
      { kind: 'failed_fetch', name: 'b', httpStatusCode: 0, serviceName: 'shop-web' },
      { kind: 'http_5xx', name: 'd', httpStatusCode: 503, origin: 'backend', sessionId: 's' },
      {
        kind: 'exception',
        name: 'E',
        message: 'no',
        origin: 'backend',
        timestamp: 1_700_000_000_500,
      },
      { kind: 'http_5xx', name: 'f', httpStatusCode: 500, origin: 'browser' },
    ]);
  });

  it('yields signals of log records', () => {
    const log = (overrides: object): LogRecord =>
      ({
        hrTime: [1_700_000_000, 0],
        hrTimeObserved: [1_700_000_000, 0],
        attributes: {},
        resource: SHOP,
        instrumentationScope: { name: 'logs' },
        droppedAttributesCount: 0,
        ...overrides,
      }) as unknown as LogRecord;
    const spanContext = { traceId: TRACE_ID, spanId: '12'.repeat(8), traceFlags: 1 };
    const body = logs.serializeRequest([
      log({ severityNumber: 17, body: 'disk full', spanContext }),
      log({ severityNumber: 17, body: 'no trace' }),
      log({ severityNumber: 13, body: 'only a warning', spanContext }),
      log({
        eventName: 'exception',
        attributes: { 'exception.type': 'TypeError', 'session.id': 's' },
      }),
    ])!;
    const result = cutLogs(body, contentType, OPTIONS);
    expect(result.forward).toBe(body);
    expect(result.signals).toMatchObject([
      {
        kind: 'exception_log',
        name: 'disk full',
        traceId: TRACE_ID,
        origin: 'backend',
        timestamp: 1_700_000_000_000,
      },
      { kind: 'exception_log', name: 'TypeError', sessionId: 's' },
    ]);
  });
});
