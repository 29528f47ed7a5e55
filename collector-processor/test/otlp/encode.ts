/**
 * Writers independent of the code under test. `protobufObject` is what protobufjs encodes;
 * `scrambled` writes the same message with fields in any order, padded varints and unknown fields.
 */
import type protobuf from 'protobufjs';
import type { EventModel, KeyValues, ResourceModel, SpanModel, Value } from './model.js';

interface Long {
  low: number;
  high: number;
  unsigned: boolean;
}

function long(value: bigint, unsigned: boolean): Long {
  const bits = BigInt.asUintN(64, value);
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned };
}

function anyValue(value: Value): Record<string, unknown> {
  if ('string' in value) return { stringValue: value.string };
  if ('bool' in value) return { boolValue: value.bool };
  if ('int' in value) return { intValue: long(value.int, false) };
  if ('double' in value) return { doubleValue: value.double };
  if ('bytes' in value) return { bytesValue: value.bytes };
  return { arrayValue: { values: value.array.map(anyValue) } };
}

const keyValues = (all: KeyValues) => all.map(([key, v]) => ({ key, value: anyValue(v) }));
const maybe = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });

function spanObject(span: SpanModel): Record<string, unknown> {
  return {
    traceId: Buffer.from(span.traceId, 'hex'),
    spanId: Buffer.from(span.spanId, 'hex'),
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: long(span.start, true),
    endTimeUnixNano: long(span.end, true),
    attributes: keyValues(span.attributes),
    events: span.events.map((event: EventModel) => ({
      timeUnixNano: long(event.time, true),
      name: event.name,
      attributes: keyValues(event.attributes),
      ...maybe('extra', event.extra),
    })),
    ...(span.statusCode === undefined ? {} : { status: { code: span.statusCode, message: 'm' } }),
    flags: 257,
    ...maybe('extra', span.extra),
  };
}

export function protobufObject(request: readonly ResourceModel[]): Record<string, unknown> {
  return {
    resourceSpans: request.map((resource) => ({
      resource: { attributes: keyValues(resource.attributes) },
      scopeSpans: resource.scopes.map((scope) => ({
        scope: { name: scope.name },
        spans: scope.spans.map(spanObject),
        ...maybe('extra', scope.extra),
      })),
      schemaUrl: 'https://example.com/schema',
      ...maybe('extra', resource.extra),
    })),
  };
}

function varint(value: bigint, padding: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  for (let i = 0; i < padding && out.length < 10; i++) {
    out[out.length - 1]! |= 0x80;
    out.push(0);
  }
  return Buffer.from(out);
}

/** `random` yields 0 .. n-1. */
export function scrambled(
  type: protobuf.Type,
  object: Record<string, unknown>,
  random: (n: number) => number,
): Buffer {
  const pad = (): number => (random(4) === 0 ? 1 + random(3) : 0);
  const byField: Buffer[][] = [];
  for (const field of type.fieldsArray) {
    const value = object[field.name];
    if (value === undefined) continue;
    const values = field.repeated ? (value as unknown[]) : [value];
    const parts = values.map((v) => {
      const [wireType, body] = encodeField(field, v, random, pad);
      return Buffer.concat([varint(BigInt((field.id << 3) | wireType), pad()), body]);
    });
    if (parts.length > 0) byField.push(parts);
  }
  // Unknown to everybody: must survive wherever it stands.
  if (random(5) === 0)
    byField.push([Buffer.concat([varint(BigInt((999 << 3) | 0), 0), varint(7n, pad())])]);
  const out: Buffer[] = [];
  while (byField.length > 0) {
    const at = random(byField.length);
    out.push(byField[at]!.shift()!);
    if (byField[at]!.length === 0) byField.splice(at, 1);
  }
  return Buffer.concat(out);
}

function encodeField(
  field: protobuf.Field,
  value: unknown,
  random: (n: number) => number,
  pad: () => number,
): [wireType: number, body: Buffer] {
  const lengthDelimited = (body: Buffer): [number, Buffer] => [
    2,
    Buffer.concat([varint(BigInt(body.length), pad()), body]),
  ];
  const fixed = (): bigint => {
    const { low, high } = value as Long;
    return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
  };
  switch (field.type) {
    case 'string':
      return lengthDelimited(Buffer.from(value as string));
    case 'bytes':
      return lengthDelimited(Buffer.from(value as Uint8Array));
    case 'fixed64': {
      const body = Buffer.alloc(8);
      body.writeBigUInt64LE(fixed());
      return [1, body];
    }
    case 'double': {
      const body = Buffer.alloc(8);
      body.writeDoubleLE(value as number);
      return [1, body];
    }
    case 'fixed32': {
      const body = Buffer.alloc(4);
      body.writeUInt32LE(value as number);
      return [5, body];
    }
    case 'int64':
      return [0, varint(fixed(), pad())];
    case 'bool':
      return [0, varint(value === true ? 1n : 0n, pad())];
    case 'int32':
    case 'uint32':
      return [0, varint(BigInt(value as number), pad())];
    default: {
      field.resolve();
      const type = field.resolvedType as protobuf.Type;
      return lengthDelimited(scrambled(type, value as Record<string, unknown>, random));
    }
  }
}

interface JsonForm {
  snake: boolean;
  upperHex: boolean;
  intsAsNumbers: boolean;
  enumNames: boolean;
  indent: number;
  bom: boolean;
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES = ['UNSET', 'OK', 'ERROR'];

/** OTLP/JSON of the same request in one of the forms receivers must read. */
export function jsonBody(request: readonly ResourceModel[], form: JsonForm): Buffer {
  const n = (camel: string): string =>
    form.snake ? camel.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) : camel;
  const id = (hex: string): string => (form.upperHex ? hex.toUpperCase() : hex);
  const int = (v: bigint): unknown =>
    form.intsAsNumbers && Number.isSafeInteger(Number(v)) ? Number(v) : v.toString();
  const any = (v: Value): Record<string, unknown> => {
    if ('string' in v) return { [n('stringValue')]: v.string };
    if ('bool' in v) return { [n('boolValue')]: v.bool };
    if ('int' in v) return { [n('intValue')]: int(v.int) };
    if ('double' in v) return { [n('doubleValue')]: v.double };
    if ('bytes' in v) return { [n('bytesValue')]: Buffer.from(v.bytes).toString('base64') };
    return { [n('arrayValue')]: { values: v.array.map(any) } };
  };
  const kvs = (all: KeyValues) => all.map(([key, v]) => ({ key, value: any(v) }));
  const span = (s: SpanModel): Record<string, unknown> => ({
    [n('traceId')]: id(s.traceId),
    [n('spanId')]: id(s.spanId),
    ...(s.traceState === '' ? {} : { [n('traceState')]: s.traceState }),
    name: s.name,
    kind: form.enumNames ? `SPAN_KIND_${KINDS[s.kind]}` : s.kind,
    [n('startTimeUnixNano')]: s.start.toString(),
    [n('endTimeUnixNano')]: s.end.toString(),
    attributes: kvs(s.attributes),
    events: s.events.map((e) => ({
      [n('timeUnixNano')]: e.time.toString(),
      name: e.name,
      attributes: kvs(e.attributes),
      unknownField: { a: [1, '}'] },
    })),
    ...(s.statusCode === undefined
      ? {}
      : {
          status: {
            code: form.enumNames ? `STATUS_CODE_${STATUSES[s.statusCode]}` : s.statusCode,
            message: 'm',
          },
        }),
    flags: 257,
  });
  const body = {
    [n('resourceSpans')]: request.map((r) => ({
      [n('scopeSpans')]: r.scopes.map((s) => ({
        scope: { name: s.name },
        spans: s.spans.map(span),
      })),
      resource: { attributes: kvs(r.attributes) },
      [n('schemaUrl')]: 'https://example.com/schema',
    })),
  };
  return Buffer.from(`${form.bom ? '\ufeff' : ''}${JSON.stringify(body, null, form.indent)}`);
}

export type { JsonForm };
