/**
 * The spans of an OTLP `ExportTraceServiceRequest` as the time line needs them. Only export files
 * carry OTLP bytes to the player; the replay API sends `SpanInfo` as JSON.
 */
import { ATTR_SESSION_ID, type SpanAttributeValue, type SpanInfo } from '@otel-replay/protocol';
import { ProtobufReader } from './protobuf-reader.js';

/** An OTLP/JSON value object; int64 is a string or a number. */
interface JsonAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: JsonAnyValue[] };
}
interface JsonKeyValue {
  key: string;
  value?: JsonAnyValue;
}
interface JsonSpan {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: string | number;
  endTimeUnixNano?: string | number;
  attributes?: JsonKeyValue[];
  events?: { name?: string; timeUnixNano?: string | number; attributes?: JsonKeyValue[] }[];
  status?: { code?: number; message?: string };
}
interface JsonRequest {
  resourceSpans?: {
    resource?: { attributes?: JsonKeyValue[] };
    scopeSpans?: { spans?: JsonSpan[] }[];
  }[];
}

const KINDS: readonly SpanInfo['kind'][] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

/**
 * @param sessionId spans that carry it as `session.id` are the browser's
 * @throws ContractError `corrupt` when the bytes are not OTLP
 */
export function decodeSpans(
  contentType: 'application/x-protobuf' | 'application/json',
  bytes: Uint8Array,
  sessionId: string,
): SpanInfo[] {
  const request =
    contentType === 'application/json'
      ? (JSON.parse(new TextDecoder().decode(bytes)) as JsonRequest)
      : readRequest(new ProtobufReader(bytes));
  const spans: SpanInfo[] = [];
  for (const { resource, scopeSpans = [] } of request.resourceSpans ?? []) {
    const resourceAttributes = attributes(resource?.attributes);
    for (const { spans: list = [] } of scopeSpans) {
      for (const span of list) spans.push(spanInfo(span, resourceAttributes, sessionId));
    }
  }
  return spans;
}

function spanInfo(
  span: JsonSpan,
  resource: Record<string, SpanAttributeValue>,
  sessionId: string,
): SpanInfo {
  const own = attributes(span.attributes);
  const browser =
    own[ATTR_SESSION_ID] === sessionId ||
    'browser.platform' in resource ||
    resource['telemetry.sdk.language'] === 'webjs';
  const info: SpanInfo = {
    traceId: (span.traceId ?? '').toLowerCase(),
    spanId: (span.spanId ?? '').toLowerCase(),
    name: span.name ?? '',
    kind: KINDS[span.kind ?? 0] ?? 'unspecified',
    serviceName: text(resource['service.name'], 'unknown_service'),
    startTime: milliseconds(span.startTimeUnixNano),
    endTime: milliseconds(span.endTimeUnixNano),
    status: span.status?.code === 2 ? 'error' : span.status?.code === 1 ? 'ok' : 'unset',
    attributes: own,
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      timestamp: milliseconds(event.timeUnixNano),
      attributes: attributes(event.attributes),
    })),
    origin: browser ? 'browser' : 'backend',
  };
  if (span.parentSpanId !== undefined && span.parentSpanId !== '') {
    info.parentSpanId = span.parentSpanId.toLowerCase();
  }
  if (span.status?.message !== undefined && span.status.message !== '') {
    info.statusMessage = span.status.message;
  }
  return info;
}

function text(value: SpanAttributeValue | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function milliseconds(nano: string | number | undefined): number {
  return Number(nano ?? 0) / 1e6;
}

function attributes(list: readonly JsonKeyValue[] = []): Record<string, SpanAttributeValue> {
  const out: Record<string, SpanAttributeValue> = {};
  for (const { key, value } of list) out[key] = anyValue(value);
  return out;
}

function anyValue(value: JsonAnyValue | undefined): SpanAttributeValue {
  if (value?.intValue !== undefined) return Number(value.intValue);
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(anyValue);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? null;
}

// Protobuf: field numbers of opentelemetry-proto v1, into the shape of OTLP/JSON above.

function readRequest(reader: ProtobufReader): JsonRequest {
  const resourceSpans: NonNullable<JsonRequest['resourceSpans']> = [];
  reader.fields({
    1: (r) => {
      const scopeSpans: { spans: JsonSpan[] }[] = [];
      let list: JsonKeyValue[] = [];
      r.message({
        1: (resource) => {
          list = [];
          resource.message({ 1: (kv) => list.push(readKeyValue(kv)) });
        },
        2: (scope) => {
          const spans: JsonSpan[] = [];
          scope.message({ 2: (span) => spans.push(readSpan(span)) });
          scopeSpans.push({ spans });
        },
      });
      resourceSpans.push({ resource: { attributes: list }, scopeSpans });
    },
  });
  return { resourceSpans };
}

function readSpan(reader: ProtobufReader): JsonSpan {
  const list: JsonKeyValue[] = [];
  const events: NonNullable<JsonSpan['events']> = [];
  const span: JsonSpan = { attributes: list, events };
  reader.message({
    1: (r) => (span.traceId = r.hex()),
    2: (r) => (span.spanId = r.hex()),
    4: (r) => (span.parentSpanId = r.hex()),
    5: (r) => (span.name = r.string()),
    6: (r) => (span.kind = r.varint()),
    7: (r) => (span.startTimeUnixNano = r.fixed64()),
    8: (r) => (span.endTimeUnixNano = r.fixed64()),
    9: (r) => list.push(readKeyValue(r)),
    11: (r) => {
      const own: JsonKeyValue[] = [];
      const event: (typeof events)[number] = { attributes: own };
      r.message({
        1: (e) => (event.timeUnixNano = e.fixed64()),
        2: (e) => (event.name = e.string()),
        3: (e) => own.push(readKeyValue(e)),
      });
      events.push(event);
    },
    15: (r) => {
      const status: NonNullable<JsonSpan['status']> = {};
      r.message({
        2: (s) => (status.message = s.string()),
        3: (s) => (status.code = s.varint()),
      });
      span.status = status;
    },
  });
  return span;
}

function readKeyValue(reader: ProtobufReader): JsonKeyValue {
  const pair: JsonKeyValue = { key: '' };
  reader.message({
    1: (r) => (pair.key = r.string()),
    2: (r) => (pair.value = readAnyValue(r)),
  });
  return pair;
}

function readAnyValue(reader: ProtobufReader): JsonAnyValue {
  const value: JsonAnyValue = {};
  reader.message({
    1: (r) => (value.stringValue = r.string()),
    2: (r) => (value.boolValue = r.varint() !== 0),
    3: (r) => (value.intValue = r.signed()),
    4: (r) => (value.doubleValue = r.double()),
    5: (r) => {
      const values: JsonAnyValue[] = [];
      r.message({ 1: (v) => values.push(readAnyValue(v)) });
      value.arrayValue = { values };
    },
  });
  return value;
}
