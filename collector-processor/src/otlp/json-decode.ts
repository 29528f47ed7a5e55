/**
 * Decodes parsed OTLP/JSON as liberally as the Collector does: lowerCamelCase and snake_case names,
 * int64 as number or string, enums as numbers or names, hex ids in any case.
 */
import { MAX_VALUE_DEPTH, type AnyValue, type Attributes, type DecodedEvent } from './model.js';
import type { DecodedLogRecord, DecodedSpan } from './model.js';

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The member under its camelCase name or the snake_case one. */
function pick(object: Json, camel: string): unknown {
  return object[camel] ?? object[camel.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)];
}

export function hexId(value: unknown, digits: number): string {
  if (typeof value !== 'string' || value.length !== digits) return '';
  const id = value.toLowerCase();
  return /^[0-9a-f]+$/.test(id) ? id : '';
}

/** Unix nanoseconds, number or decimal string, as milliseconds with fractions. */
export function nanosAsMs(value: unknown): number {
  if (typeof value === 'number') return value / 1e6;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return 0;
  const nanos = BigInt(value);
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

function int64(value: unknown): AnyValue {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(value));
}

function double(value: unknown): AnyValue {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' ? Number(value) : null;
}

const SPAN_KINDS: readonly string[] = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_CODES: readonly string[] = [
  'STATUS_CODE_UNSET',
  'STATUS_CODE_OK',
  'STATUS_CODE_ERROR',
];
const SEVERITIES: readonly string[] = [
  'UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((s) => [
    s,
    `${s}2`,
    `${s}3`,
    `${s}4`,
  ]),
].map((s) => `SEVERITY_NUMBER_${s}`);

function enumValue(value: unknown, names: readonly string[]): number {
  if (typeof value === 'number') return value;
  return Math.max(0, names.indexOf(asText(value)));
}

export function statusCodeOf(status: unknown): number {
  return enumValue(asObject(status)['code'], STATUS_CODES);
}

export function severityOf(value: unknown): number {
  return enumValue(value, SEVERITIES);
}

export function anyValueFromJson(json: unknown, depth = 0): AnyValue {
  if (depth > MAX_VALUE_DEPTH) return null;
  const value = asObject(json);
  const string = pick(value, 'stringValue');
  if (typeof string === 'string') return string;
  const bool = pick(value, 'boolValue');
  if (typeof bool === 'boolean') return bool;
  const int = pick(value, 'intValue');
  if (int !== undefined && int !== null) return int64(int);
  const number = pick(value, 'doubleValue');
  if (number !== undefined && number !== null) return double(number);
  const bytes = pick(value, 'bytesValue');
  if (typeof bytes === 'string') return Buffer.from(bytes, 'base64');
  const array = pick(value, 'arrayValue');
  if (array !== undefined && array !== null) {
    return asArray(asObject(array)['values']).map((v) => anyValueFromJson(v, depth + 1));
  }
  const list = pick(value, 'kvlistValue');
  if (list !== undefined && list !== null) {
    return Object.fromEntries(attributesFromJson(asObject(list)['values'], undefined, depth + 1));
  }
  return null;
}

/** `skip` leaves out one key: the payload. */
export function attributesFromJson(json: unknown, skip?: string, depth = 0): Map<string, AnyValue> {
  const attributes = new Map<string, AnyValue>();
  for (const element of asArray(json)) {
    const keyValue = asObject(element);
    const key = asText(keyValue['key']);
    if (key === skip || attributes.has(key)) continue;
    attributes.set(key, anyValueFromJson(keyValue['value'], depth));
  }
  return attributes;
}

function eventFromJson(json: unknown): DecodedEvent {
  const event = asObject(json);
  return {
    name: asText(event['name']),
    time: nanosAsMs(pick(event, 'timeUnixNano')),
    attributes: attributesFromJson(event['attributes']),
  };
}

export function spanFromJson(json: unknown): DecodedSpan {
  const span = asObject(json);
  const status = asObject(span['status']);
  return {
    traceId: hexId(pick(span, 'traceId'), 32),
    spanId: hexId(pick(span, 'spanId'), 16),
    parentSpanId: hexId(pick(span, 'parentSpanId'), 16),
    traceState: asText(pick(span, 'traceState')),
    name: asText(span['name']),
    kind: enumValue(span['kind'], SPAN_KINDS),
    startTime: nanosAsMs(pick(span, 'startTimeUnixNano')),
    endTime: nanosAsMs(pick(span, 'endTimeUnixNano')),
    attributes: attributesFromJson(span['attributes']),
    events: asArray(span['events']).map(eventFromJson),
    statusCode: statusCodeOf(status),
    statusMessage: asText(status['message']),
  };
}

export function logRecordFromJson(json: unknown): DecodedLogRecord {
  const record = asObject(json);
  return {
    eventName: asText(pick(record, 'eventName')),
    traceId: hexId(pick(record, 'traceId'), 32),
    spanId: hexId(pick(record, 'spanId'), 16),
    severityNumber: severityOf(pick(record, 'severityNumber')),
    time:
      nanosAsMs(pick(record, 'timeUnixNano')) || nanosAsMs(pick(record, 'observedTimeUnixNano')),
    body: anyValueFromJson(record['body']),
    attributes: attributesFromJson(record['attributes']),
  };
}

export function resourceAttributesFromJson(json: unknown): Attributes {
  return attributesFromJson(asObject(json)['attributes']);
}

/** Calls `visit` for every span of a parsed trace request. */
export function requestFromJson(
  json: unknown,
  visit: (span: DecodedSpan, resource: Attributes) => void,
): void {
  for (const resourceSpans of asArray(pick(asObject(json), 'resourceSpans')).map(asObject)) {
    const resource = resourceAttributesFromJson(resourceSpans['resource']);
    for (const scopeSpans of asArray(pick(resourceSpans, 'scopeSpans')).map(asObject)) {
      for (const span of asArray(scopeSpans['spans'])) visit(spanFromJson(span), resource);
    }
  }
}
