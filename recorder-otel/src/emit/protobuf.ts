/**
 * `ExportTraceServiceRequest` in protobuf, for segment spans and nothing else: a twentieth of a
 * general exporter's size. Field numbers: opentelemetry-proto 1.x, `trace.proto`, `common.proto`.
 */
import type { HrTime, ResourceLike, SegmentSpan } from './span.js';

type Bytes = ArrayLike<number>;

/** What is written one after the other: copied once, as the whole is, however deep it lies in it. */
interface Message {
  size: number;
  pieces: Bytes[];
}

const encoder = new TextEncoder();

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

/** Wire types; varint is 0. */
const FIXED64 = 1;
const BYTES = 2;
/** What is no longer is copied at once: many pieces cost more than their bytes. */
const SMALL = 64;

const integer = (field: number, value: number): number[] => [
  ...varint(field * 8),
  ...varint(value),
];

function bytes(field: number, ...parts: (Bytes | Message)[]): Message {
  const pieces: Bytes[] = [[]];
  let size = 0;
  for (const part of parts) {
    if ('pieces' in part) {
      size += part.size;
      for (const piece of part.pieces) pieces.push(piece);
    } else {
      size += part.length;
      pieces.push(part);
    }
  }
  const head = varint(field * 8 + BYTES);
  for (const byte of varint(size)) head.push(byte);
  const whole = size + head.length;
  if (size > SMALL) {
    pieces[0] = head;
    return { size: whole, pieces };
  }
  for (const piece of pieces) for (let at = 0; at < piece.length; at++) head.push(piece[at]!);
  return { size: whole, pieces: [head] };
}

function join({ size, pieces }: Message): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

const string = (field: number, value: string): Message => bytes(field, encoder.encode(value));

function fixed64(field: number, write: (view: DataView) => void): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = field * 8 + FIXED64;
  write(new DataView(out.buffer, 1));
  return out;
}

const time = (field: number, [seconds, nanos]: HrTime): Uint8Array =>
  fixed64(field, (view) =>
    view.setBigUint64(0, BigInt(seconds) * 1_000_000_000n + BigInt(nanos), true),
  );

function hex(field: number, id: string): Message {
  const out: number[] = [];
  for (let at = 1; at < id.length; at += 2) out.push(parseInt(id.slice(at - 1, at + 1), 16));
  return bytes(field, out);
}

/** `AnyValue`; undefined for what it cannot hold. */
function anyValue(value: unknown): Bytes | Message | undefined {
  if (typeof value === 'string') return string(1, value);
  if (typeof value === 'boolean') return integer(2, value ? 1 : 0);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0
      ? integer(3, value)
      : fixed64(4, (view) => view.setFloat64(0, value, true));
  }
  if (value instanceof Uint8Array) return bytes(7, value);
  if (!Array.isArray(value)) return undefined;
  const values = value.map(anyValue).filter((item) => item !== undefined);
  return bytes(5, ...values.map((item) => bytes(1, item)));
}

function attributes(field: number, values: Readonly<Record<string, unknown>>): Message[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const any = anyValue(value);
    return any ? [bytes(field, string(1, key), bytes(2, any))] : [];
  });
}

function spanBytes(span: SegmentSpan): Message {
  const { traceId, spanId } = span.spanContext();
  return bytes(
    2,
    hex(1, traceId),
    hex(2, spanId),
    string(5, span.name),
    integer(6, span.kind + 1),
    time(7, span.startTime),
    time(8, span.endTime),
    ...attributes(9, span.attributes),
    ...span.events.map((event) =>
      bytes(11, time(1, event.time), string(2, event.name), ...attributes(3, event.attributes)),
    ),
    ...span.links.map(({ context }) => bytes(13, hex(1, context.traceId), hex(2, context.spanId))),
  );
}

/** All spans share one resource and one scope. */
export function encodeRequest(spans: readonly SegmentSpan[]): Uint8Array<ArrayBuffer> {
  const first = spans[0];
  if (!first) return new Uint8Array(0);
  const resource: ResourceLike = first.resource;
  const { name, version } = first.instrumentationScope;
  return join(
    bytes(
      1,
      bytes(1, ...attributes(1, resource.attributes)),
      bytes(2, bytes(1, string(1, name), string(2, version)), ...spans.map(spanBytes)),
    ),
  );
}
