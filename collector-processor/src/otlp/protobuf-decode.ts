/** Decodes single protobuf messages of opentelemetry-proto trace/v1, logs/v1, common/v1. */
import { ATTRIBUTES } from '@otel-replay/protocol';
import { MAX_VALUE_DEPTH, type AnyValue, type Attributes, type DecodedEvent } from './model.js';
import type { DecodedLogRecord, DecodedSpan } from './model.js';
import {
  bytesEqual,
  eachField,
  I64,
  LEN,
  readDouble,
  readHex,
  readInt32,
  readInt64,
  readNanosAsMs,
  readString,
  VARINT,
  type Field,
} from './protobuf-wire.js';

/** Field numbers in opentelemetry-proto 1.x. */
export const SPAN = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTime: 7,
  endTime: 8,
  attributes: 9,
  events: 11,
  status: 15,
} as const;
export const EVENT = { time: 1, name: 2, attributes: 3 } as const;
export const LOG = {
  time: 1,
  severityNumber: 2,
  body: 5,
  attributes: 6,
  traceId: 9,
  spanId: 10,
  observedTime: 11,
  eventName: 12,
} as const;
export const RESOURCE_ATTRIBUTES = 1;
/** ResourceX.resource, ResourceX.scope_x, ScopeX.items: the same numbers for traces and logs. */
export const CONTAINER = { resource: 1, children: 2 } as const;

function id(bytes: Uint8Array, field: Field, size: number): string {
  return field.end - field.start === size ? readHex(bytes, field.start, field.end) : '';
}

export function decodeAnyValue(bytes: Uint8Array, start: number, end: number, depth = 0): AnyValue {
  let value: AnyValue = null;
  if (depth > MAX_VALUE_DEPTH) return value;
  eachField(bytes, start, end, (f) => {
    if (f.wireType === LEN) {
      if (f.number === 1) value = readString(bytes, f.start, f.end);
      else if (f.number === 5) value = decodeArray(bytes, f.start, f.end, depth + 1);
      else if (f.number === 6) value = decodeKvList(bytes, f.start, f.end, depth + 1);
      else if (f.number === 7) value = bytes.subarray(f.start, f.end);
    } else if (f.wireType === VARINT) {
      if (f.number === 2) value = readInt64(bytes, f.start, f.end) !== 0;
      else if (f.number === 3) value = readInt64(bytes, f.start, f.end);
    } else if (f.wireType === I64 && f.number === 4) value = readDouble(bytes, f.start);
  });
  return value;
}

function decodeArray(bytes: Uint8Array, start: number, end: number, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  eachField(bytes, start, end, (f) => {
    if (f.number === 1 && f.wireType === LEN) {
      values.push(decodeAnyValue(bytes, f.start, f.end, depth));
    }
  });
  return values;
}

function decodeKvList(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): { [key: string]: AnyValue } {
  const map = new Map<string, AnyValue>();
  eachField(bytes, start, end, (f) => {
    if (f.number === 1 && f.wireType === LEN) {
      addKeyValue(map, bytes, f.start, f.end, undefined, depth);
    }
  });
  return Object.fromEntries(map);
}

/** `onValue` takes the place of decoding for a key it answers true for. */
export type ValueTap = (key: string, valueStart: number, valueEnd: number) => boolean;

export function addKeyValue(
  into: Map<string, AnyValue>,
  bytes: Uint8Array,
  start: number,
  end: number,
  tap?: ValueTap,
  depth = 0,
): void {
  if (tap === undefined && addUsual(into, bytes, start, end)) return;
  let key = '';
  let valueStart = end;
  let valueEnd = end;
  eachField(bytes, start, end, (f) => {
    if (f.wireType !== LEN) return;
    if (f.number === 1) key = readString(bytes, f.start, f.end);
    else if (f.number === 2) {
      valueStart = f.start;
      valueEnd = f.end;
    }
  });
  if (tap?.(key, valueStart, valueEnd) === true || into.has(key)) return;
  into.set(key, decodeAnyValue(bytes, valueStart, valueEnd, depth));
}

/** The contract's keys by length, so that reading one makes no string. */
const KNOWN_KEYS: { text: string; bytes: Uint8Array }[][] = [];
for (const text of [...ATTRIBUTES, 'service.name']) {
  (KNOWN_KEYS[text.length] ??= []).push({ text, bytes: Buffer.from(text) });
}

function knownKey(bytes: Uint8Array, at: number, length: number): string | undefined {
  const candidates = KNOWN_KEYS[length];
  if (candidates === undefined) return undefined;
  for (const candidate of candidates) {
    if (bytesEqual(bytes, at, candidate.bytes)) return candidate.text;
  }
  return undefined;
}

const USUAL_KEY = (1 << 3) | LEN;
const USUAL_VALUE = (2 << 3) | LEN;

/**
 * The KeyValue every SDK writes: key, then a scalar value, lengths of one byte. False for any other
 * form, which the general decoder reads. Segments have some thirty of them.
 */
function addUsual(
  into: Map<string, AnyValue>,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const keyLength = bytes[start + 1]!;
  const keyEnd = start + 2 + keyLength;
  if (end - start < 6 || bytes[start] !== USUAL_KEY || keyLength >= 0x80 || keyEnd + 4 > end) {
    return false;
  }
  const valueLength = bytes[keyEnd + 1]!;
  const at = keyEnd + 3;
  if (bytes[keyEnd] !== USUAL_VALUE || valueLength >= 0x80 || keyEnd + 2 + valueLength !== end) {
    return false;
  }
  let value: AnyValue;
  switch (bytes[keyEnd + 2]!) {
    case (1 << 3) | LEN:
      if (bytes[at]! >= 0x80 || at + 1 + bytes[at]! !== end) return false;
      value = readString(bytes, at + 1, end);
      break;
    case (2 << 3) | VARINT:
      if (at + 1 !== end || bytes[at]! >= 0x80) return false;
      value = bytes[at] !== 0;
      break;
    case (3 << 3) | VARINT:
      for (let p = at; p < end - 1; p++) if (bytes[p]! < 0x80) return false;
      value = readInt64(bytes, at, end);
      break;
    default:
      return false;
  }
  const key = knownKey(bytes, start + 2, keyLength) ?? readString(bytes, start + 2, keyEnd);
  if (!into.has(key)) into.set(key, value);
  return true;
}

/** The attributes of a message whose repeated KeyValue has this field number. */
export function decodeAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldNumber: number,
): Attributes {
  const attributes = new Map<string, AnyValue>();
  eachField(bytes, start, end, (f) => {
    if (f.number === fieldNumber && f.wireType === LEN) {
      addKeyValue(attributes, bytes, f.start, f.end);
    }
  });
  return attributes;
}

function decodeEvent(bytes: Uint8Array, start: number, end: number): DecodedEvent {
  const attributes = new Map<string, AnyValue>();
  const event = { name: '', time: 0, attributes };
  eachField(bytes, start, end, (f) => {
    if (f.number === EVENT.time && f.wireType === I64) event.time = readNanosAsMs(bytes, f.start);
    if (f.wireType !== LEN) return;
    if (f.number === EVENT.name) event.name = readString(bytes, f.start, f.end);
    else if (f.number === EVENT.attributes) addKeyValue(attributes, bytes, f.start, f.end);
  });
  return event;
}

export function decodeSpan(bytes: Uint8Array, start: number, end: number): DecodedSpan {
  const attributes = new Map<string, AnyValue>();
  const span: DecodedSpan = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startTime: 0,
    endTime: 0,
    attributes,
    events: [],
    statusCode: 0,
    statusMessage: '',
  };
  eachField(bytes, start, end, (f) => {
    if (f.wireType === I64) {
      if (f.number === SPAN.startTime) span.startTime = readNanosAsMs(bytes, f.start);
      else if (f.number === SPAN.endTime) span.endTime = readNanosAsMs(bytes, f.start);
    } else if (f.wireType === VARINT) {
      if (f.number === SPAN.kind) span.kind = readInt32(bytes, f.start, f.end);
    } else if (f.wireType === LEN) {
      spanField(bytes, f, span, attributes);
    }
  });
  return span;
}

function spanField(
  bytes: Uint8Array,
  f: Field,
  span: DecodedSpan,
  attributes: Map<string, AnyValue>,
): void {
  switch (f.number) {
    case SPAN.traceId:
      span.traceId = id(bytes, f, 16);
      break;
    case SPAN.spanId:
      span.spanId = id(bytes, f, 8);
      break;
    case SPAN.parentSpanId:
      span.parentSpanId = id(bytes, f, 8);
      break;
    case SPAN.traceState:
      span.traceState = readString(bytes, f.start, f.end);
      break;
    case SPAN.name:
      span.name = readString(bytes, f.start, f.end);
      break;
    case SPAN.attributes:
      addKeyValue(attributes, bytes, f.start, f.end);
      break;
    case SPAN.events:
      span.events.push(decodeEvent(bytes, f.start, f.end));
      break;
    case SPAN.status:
      eachField(bytes, f.start, f.end, (s) => {
        if (s.number === 2 && s.wireType === LEN) {
          span.statusMessage = readString(bytes, s.start, s.end);
        } else if (s.number === 3 && s.wireType === VARINT) {
          span.statusCode = readInt32(bytes, s.start, s.end);
        }
      });
      break;
  }
}

export function decodeLogRecord(bytes: Uint8Array, start: number, end: number): DecodedLogRecord {
  const attributes = new Map<string, AnyValue>();
  const record: DecodedLogRecord = {
    eventName: '',
    traceId: '',
    spanId: '',
    severityNumber: 0,
    time: 0,
    body: null,
    attributes,
  };
  let observed = 0;
  eachField(bytes, start, end, (f) => {
    if (f.wireType === I64) {
      if (f.number === LOG.time) record.time = readNanosAsMs(bytes, f.start);
      else if (f.number === LOG.observedTime) observed = readNanosAsMs(bytes, f.start);
    } else if (f.wireType === VARINT) {
      if (f.number === LOG.severityNumber) record.severityNumber = readInt32(bytes, f.start, f.end);
    } else if (f.wireType === LEN) {
      if (f.number === LOG.attributes) addKeyValue(attributes, bytes, f.start, f.end);
      else if (f.number === LOG.traceId) record.traceId = id(bytes, f, 16);
      else if (f.number === LOG.spanId) record.spanId = id(bytes, f, 8);
      else if (f.number === LOG.body) record.body = decodeAnyValue(bytes, f.start, f.end);
      else if (f.number === LOG.eventName) record.eventName = readString(bytes, f.start, f.end);
    }
  });
  if (record.time === 0) record.time = observed; // spec: observed time stands in when time is unknown
  return record;
}
