/** The JSON counterpart of protobuf-scan: flags of a span, found by bytes, nothing allocated. */
import { SEGMENT_NAME } from '@otel-replay/protocol';
import { MAYBE_SEGMENT, SUSPICIOUS } from './flags.js';
import {
  name,
  OPEN_BRACKET,
  parseJson,
  skipString,
  skipValue,
  type JsonCursor,
} from './json-cursor.js';
import { anyValueFromJson, severityOf, statusCodeOf } from './json-decode.js';
import { SEVERITY_ERROR, STATUS_CODE_ERROR } from './model.js';
import { EXCEPTION_NAME, HTTP_STATUS_KEYS, isSuspiciousHttpStatus } from './signals.js';

export const NAME = {
  attributes: name('attributes'),
  events: name('events'),
  status: name('status'),
  name: name('name'),
  key: name('key'),
  value: name('value'),
  body: name('body'),
  eventName: name('eventName', 'event_name'),
  severityNumber: name('severityNumber', 'severity_number'),
  traceId: name('traceId', 'trace_id'),
  traceState: name('traceState', 'trace_state'),
  startTime: name('startTimeUnixNano', 'start_time_unix_nano'),
  endTime: name('endTimeUnixNano', 'end_time_unix_nano'),
  resource: name('resource'),
  resourceSpans: name('resourceSpans', 'resource_spans'),
  scopeSpans: name('scopeSpans', 'scope_spans'),
  spans: name('spans'),
  resourceLogs: name('resourceLogs', 'resource_logs'),
  scopeLogs: name('scopeLogs', 'scope_logs'),
  logRecords: name('logRecords', 'log_records'),
  stringValue: name('stringValue', 'string_value'),
  bytesValue: name('bytesValue', 'bytes_value'),
} as const;

const KEY_PREFIX = Buffer.from('{"key":"');
const LETTER_H = 0x68;
const LETTER_E = 0x65;
const LETTER_S = 0x73;

/** What {@link scanAttributes} says; either or both. */
const FOUND = 1;
const MAY_NAME_SESSION = 2;

const BACKSLASH = 0x5c;

/**
 * Flags of the span object at the cursor, which moves behind it. `traceIdAt` of the cursor is then
 * set for a span that names no session and is written as SDKs do.
 */
export function scanSpanObject(cursor: JsonCursor): number {
  let flags = 0;
  let isError = false;
  let traceIdAt = -1;
  let isPlain = true;
  cursor.traceIdAt = -1;
  if (!cursor.firstMember()) return 0;
  do {
    if (cursor.keyIs(NAME.attributes)) {
      const found = scanAttributes(cursor, LETTER_H, isStatusAttribute);
      if ((found & FOUND) !== 0) flags |= SUSPICIOUS;
      if ((found & MAY_NAME_SESSION) !== 0) isPlain = false;
    } else if (cursor.keyIs(NAME.traceId)) {
      traceIdAt = cursor.pos + 1;
      cursor.skip();
      if (cursor.pos - traceIdAt !== 33 || cursor.bytes[traceIdAt - 1] !== 0x22) isPlain = false;
    } else if (cursor.keyIs(NAME.traceState)) {
      const start = cursor.pos;
      cursor.skip();
      if (cursor.pos - start > 2) isPlain = false;
    } else if (cursor.keyIs(NAME.events)) flags |= scanEvents(cursor);
    else if (cursor.keyIs(NAME.status)) {
      const start = cursor.pos;
      cursor.skip();
      if (isPlainStatus(cursor.bytes, start, cursor.pos)) isError = false;
      else if (cursor.pos - start > 2) {
        isError = statusCodeOf(parseJson(cursor.bytes, start, cursor.pos)) === STATUS_CODE_ERROR;
      } else isError = false;
    } else cursor.skip();
  } while (cursor.nextMember());
  if (isPlain) cursor.traceIdAt = traceIdAt;
  return isError ? flags | SUSPICIOUS : flags;
}

/** Flags of the log record object at the cursor, which moves behind it. */
export function scanRecordObject(cursor: JsonCursor): number {
  let flags = 0;
  let eventName = '';
  if (!cursor.firstMember()) return 0;
  do {
    const start = cursor.pos;
    if (cursor.keyIs(NAME.attributes)) {
      const found = scanAttributes(cursor, 0x65, isExceptionAttribute);
      if ((found & FOUND) !== 0) flags |= SUSPICIOUS;
      continue;
    }
    cursor.skip();
    if (cursor.keyIs(NAME.eventName)) eventName = asText(cursor, start);
    else if (cursor.keyIs(NAME.severityNumber)) {
      const severity = severityOf(parseJson(cursor.bytes, start, cursor.pos));
      if (severity >= SEVERITY_ERROR) flags |= SUSPICIOUS;
    }
  } while (cursor.nextMember());
  if (eventName === SEGMENT_NAME) return flags | MAYBE_SEGMENT;
  return eventName === EXCEPTION_NAME ? flags | SUSPICIOUS : flags;
}

function asText(cursor: JsonCursor, start: number): string {
  const value = parseJson(cursor.bytes, start, cursor.pos);
  return typeof value === 'string' ? value : '';
}

/**
 * Whether `test` holds for an attribute, and whether one may name the session. Elements that start
 * `{"key":"x…` with another letter than the wanted ones are stepped over unseen: nearly all.
 */
function scanAttributes(
  cursor: JsonCursor,
  letter: number,
  test: (key: string, value: unknown) => boolean,
): number {
  const { bytes, end } = cursor;
  if (bytes[cursor.pos] !== OPEN_BRACKET) {
    cursor.skip();
    return 0;
  }
  let flags = 0;
  if (!cursor.firstElement()) return 0;
  do {
    const start = cursor.pos;
    let p = 0;
    while (p < KEY_PREFIX.length && bytes[start + p] === KEY_PREFIX[p]) p++;
    if (p === KEY_PREFIX.length) {
      const first = bytes[start + p];
      if (first !== letter && first !== BACKSLASH) {
        if (first === LETTER_S && mayNameSession(bytes, start + p)) flags |= MAY_NAME_SESSION;
        cursor.pos = skipValue(bytes, start, end);
        continue;
      }
      const keyEnd = skipString(bytes, start + p - 1, end) - 1;
      if (
        first !== BACKSLASH &&
        (!isPossibleKey(bytes, start + p, keyEnd) ||
          (letter === LETTER_H && isPlainCode(bytes, keyEnd)))
      ) {
        cursor.pos = skipValue(bytes, start, end);
        continue;
      }
    }
    cursor.skip();
    if (p < KEY_PREFIX.length || bytes[start + p] !== letter) flags |= MAY_NAME_SESSION;
    if ((flags & FOUND) !== 0) continue;
    const element = parseJson(bytes, start, cursor.pos) as {
      key?: unknown;
      value?: unknown;
    } | null;
    if (typeof element?.key === 'string' && test(element.key, element.value)) flags |= FOUND;
  } while (cursor.nextElement());
  return flags;
}

const PLAIN_STATUS = Buffer.from('{"code":0}');
const PLAIN_CODE = Buffer.from('","value":{"intValue":');

/** UNSET or OK as SDKs write it. */
function isPlainStatus(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== PLAIN_STATUS.length) return false;
  const digit = bytes[start + 8];
  if (digit !== 0x30 && digit !== 0x31) return false;
  for (let i = 0; i < 8; i++) if (bytes[start + i] !== PLAIN_STATUS[i]) return false;
  return true;
}

/** Whether the attribute whose key ends here is 100 to 499, as SDKs write it, and no more. */
function isPlainCode(bytes: Uint8Array, keyEnd: number): boolean {
  for (let i = 0; i < PLAIN_CODE.length; i++) if (bytes[keyEnd + i] !== PLAIN_CODE[i]) return false;
  let p = keyEnd + PLAIN_CODE.length;
  const isQuoted = bytes[p] === 0x22;
  if (isQuoted) p++;
  const hundreds = bytes[p]!;
  if (hundreds < 0x31 || hundreds > 0x34) return false;
  if (!isDigit(bytes[p + 1]) || !isDigit(bytes[p + 2])) return false;
  p += 3;
  if (isQuoted && bytes[p++] !== 0x22) return false;
  return bytes[p] === 0x7d && bytes[p + 1] === 0x7d;
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Both attributes that do begin with "ses"; any letter may be escaped. */
function mayNameSession(bytes: Uint8Array, key: number): boolean {
  const [second, third] = [bytes[key + 1], bytes[key + 2]];
  if (second === BACKSLASH) return true;
  return second === LETTER_E && (third === LETTER_S || third === BACKSLASH);
}

const SCANNED_LENGTHS = new Set([
  ...HTTP_STATUS_KEYS.map((key) => key.length),
  'exception.type'.length,
  'exception.message'.length,
]);

/** By length, unless escaped. */
function isPossibleKey(bytes: Uint8Array, start: number, end: number): boolean {
  return SCANNED_LENGTHS.has(end - start) || bytes.subarray(start, end).includes(BACKSLASH);
}

function isStatusAttribute(key: string, value: unknown): boolean {
  if (!(HTTP_STATUS_KEYS as readonly string[]).includes(key)) return false;
  const code = anyValueFromJson(value);
  return isSuspiciousHttpStatus(typeof code === 'string' ? Number(code) : (code as number));
}

function isExceptionAttribute(key: string): boolean {
  return key === 'exception.type' || key === 'exception.message';
}

function scanEvents(cursor: JsonCursor): number {
  let flags = 0;
  if (cursor.bytes[cursor.pos] !== OPEN_BRACKET) {
    cursor.skip();
    return 0;
  }
  if (!cursor.firstElement()) return 0;
  do {
    if (!cursor.firstMember()) continue;
    let eventName = '';
    do {
      const start = cursor.pos;
      cursor.skip();
      if (cursor.keyIs(NAME.name)) eventName = asText(cursor, start);
    } while (cursor.nextMember());
    if (eventName === SEGMENT_NAME) flags |= MAYBE_SEGMENT;
    else if (eventName === EXCEPTION_NAME) flags |= SUSPICIOUS;
  } while (cursor.nextElement());
  return flags;
}
