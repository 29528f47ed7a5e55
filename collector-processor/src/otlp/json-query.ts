/** The JSON counterpart of protobuf-query: a second look at a span, where configuration asks for one. */
import { OPEN_BRACKET, parseJson, skipString, type JsonCursor } from './json-cursor.js';
import { anyValueFromJson } from './json-decode.js';
import { NAME } from './json-scan.js';
import { comparable } from './signals.js';
import type { AttributeQuery, SpanQuery } from './types.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const KEY_PREFIX = Buffer.from('{"key":"');

/** Times of 19 digits are summed up as doubles, which may be a microsecond off; decoding tells exactly. */
const MARGIN_NANOS = 10_000;

/** Of the span object from `start` to the cursor, which stays where it is; true also where decoding must tell. */
export function mayMatchObject(cursor: JsonCursor, start: number, query: SpanQuery): boolean {
  const end = cursor.pos;
  cursor.pos = start;
  const may = matchesMembers(cursor, query);
  cursor.pos = end;
  return may;
}

function matchesMembers(cursor: JsonCursor, { slowSpanMs, attributes }: SpanQuery): boolean {
  let startTime = 0;
  let endTime = 0;
  if (!cursor.firstMember()) return false;
  do {
    const at = cursor.pos;
    if (cursor.keyIs(NAME.attributes)) {
      if (attributes.length === 0) cursor.skip();
      else if (hasWanted(cursor, attributes)) return true;
    } else {
      cursor.skip();
      if (slowSpanMs === undefined) continue;
      if (cursor.keyIs(NAME.startTime)) startTime = nanos(cursor.bytes, at, cursor.pos);
      else if (cursor.keyIs(NAME.endTime)) endTime = nanos(cursor.bytes, at, cursor.pos);
    }
  } while (cursor.nextMember());
  if (slowSpanMs === undefined) return false;
  // NaN, a number in another form, must be decoded too.
  return !(endTime - startTime < slowSpanMs * 1e6 - MARGIN_NANOS);
}

/** Digits, quoted or not; NaN for anything else. */
function nanos(bytes: Uint8Array, start: number, end: number): number {
  const isQuoted = bytes[start] === QUOTE;
  const to = isQuoted ? end - 1 : end;
  let value = 0;
  for (let p = isQuoted ? start + 1 : start; p < to; p++) {
    const digit = bytes[p]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function hasWanted(cursor: JsonCursor, attributes: readonly AttributeQuery[]): boolean {
  const { bytes, end } = cursor;
  if (bytes[cursor.pos] !== OPEN_BRACKET) {
    cursor.skip();
    return false;
  }
  if (!cursor.firstElement()) return false;
  do {
    const start = cursor.pos;
    cursor.skip();
    if (!mayHaveKey(bytes, start, end, attributes)) continue;
    const element = parseJson(bytes, start, cursor.pos) as { key?: unknown; value?: unknown };
    const query = attributes.find(({ key }) => key === element?.key);
    const value = query && comparable(anyValueFromJson(element.value));
    if (value === undefined) continue;
    if (attributes.some(({ key, matches }) => key === element.key && matches(value))) return true;
  } while (cursor.nextElement());
  return false;
}

/** False for nearly all: an element that starts `{"key":"` with a key that is none of the wanted. */
function mayHaveKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  attributes: readonly AttributeQuery[],
): boolean {
  for (let i = 0; i < KEY_PREFIX.length; i++) if (bytes[start + i] !== KEY_PREFIX[i]) return true;
  const from = start + KEY_PREFIX.length;
  const to = skipString(bytes, from - 1, end) - 1;
  for (const { keyBytes } of attributes) {
    let i = 0;
    while (i < keyBytes.length && bytes[from + i] === keyBytes[i]) i++;
    if (i === keyBytes.length && from + i === to) return true;
  }
  return bytes.subarray(from, to).includes(BACKSLASH);
}
