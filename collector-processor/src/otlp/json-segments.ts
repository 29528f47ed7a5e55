/** Segment spans and segment log records in JSON: find the payload, cut it, read the rest. */
import { ATTR_PAYLOAD_DATA, SEGMENT_NAME } from '@otel-replay/protocol';
import { decodeBase64 } from './base64.js';
import type { Edits } from './edits.js';
import { eachElement, findMember, JsonCursor, OPEN_BRACKET, parseJson } from './json-cursor.js';
import { attributesFromJson } from './json-decode.js';
import { NAME } from './json-scan.js';
import type { AnyValue } from './model.js';

export interface Range {
  start: number;
  end: number;
}

/** A payload event or record, and the AnyValue object of its payload. */
export interface PayloadHolder extends Range {
  payload: Range;
}

/** The events of the span object [start, end) that are named and shaped like segments. */
export function payloadEvents(bytes: Uint8Array, start: number, end: number): PayloadHolder[] {
  const found: PayloadHolder[] = [];
  eachElement(bytes, findMember(bytes, start, end, NAME.events), (from, to) => {
    if (text(bytes, findMember(bytes, from, to, NAME.name)) !== SEGMENT_NAME) return;
    const payload = payloadAttribute(bytes, from, to);
    if (payload !== undefined) found.push({ start: from, end: to, payload });
  });
  return found;
}

/** The payload of a log record: its attribute, else its body, bytes or base64. */
export function payloadOfRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
): PayloadHolder | undefined {
  const payload = payloadAttribute(bytes, start, end) ?? payloadBody(bytes, start, end);
  return payload === undefined ? undefined : { start, end, payload };
}

function payloadBody(bytes: Uint8Array, start: number, end: number): Range | undefined {
  const body = findMember(bytes, start, end, NAME.body);
  return body !== undefined && payloadString(bytes, body) !== undefined ? body : undefined;
}

function text(bytes: Uint8Array, range: Range | undefined): unknown {
  return range === undefined ? undefined : parseJson(bytes, range.start, range.end);
}

function isPayloadAttribute(bytes: Uint8Array, start: number, end: number): boolean {
  return text(bytes, findMember(bytes, start, end, NAME.key)) === ATTR_PAYLOAD_DATA;
}

/** The value of the first payload attribute of the object [start, end). */
function payloadAttribute(bytes: Uint8Array, start: number, end: number): Range | undefined {
  let payload: Range | undefined;
  eachElement(bytes, findMember(bytes, start, end, NAME.attributes), (from, to) => {
    if (payload !== undefined || !isPayloadAttribute(bytes, from, to)) return;
    payload = findMember(bytes, from, to, NAME.value) ?? { start: to, end: to };
  });
  return payload;
}

/** The string inside a stringValue or bytesValue, quotes included. */
function payloadString(bytes: Uint8Array, value: Range): Range | undefined {
  if (bytes[value.start] !== 0x7b || value.end === value.start) return undefined;
  const found =
    findMember(bytes, value.start, value.end, NAME.bytesValue) ??
    findMember(bytes, value.start, value.end, NAME.stringValue);
  return found !== undefined && bytes[found.start] === 0x22 ? found : undefined;
}

/** The payload bytes; undefined when the value is no base64 string. */
export function payloadData(bytes: Uint8Array, value: Range): Uint8Array | undefined {
  const string = payloadString(bytes, value);
  if (string === undefined) return undefined;
  const start = string.start + 1;
  const end = string.end - 1;
  if (!bytes.subarray(start, end).includes(0x5c)) return decodeBase64(bytes, start, end);
  // Some serialisers write "/" as "\/".
  const plain = Buffer.from(String(parseJson(bytes, string.start, string.end)), 'utf8');
  return decodeBase64(plain, 0, plain.length);
}

/** Attributes of the object [start, end), the payload left undecoded. */
export function attributesBesidePayload(
  into: Map<string, AnyValue>,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  eachElement(bytes, findMember(bytes, start, end, NAME.attributes), (from, to) => {
    if (isPayloadAttribute(bytes, from, to)) return;
    for (const [key, value] of attributesFromJson([parseJson(bytes, from, to)])) {
      if (!into.has(key)) into.set(key, value);
    }
  });
}

/**
 * Walks the array at the cursor and cuts the elements `dropped` answers true for, with the comma
 * that would be left over. Anything but an array is stepped over.
 */
export function cutElements(
  cursor: JsonCursor,
  edits: Edits,
  dropped: (start: number) => boolean,
): { total: number; kept: number } {
  const counts = { total: 0, kept: 0 };
  if (cursor.bytes[cursor.pos] !== OPEN_BRACKET) {
    cursor.skip();
    return counts;
  }
  if (!cursor.firstElement()) return counts;
  let dropFrom = -1; // start of a dropped element that has no kept one before it
  let previousEnd = cursor.pos;
  do {
    const start = cursor.pos;
    if (dropFrom >= 0) edits.cut(dropFrom, start);
    dropFrom = -1;
    const mark = edits.mark();
    counts.total++;
    if (!dropped(start)) counts.kept++;
    else if (counts.kept > 0) edits.drop(mark, previousEnd, cursor.pos);
    else {
      edits.undo(mark);
      dropFrom = start;
    }
    previousEnd = cursor.pos;
  } while (cursor.nextElement());
  if (dropFrom >= 0) edits.cut(dropFrom, previousEnd);
  return counts;
}

/** Cuts the payload out of every segment event of the span [start, end), and nothing else. */
export function cutPayloadsOfSpan(
  edits: Edits,
  bytes: Uint8Array,
  holders: readonly PayloadHolder[],
): void {
  for (const holder of holders) cutPayloadAttributes(edits, bytes, holder);
}

/** Cuts payload attributes, and the body when it is the payload, out of a log record. */
export function cutPayloadOfRecord(edits: Edits, bytes: Uint8Array, record: PayloadHolder): void {
  const mark = edits.mark();
  cutPayloadAttributes(edits, bytes, record);
  if (edits.changedSince(mark)) return;
  // An empty value stays: a member cannot be cut without looking at the commas around it.
  edits.cut(record.payload.start + 1, record.payload.end - 1);
}

function cutPayloadAttributes(edits: Edits, bytes: Uint8Array, holder: Range): void {
  const range = findMember(bytes, holder.start, holder.end, NAME.attributes);
  if (range === undefined) return;
  const cursor = new JsonCursor(bytes, range.start, range.end);
  cutElements(cursor, edits, (start) => {
    cursor.skip();
    return isPayloadAttribute(bytes, start, cursor.pos);
  });
}
