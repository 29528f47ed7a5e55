/** OTLP requests as senders write them: segments of a recording, ordinary spans. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  ATTR_PAYLOAD_DATA,
  encodePayload,
  SEGMENT_NAME,
  toAttributes,
  type ReplayEvent,
  type SegmentHeader,
} from '@otel-replay/protocol';
import {
  toJson,
  tracesToProtobuf,
  type AnyValue,
  type KeyValue,
  type Span,
  type TracesData,
} from '@otel-replay/protocol/fixtures/otlp.js';

export type Encoding = 'protobuf' | 'json';

export interface SentSegment {
  header: SegmentHeader;
  data: Uint8Array;
}

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** A segment with `events`; index 0 is a checkpoint. */
export async function makeSegment(
  over: Partial<SegmentHeader> & Pick<SegmentHeader, 'sessionId' | 'recordingId' | 'index'>,
  events?: readonly ReplayEvent[],
): Promise<SentSegment> {
  const first = over.firstTimestamp ?? 1_700_000_000_000 + over.index * 5000;
  const last = over.lastTimestamp ?? first + 4999;
  const { header: payload, data } = await encodePayload(
    events ?? [
      ...(over.index === 0
        ? [
            { type: 4, timestamp: first, data: { href: 'https://shop.example.com/' } },
            { type: 2, timestamp: first, data: { node: {} } },
          ]
        : []),
      { type: 3, timestamp: last, data: { index: over.index } },
    ],
  );
  return {
    data,
    header: makeHeader({ ...over, firstTimestamp: first, lastTimestamp: last }, payload),
  };
}

/** The header of a segment whose payload is there already. */
export function makeHeader(
  over: Partial<SegmentHeader> & Pick<SegmentHeader, 'sessionId' | 'recordingId' | 'index'>,
  payload: SegmentHeader['payload'],
): SegmentHeader {
  return {
    checkpoint: 1,
    hasFullSnapshot: over.index === 0,
    firstTimestamp: 0,
    lastTimestamp: 0,
    eventCount: 1,
    mode: 'stream',
    traceIds: [],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    ...over,
    payload,
  };
}

export interface OrdinarySpan {
  traceId: string;
  name: string;
  sessionId?: string;
  error?: boolean;
  /** Unix milliseconds. */
  startTime?: number;
  /** Default 10. */
  durationMs?: number;
  /** W3C, as it came with the request. */
  traceState?: string;
  /** OTLP `SpanKind`; default INTERNAL. */
  kind?: number;
  attributes?: Readonly<Record<string, string | number>>;
}

/** The body of `POST /v1/traces`. */
export function tracesBody(
  encoding: Encoding,
  segments: readonly SentSegment[],
  spans: readonly OrdinarySpan[] = [],
): Uint8Array {
  const resourceSpans = [
    ...segments.map((segment) => resourceSpan('shop-web', segmentSpan(segment))),
    ...spans.map((span) =>
      resourceSpan(span.sessionId === undefined ? 'shop' : 'shop-web', ordinarySpan(span)),
    ),
  ];
  const data: TracesData = { resourceSpans };
  return encoding === 'json' ? Buffer.from(toJson(data, 'number')) : tracesToProtobuf(data);
}

export interface SendOptions {
  encoding?: Encoding;
  gzip?: boolean;
  path?: string;
}

/** Sends a body to the receiver at `base`. */
export function send(base: string, body: Uint8Array, options: SendOptions = {}): Promise<Response> {
  const { encoding = 'protobuf', gzip = false, path = '/v1/traces' } = options;
  return fetch(base + path, {
    method: 'POST',
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: gzip ? gzipSync(body) : Buffer.from(body),
  });
}

function resourceSpan(service: string, span: Span): TracesData['resourceSpans'][number] {
  return {
    resource: { attributes: attributes({ 'service.name': service }) },
    scopeSpans: [{ scope: { name: 'test' }, spans: [span] }],
  };
}

function segmentSpan({ header, data }: SentSegment): Span {
  const { span, event } = toAttributes(header);
  const payload = { key: ATTR_PAYLOAD_DATA, value: { bytesValue: data } };
  return {
    ...timed(header.recordingId, SEGMENT_NAME, header.firstTimestamp, header.lastTimestamp),
    attributes: attributes(span),
    events: [
      {
        timeUnixNano: nanos(header.lastTimestamp),
        name: SEGMENT_NAME,
        attributes: [...attributes(event), payload],
      },
    ],
  };
}

function ordinarySpan(span: OrdinarySpan): Span {
  const { traceId, name, sessionId, error, traceState, kind, durationMs = 10 } = span;
  const start = span.startTime ?? 1_700_000_000_000;
  return {
    ...timed(traceId, name, start, start + durationMs),
    ...(kind === undefined ? {} : { kind }),
    ...(traceState === undefined ? {} : { traceState }),
    attributes: attributes({
      ...(sessionId === undefined ? {} : { 'session.id': sessionId }),
      ...span.attributes,
    }),
    events: [],
    status: { code: error === true ? 2 : 0 },
  };
}

function timed(traceId: string, name: string, start: number, end: number) {
  return {
    traceId,
    spanId: randomHex(8),
    name,
    kind: 1,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    links: [],
  };
}

const nanos = (ms: number): bigint => BigInt.asUintN(64, BigInt(ms) * 1_000_000n);

function attributes(
  values: Readonly<Record<string, string | number | boolean | string[]>>,
): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean | string[]): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map(anyValue) } };
  return Number.isInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value };
}
