/** Reads OTLP trace requests by the published field numbers, independently of what wrote them. */
import {
  ATTR_PAYLOAD_DATA,
  fromAttributes,
  SEGMENT_NAME,
  type AttributeValue,
  type SegmentHeader,
} from '@otel-replay/protocol';

export interface WireEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Map<string, AttributeValue>;
}

export interface WireSpan {
  traceId: string;
  spanId: string;
  /** W3C; empty when there is none. */
  traceState: string;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Map<string, AttributeValue>;
  events: WireEvent[];
  links: { traceId: string; spanId: string }[];
  resource: Map<string, AttributeValue>;
  scope: string;
}

export interface WireSegment {
  header: SegmentHeader;
  data: Uint8Array;
  span: WireSpan;
}

type Field = { number: number; bytes: Uint8Array; value: bigint };

function* fields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('protobuf ends inside a varint');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field: Field = { number: tag >> 3, bytes: bytes.subarray(0, 0), value: 0n };
    if ((tag & 7) === 0) field.value = varint();
    else if ((tag & 7) === 1) {
      field.value = view.getBigUint64(at, true);
      at += 8;
    } else if ((tag & 7) === 5) {
      field.value = BigInt(view.getUint32(at, true));
      at += 4;
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new Error('protobuf ends inside a field');
      field.bytes = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${tag & 7} is not used by OTLP`);
    yield field;
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function anyValue(bytes: Uint8Array): AttributeValue {
  for (const field of fields(bytes)) {
    if (field.number === 1) return text(field.bytes);
    if (field.number === 2) return field.value === 1n;
    if (field.number === 3) return Number(field.value);
    if (field.number === 4) {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, field.value);
      return view.getFloat64(0);
    }
    if (field.number === 5) {
      return Array.from(fields(field.bytes), (item) => anyValue(item.bytes)) as string[];
    }
    if (field.number === 7) return field.bytes;
  }
  return '';
}

function keyValue(bytes: Uint8Array): [string, AttributeValue] {
  let key = '';
  let value: AttributeValue = '';
  for (const field of fields(bytes)) {
    if (field.number === 1) key = text(field.bytes);
    if (field.number === 2) value = anyValue(field.bytes);
  }
  return [key, value];
}

function decodeEvent(bytes: Uint8Array): WireEvent {
  const event: WireEvent = { name: '', timeUnixNano: 0n, attributes: new Map() };
  for (const field of fields(bytes)) {
    if (field.number === 1) event.timeUnixNano = field.value;
    if (field.number === 2) event.name = text(field.bytes);
    if (field.number === 3) event.attributes.set(...keyValue(field.bytes));
  }
  return event;
}

function decodeSpan(bytes: Uint8Array, resource: WireSpan['resource'], scope: string): WireSpan {
  const span: WireSpan = {
    traceId: '',
    spanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: new Map(),
    events: [],
    links: [],
    resource,
    scope,
  };
  for (const field of fields(bytes)) {
    if (field.number === 1) span.traceId = hex(field.bytes);
    if (field.number === 2) span.spanId = hex(field.bytes);
    if (field.number === 3) span.traceState = text(field.bytes);
    if (field.number === 5) span.name = text(field.bytes);
    if (field.number === 6) span.kind = Number(field.value);
    if (field.number === 7) span.startTimeUnixNano = field.value;
    if (field.number === 8) span.endTimeUnixNano = field.value;
    if (field.number === 9) span.attributes.set(...keyValue(field.bytes));
    if (field.number === 11) span.events.push(decodeEvent(field.bytes));
    if (field.number === 13) {
      const [traceId, spanId] = Array.from(fields(field.bytes)).slice(0, 2);
      span.links.push({ traceId: hex(traceId!.bytes), spanId: hex(spanId!.bytes) });
    }
  }
  return span;
}

export function decodeProtobuf(body: Uint8Array): WireSpan[] {
  const spans: WireSpan[] = [];
  for (const resourceSpans of fields(body)) {
    const resource: WireSpan['resource'] = new Map();
    const parts = Array.from(fields(resourceSpans.bytes));
    for (const part of parts.filter(({ number }) => number === 1)) {
      for (const field of fields(part.bytes)) {
        if (field.number === 1) resource.set(...keyValue(field.bytes));
      }
    }
    for (const part of parts.filter(({ number }) => number === 2)) {
      const inner = Array.from(fields(part.bytes));
      const scope = inner.find(({ number }) => number === 1);
      const name = scope ? text(Array.from(fields(scope.bytes))[0]?.bytes ?? new Uint8Array()) : '';
      for (const field of inner) {
        if (field.number === 2) spans.push(decodeSpan(field.bytes, resource, name));
      }
    }
  }
  return spans;
}

interface JsonAny {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number | string;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values: JsonAny[] };
}
type JsonAttributes = { key: string; value: JsonAny }[];
interface JsonSpan {
  traceId: string;
  spanId: string;
  traceState?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: JsonAttributes;
  events?: { name: string; timeUnixNano: string; attributes?: JsonAttributes }[];
  links?: { traceId: string; spanId: string }[];
}
interface JsonRequest {
  resourceSpans: {
    resource: { attributes?: JsonAttributes };
    scopeSpans: { scope?: { name: string }; spans: JsonSpan[] }[];
  }[];
}

function jsonValue(any: JsonAny): AttributeValue {
  if (any.bytesValue !== undefined) return Buffer.from(any.bytesValue, 'base64');
  if (any.arrayValue) return any.arrayValue.values.map(jsonValue) as string[];
  if (any.intValue !== undefined) return Number(any.intValue);
  return any.stringValue ?? any.boolValue ?? any.doubleValue ?? '';
}

const jsonMap = (attributes: JsonAttributes = []): Map<string, AttributeValue> =>
  new Map(attributes.map(({ key, value }) => [key, jsonValue(value)]));

export function decodeJson(body: string): WireSpan[] {
  const request = JSON.parse(body) as JsonRequest;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        traceState: span.traceState ?? '',
        startTimeUnixNano: BigInt(span.startTimeUnixNano),
        endTimeUnixNano: BigInt(span.endTimeUnixNano),
        attributes: jsonMap(span.attributes),
        events: (span.events ?? []).map((event) => ({
          name: event.name,
          timeUnixNano: BigInt(event.timeUnixNano),
          attributes: jsonMap(event.attributes),
        })),
        links: span.links ?? [],
        resource: jsonMap(resource.attributes),
        scope: scope?.name ?? '',
      })),
    ),
  );
}

/** The segments among spans, with checked headers. */
export function segmentsOf(spans: readonly WireSpan[]): WireSegment[] {
  return spans.flatMap((span) => {
    const event = span.events.find(({ name }) => name === SEGMENT_NAME);
    const data = event?.attributes.get(ATTR_PAYLOAD_DATA);
    if (!event || !(data instanceof Uint8Array)) return [];
    const header = fromAttributes(new Map([...span.attributes, ...event.attributes]));
    return [{ header, data, span }];
  });
}
