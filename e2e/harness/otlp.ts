/**
 * Reads OTLP trace requests in protobuf, independently of the processor's walker: what these tests
 * say about the wire must not rest on the code they test.
 */
import { decodePayload, fromAttributes, SEGMENT_NAME } from '@otel-replay/protocol';
import type { AttributeValue, ReplayEvent, SegmentHeader } from '@otel-replay/protocol';

export interface WireSpan {
  traceId: string;
  spanId: string;
  name: string;
  attributes: Map<string, AttributeValue>;
  events: { name: string; attributes: Map<string, AttributeValue> }[];
}

export interface WireSegment {
  header: SegmentHeader;
  payload: Uint8Array;
}

type Field = { number: number; value: bigint | Uint8Array };

/** The spans of an `ExportTraceServiceRequest`. */
export function spansOfRequest(body: Uint8Array): WireSpan[] {
  return messages(body, 1)
    .flatMap((resource) => messages(resource, 2))
    .flatMap((scope) => messages(scope, 2))
    .map(readSpan);
}

/** The replay segments of a request, payload as sent. */
export function segmentsOfRequest(body: Uint8Array): WireSegment[] {
  const segments: WireSegment[] = [];
  for (const span of spansOfRequest(body)) {
    for (const event of span.events) {
      const payload = event.attributes.get('session_replay.payload.data');
      if (event.name !== SEGMENT_NAME || !(payload instanceof Uint8Array)) continue;
      const header = fromAttributes(new Map([...span.attributes, ...event.attributes]));
      segments.push({ header, payload });
    }
  }
  return segments;
}

export function eventsOfSegment({ header, payload }: WireSegment): Promise<ReplayEvent[]> {
  return decodePayload(header.payload, payload);
}

function readSpan(bytes: Uint8Array): WireSpan {
  const span: WireSpan = {
    traceId: '',
    spanId: '',
    name: '',
    attributes: attributesOf(bytes, 9),
    events: [],
  };
  for (const { number, value } of fields(bytes)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 1) span.traceId = Buffer.from(value).toString('hex');
    else if (number === 2) span.spanId = Buffer.from(value).toString('hex');
    else if (number === 5) span.name = text(value);
    else if (number === 11) {
      const name = fields(value).find((field) => field.number === 2)?.value;
      span.events.push({
        name: name instanceof Uint8Array ? text(name) : '',
        attributes: attributesOf(value, 3),
      });
    }
  }
  return span;
}

function attributesOf(bytes: Uint8Array, number: number): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  for (const pair of messages(bytes, number)) {
    const key = messages(pair, 1)[0];
    const value = messages(pair, 2)[0];
    const read = value === undefined ? undefined : anyValue(value);
    if (key !== undefined && read !== undefined) attributes.set(text(key), read);
  }
  return attributes;
}

function anyValue(bytes: Uint8Array): AttributeValue | undefined {
  const field = fields(bytes)[0];
  if (field === undefined) return undefined;
  const { number, value } = field;
  if (value instanceof Uint8Array) {
    if (number === 1) return text(value);
    if (number === 5) {
      return messages(value, 1)
        .map(anyValue)
        .filter((item) => typeof item === 'string');
    }
    if (number === 7) return value;
    return undefined; // maps: nothing of ours uses them
  }
  if (number === 2) return value !== 0n;
  if (number === 3) return Number(BigInt.asIntN(64, value));
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return number === 4 ? view.getFloat64(0) : undefined;
}

function messages(bytes: Uint8Array, number: number): Uint8Array[] {
  return fields(bytes)
    .filter((field) => field.number === number)
    .map((field) => field.value)
    .filter((value) => value instanceof Uint8Array);
}

/** Fields of a message; fixed32, fixed64 and varint come as bigint. */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(view.getUint8(at++));
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const wire = tag & 7;
    if (wire === 0) found.push({ number, value: varint() });
    else if (wire === 1) {
      found.push({ number, value: view.getBigUint64(at, true) });
      at += 8;
    } else if (wire === 5) {
      found.push({ number, value: BigInt(view.getUint32(at, true)) });
      at += 4;
    } else if (wire === 2) {
      const length = Number(varint());
      found.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${wire} at byte ${at}`);
  }
  return found;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
