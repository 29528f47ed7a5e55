/** OTLP trace requests, as stored, to the spans of the replay API. */
import { ATTR_SESSION_ID, type SpanAttributeValue, type SpanInfo } from '@otel-replay/protocol';
import { parseJson } from './json-cursor.js';
import { requestFromJson } from './json-decode.js';
import { stringOf, type AnyValue, type Attributes, type DecodedSpan } from './model.js';
import { decodeSpan } from './protobuf-decode.js';
import { ProtobufResources } from './protobuf-table.js';
import { ProtobufWalk } from './protobuf-walk.js';
import { originOf } from './signals.js';
import type { OtlpContentType } from './types.js';

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUSES = ['unset', 'ok', 'error'] as const;

/**
 * The spans of an OTLP `ExportTraceServiceRequest`, in wire order, times in milliseconds with
 * fractions. int64 attributes beyond 2^53 become strings, bytes become base64.
 * @param sessionId spans that carry it are the browser's when their Resource does not say
 * @throws MalformedOtlpError
 */
export function decodeSpans(
  contentType: OtlpContentType,
  payload: Uint8Array,
  sessionId?: string,
): SpanInfo[] {
  const out: SpanInfo[] = [];
  const add = (span: DecodedSpan, resource: Attributes): void => {
    out.push(spanInfo(span, resource, sessionId));
  };
  if (contentType === 'application/json') {
    const hasBom = payload[0] === 0xef;
    requestFromJson(parseJson(payload, hasBom ? 3 : 0, payload.length), add);
  } else eachProtobufSpan(payload, add);
  return out;
}

function eachProtobufSpan(
  payload: Uint8Array,
  visit: (span: DecodedSpan, resource: Attributes) => void,
): void {
  const walk = new ProtobufWalk(payload);
  const resources = new ProtobufResources(payload, walk.ranges);
  const found: { start: number; end: number; scope: number }[] = [];
  walk.run({
    item(start, end, scope) {
      found.push({ start, end, scope });
      return 'keep';
    },
  });
  for (const { start, end, scope } of found) {
    const resource = resources.attributes(walk.ranges.scopes[scope]!.resource);
    visit(decodeSpan(payload, start, end), resource);
  }
}

function spanInfo(
  span: DecodedSpan,
  resource: Attributes,
  sessionId: string | undefined,
): SpanInfo {
  const own = stringOf(span.attributes, ATTR_SESSION_ID);
  const info: SpanInfo = {
    traceId: span.traceId,
    spanId: span.spanId,
    name: span.name,
    kind: KINDS[span.kind] ?? 'unspecified',
    serviceName: stringOf(resource, 'service.name') ?? '',
    startTime: span.startTime,
    endTime: span.endTime,
    status: STATUSES[span.statusCode] ?? 'unset',
    attributes: toJson(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timestamp: event.time,
      attributes: toJson(event.attributes),
    })),
    origin:
      own !== undefined && sessionId !== undefined && own !== sessionId
        ? originOf(new Map(), resource)
        : originOf(span.attributes, resource),
  };
  if (span.parentSpanId !== '') info.parentSpanId = span.parentSpanId;
  if (span.statusMessage !== '') info.statusMessage = span.statusMessage;
  return info;
}

function toJson(attributes: Attributes): Record<string, SpanAttributeValue> {
  return Object.fromEntries([...attributes].map(([key, value]) => [key, jsonValue(value)]));
}

function jsonValue(value: AnyValue): SpanAttributeValue {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return (value as readonly AnyValue[]).map(jsonValue);
  // The replay API has no maps: what a viewer would show of one is its text.
  const map = value as { readonly [key: string]: AnyValue };
  const json = Object.entries(map).map(([key, inner]) => [key, jsonValue(inner)]);
  return JSON.stringify(Object.fromEntries(json));
}
