/**
 * The hot loop: what is there to know about a span without decoding it. Runs over every byte of
 * ordinary traffic, allocates nothing, keeps its state in locals.
 */
import { SEGMENT_NAME } from '@otel-replay/protocol';
import { MalformedOtlpError } from './errors.js';
import { MAYBE_SEGMENT, SUSPICIOUS } from './flags.js';
import {
  bytesEqual,
  eachField,
  I64,
  LEN,
  readInt64,
  readString,
  truncated,
  VARINT,
  type VarintReader,
} from './protobuf-wire.js';
import { STATUS_CODE_ERROR } from './model.js';
import { EXCEPTION_NAME, HTTP_STATUS_KEYS, isSuspiciousHttpStatus } from './signals.js';

const SEGMENT_BYTES = Buffer.from(SEGMENT_NAME);
const EXCEPTION_BYTES = Buffer.from(EXCEPTION_NAME);
const STATUS_KEY = Buffer.from(HTTP_STATUS_KEYS[0]);
const OLD_STATUS_KEY = Buffer.from(HTTP_STATUS_KEYS[1]);

/** Literals' worth of speed: the compiler folds constants, not lengths of arrays. */
const STATUS_KEY_LENGTH = STATUS_KEY.length;
const OLD_STATUS_KEY_LENGTH = OLD_STATUS_KEY.length;

const ATTRIBUTES_TAG = (9 << 3) | LEN;
const EVENTS_TAG = (11 << 3) | LEN;
const STATUS_TAG = (15 << 3) | LEN;
/** First byte of the tag of `flags`, field 16, fixed32; the second is 1. */
const FLAGS_TAG_LOW = 0x85;
const KEY_TAG = (1 << 3) | LEN;
const VALUE_TAG = (2 << 3) | LEN;
const INT_TAG = (3 << 3) | VARINT;
const CODE_TAG = (3 << 3) | VARINT;
const EVENT_NAME_TAG = (2 << 3) | LEN;

/**
 * Offset of the first field from `at` that needs a closer look, or `end`. Steps over fields as every
 * SDK writes them: one-byte tags and lengths, key first, a status code of two bytes. It calls
 * nothing, so that the compiler keeps the array's bounds in registers: that is half its speed.
 */
function skipPlain(bytes: Uint8Array, at: number, end: number): number {
  const last = end - 3;
  let p = at;
  while (p < last) {
    const tag = bytes[p]!;
    const next = bytes[p + 1]!; // a length, or the value of a varint
    let to: number;
    if (tag === ATTRIBUTES_TAG) {
      const keyLength = bytes[p + 3]!;
      if (next >= 0x80 || bytes[p + 2] !== KEY_TAG || keyLength >= 0x80) return p;
      to = p + 2 + next;
      if (keyLength === STATUS_KEY_LENGTH || keyLength === OLD_STATUS_KEY_LENGTH) {
        const value = p + 4 + keyLength;
        if (value + 5 !== to || to > end || bytes[value] !== VALUE_TAG) return p;
        if (bytes[value + 1] !== 3 || bytes[value + 2] !== INT_TAG) return p;
        const high = bytes[value + 4]!;
        const code = (bytes[value + 3]! & 0x7f) | (high << 7);
        if (high >= 0x80 || code === 0 || (code >= 500 && code < 600)) return p;
      }
    } else if (tag === FLAGS_TAG_LOW && next === 1) to = p + 6;
    else if (tag < 8 || tag >= 0x80) return p;
    else if ((tag & 7) === LEN) {
      if (next >= 0x80 || tag === EVENTS_TAG) return p;
      if (tag === STATUS_TAG && next !== 0) {
        if (next !== 2 || bytes[p + 2] !== CODE_TAG || bytes[p + 3]! >= STATUS_CODE_ERROR) return p;
      }
      to = p + 2 + next;
    } else if ((tag & 7) === I64) to = p + 9;
    else if ((tag & 7) === VARINT && next < 0x80) to = p + 2;
    else return p;
    if (to > end) return p;
    p = to;
  }
  return p;
}

/** Flags of the Span message [start, end). Throws {@link MalformedOtlpError}. */
export function scanSpan(
  bytes: Uint8Array,
  start: number,
  end: number,
  varints: VarintReader,
): number {
  let flags = 0;
  let isError = false;
  let p = start;
  while (p < end) {
    p = skipPlain(bytes, p, end);
    if (p >= end) break;
    let tag = bytes[p]!;
    if (tag < 0x80) p++;
    else {
      tag = varints.readTag(bytes, p, end);
      p = varints.next;
    }
    if (tag < 8) throw new MalformedOtlpError('field number is not possible', p);
    switch (tag & 7) {
      case LEN: {
        if (p >= end) throw truncated(p);
        let length = bytes[p]!;
        if (length < 0x80) p++;
        else {
          length = varints.read(bytes, p, end);
          p = varints.next;
        }
        const to = p + length;
        if (to > end) throw truncated(p);
        if (tag === ATTRIBUTES_TAG) {
          if (length > 2 && isPossibleStatusKey(bytes, p)) {
            if (isSuspiciousAttribute(bytes, p, to)) flags |= SUSPICIOUS;
          }
        } else if (tag === EVENTS_TAG) flags |= scanEvent(bytes, p, to, varints);
        else if (tag === STATUS_TAG) isError = statusCode(bytes, p, to, varints, isError);
        p = to;
        break;
      }
      case VARINT:
        if (p < end && bytes[p]! < 0x80) p++;
        else p = varints.skip(bytes, p, end, VARINT);
        break;
      case I64:
        p += 8;
        if (p > end) throw truncated(p);
        break;
      default:
        p = varints.skip(bytes, p, end, tag & 7);
    }
  }
  return isError ? flags | SUSPICIOUS : flags;
}

function isPossibleStatusKey(bytes: Uint8Array, at: number): boolean {
  const length = bytes[at + 1]!;
  return (
    bytes[at] !== KEY_TAG ||
    length === STATUS_KEY_LENGTH ||
    length === OLD_STATUS_KEY_LENGTH ||
    length >= 0x80
  );
}

function isSuspiciousAttribute(bytes: Uint8Array, start: number, end: number): boolean {
  const length = bytes[start + 1]!;
  if (bytes[start] === KEY_TAG && length < 0x80) {
    const value = start + 2 + length;
    if (value > end) throw truncated(start);
    // What every SDK writes: a value of one varint, a status code of two bytes. Codes of no
    // interest are most, and cheaper to tell than keys.
    if (
      value + 5 === end &&
      bytes[value] === VALUE_TAG &&
      bytes[value + 1] === 3 &&
      bytes[value + 2] === INT_TAG &&
      bytes[value + 4]! < 0x80 &&
      !isSuspiciousHttpStatus((bytes[value + 3]! & 0x7f) | (bytes[value + 4]! << 7))
    ) {
      return false;
    }
    const key = length === STATUS_KEY_LENGTH ? STATUS_KEY : OLD_STATUS_KEY;
    if (!bytesEqual(bytes, start + 2, key)) return false;
  }
  let isStatus = false;
  let suspicious = false;
  eachField(bytes, start, end, (f) => {
    if (f.wireType !== LEN) return;
    if (f.number === 1) {
      const key = readString(bytes, f.start, f.end);
      isStatus = (HTTP_STATUS_KEYS as readonly string[]).includes(key);
    } else if (f.number === 2) {
      suspicious = false;
      eachField(bytes, f.start, f.end, (v) => {
        if (v.number === 3 && v.wireType === VARINT) {
          suspicious = isSuspiciousHttpStatus(Number(readInt64(bytes, v.start, v.end)));
        } else if (v.number === 1 && v.wireType === LEN) {
          suspicious = isSuspiciousHttpStatus(Number(readString(bytes, v.start, v.end)));
        }
      });
    }
  });
  return isStatus && suspicious;
}

function scanEvent(bytes: Uint8Array, start: number, end: number, varints: VarintReader): number {
  let flags = 0;
  let p = start;
  while (p < end) {
    const tag = varints.readTag(bytes, p, end);
    p = varints.next;
    const to = varints.skip(bytes, p, end, tag & 7);
    if (tag === EVENT_NAME_TAG) {
      const name = varints.next;
      const length = to - name;
      if (length === SEGMENT_BYTES.length && bytesEqual(bytes, name, SEGMENT_BYTES)) {
        flags = MAYBE_SEGMENT;
      } else if (length === EXCEPTION_BYTES.length && bytesEqual(bytes, name, EXCEPTION_BYTES)) {
        flags = SUSPICIOUS;
      } else flags = 0;
    }
    p = to;
  }
  return flags;
}

function statusCode(
  bytes: Uint8Array,
  start: number,
  end: number,
  varints: VarintReader,
  before: boolean,
): boolean {
  let isError = before;
  let p = start;
  while (p < end) {
    const tag = varints.readTag(bytes, p, end);
    const value = varints.next;
    p = varints.skip(bytes, value, end, tag & 7);
    if (tag === CODE_TAG) {
      isError =
        p - value === 1
          ? bytes[value] === STATUS_CODE_ERROR
          : Number(readInt64(bytes, value, p)) === STATUS_CODE_ERROR;
    }
  }
  return isError;
}
