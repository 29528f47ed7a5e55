/** Segment spans and segment log records in protobuf: find the payload, cut it, read the rest. */
import { ATTR_PAYLOAD_DATA, SEGMENT_NAME } from '@otel-replay/protocol';
import { decodeBase64 } from './base64.js';
import type { Edits } from './edits.js';
import type { AnyValue } from './model.js';
import { addKeyValue, EVENT, LOG, SPAN } from './protobuf-decode.js';
import { bytesEqual, eachField, LEN, type Field } from './protobuf-wire.js';

const KEY_TAG = (1 << 3) | LEN;
const PAYLOAD_KEY = Buffer.from(ATTR_PAYLOAD_DATA);
const SEGMENT = Buffer.from(SEGMENT_NAME);

function isText(bytes: Uint8Array, field: Field, text: Uint8Array): boolean {
  return field.end - field.start === text.length && bytesEqual(bytes, field.start, text);
}

/** AnyValue's oneof has the fields 1 to 7; what a newer version adds is no value known here. */
const LAST_VALUE_FIELD = 7;

/** Byte range of an AnyValue message that holds a payload. */
export interface PayloadRange {
  start: number;
  end: number;
}

/** A payload event inside its span, or a payload record on its own. */
export interface PayloadHolder {
  start: number;
  end: number;
  payload: PayloadRange;
}

/** The events of the span [start, end) that are named and shaped like segments. */
export function payloadEvents(bytes: Uint8Array, start: number, end: number): PayloadHolder[] {
  const found: PayloadHolder[] = [];
  eachField(bytes, start, end, (f) => {
    if (f.number !== SPAN.events || f.wireType !== LEN) return;
    const payload = payloadOfEvent(bytes, f.start, f.end);
    if (payload !== undefined) found.push({ start: f.start, end: f.end, payload });
  });
  return found;
}

function payloadOfEvent(bytes: Uint8Array, start: number, end: number): PayloadRange | undefined {
  let isSegment = false;
  let payload: PayloadRange | undefined;
  eachField(bytes, start, end, (f) => {
    if (f.wireType !== LEN) return;
    if (f.number === EVENT.name) isSegment = isText(bytes, f, SEGMENT);
    else if (f.number === EVENT.attributes) payload ??= payloadValue(bytes, f.start, f.end);
  });
  return isSegment ? payload : undefined;
}

/** The value of the KeyValue [start, end) when its key is the payload's. */
function payloadValue(bytes: Uint8Array, start: number, end: number): PayloadRange | undefined {
  // Key first and unpadded, as every SDK writes it: another length is another key.
  const keyLength = bytes[start + 1]!;
  if (bytes[start] === KEY_TAG && keyLength < 0x80 && keyLength !== PAYLOAD_KEY.length) {
    return undefined;
  }
  let isPayload = false;
  let value: PayloadRange = { start: end, end };
  eachField(bytes, start, end, (f) => {
    if (f.wireType !== LEN) return;
    if (f.number === 1) isPayload = isText(bytes, f, PAYLOAD_KEY);
    else if (f.number === 2) value = { start: f.start, end: f.end };
  });
  return isPayload ? value : undefined;
}

/** The payload of the log record [start, end): its attribute, else its body, bytes or base64. */
export function payloadOfRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
): PayloadHolder | undefined {
  let isSegment = false;
  let attribute: PayloadRange | undefined;
  let body: PayloadRange | undefined;
  eachField(bytes, start, end, (f) => {
    if (f.wireType !== LEN) return;
    if (f.number === LOG.eventName) isSegment = isText(bytes, f, SEGMENT);
    else if (f.number === LOG.attributes) attribute ??= payloadValue(bytes, f.start, f.end);
    else if (f.number === LOG.body && isBytesOrText(bytes, f)) {
      body = { start: f.start, end: f.end };
    }
  });
  const payload = attribute ?? body;
  if (!isSegment || payload === undefined) return undefined;
  return { start, end, payload };
}

function isBytesOrText(bytes: Uint8Array, body: Field): boolean {
  let found = false;
  eachField(bytes, body.start, body.end, (v) => {
    if (v.number > LAST_VALUE_FIELD) return;
    found = v.wireType === LEN && (v.number === 1 || v.number === 7) && v.end > v.start;
  });
  return found;
}

/** The payload bytes: a view for bytes_value, decoded for a base64 string_value. */
export function payloadData(bytes: Uint8Array, range: PayloadRange): Uint8Array | undefined {
  let data: Uint8Array | undefined;
  eachField(bytes, range.start, range.end, (v) => {
    if (v.number > LAST_VALUE_FIELD) return;
    if (v.wireType !== LEN) data = undefined;
    else if (v.number === 7) data = bytes.subarray(v.start, v.end);
    else if (v.number === 1) data = decodeBase64(bytes, v.start, v.end);
    else data = undefined;
  });
  return data;
}

const isPayloadKey = (key: string): boolean => key === ATTR_PAYLOAD_DATA;

/** Attributes of the message [start, end), the payload left undecoded. */
export function attributesBesidePayload(
  into: Map<string, AnyValue>,
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldNumber: number,
): void {
  eachField(bytes, start, end, (f) => {
    if (f.number !== fieldNumber || f.wireType !== LEN) return;
    // A large payload must not become a string; a short one does no harm.
    const tap = f.end - f.start < 128 ? undefined : isPayloadKey;
    addKeyValue(into, bytes, f.start, f.end, tap);
  });
}

/** Cuts the payload out of every segment event of the span [start, end), and nothing else. */
export function cutPayloadsOfSpan(
  edits: Edits,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  eachField(bytes, start, end, (f) => {
    if (f.number !== SPAN.events || f.wireType !== LEN) return;
    if (payloadOfEvent(bytes, f.start, f.end) === undefined) return;
    const mark = edits.mark();
    const { prefixStart, start: bodyStart, end: bodyEnd } = f;
    cutPayloadAttributes(edits, bytes, bodyStart, bodyEnd, EVENT.attributes);
    edits.resize(mark, prefixStart, bodyStart, bodyEnd);
  });
}

/** Cuts payload attributes, and the body when it is the payload, out of a log record. */
export function cutPayloadOfRecord(
  edits: Edits,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const before = edits.mark();
  cutPayloadAttributes(edits, bytes, start, end, LOG.attributes);
  if (edits.changedSince(before)) return;
  eachField(bytes, start, end, (f) => {
    if (f.number === LOG.body && f.wireType === LEN) edits.cut(f.tagStart, f.end);
  });
}

function cutPayloadAttributes(
  edits: Edits,
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldNumber: number,
): void {
  eachField(bytes, start, end, (f) => {
    if (f.number !== fieldNumber || f.wireType !== LEN) return;
    if (payloadValue(bytes, f.start, f.end) !== undefined) edits.cut(f.tagStart, f.end);
  });
}
