/**
 * Whether an ordinary span has what configuration looks for: a second walk over its fields, which
 * only happens where configuration asks. Allocates nothing until a wanted attribute is met.
 */
import { comparable } from './signals.js';
import { decodeAnyValue, SPAN } from './protobuf-decode.js';
import { bytesEqual, I64, LEN, type VarintReader } from './protobuf-wire.js';
import type { AttributeQuery, SpanQuery } from './types.js';

const START_TAG = (SPAN.startTime << 3) | I64;
const END_TAG = (SPAN.endTime << 3) | I64;
const ATTRIBUTES_TAG = (SPAN.attributes << 3) | LEN;
const KEY_TAG = (1 << 3) | LEN;
const VALUE_TAG = (2 << 3) | LEN;

/** Decoded times are rounded: what is that close to the threshold is decoded to know. */
const MARGIN_NANOS = 1000;

/** True also where decoding must tell. Throws {@link MalformedOtlpError}. */
export function mayMatch(
  bytes: Uint8Array,
  start: number,
  end: number,
  query: SpanQuery,
  varints: VarintReader,
): boolean {
  const { attributes } = query;
  let startAt = -1;
  let endAt = -1;
  let p = start;
  while (p < end) {
    let tag = bytes[p]!;
    if (tag < 0x80) p++;
    else {
      tag = varints.readTag(bytes, p, end);
      p = varints.next;
    }
    const to = varints.skip(bytes, p, end, tag & 7);
    if (tag === START_TAG) startAt = p;
    else if (tag === END_TAG) endAt = p;
    else if (tag === ATTRIBUTES_TAG && attributes.length > 0) {
      if (mayBeWanted(bytes, varints.next, to, attributes)) return true;
    }
    p = to;
  }
  const { slowSpanMs } = query;
  if (slowSpanMs === undefined || startAt < 0 || endAt < 0) return false;
  return nanosBetween(bytes, startAt, endAt) >= slowSpanMs * 1e6 - MARGIN_NANOS;
}

/** Of two fixed64; exact up to 2^53, without a bigint. */
function nanosBetween(bytes: Uint8Array, from: number, to: number): number {
  const high = uint32(bytes, to + 4) - uint32(bytes, from + 4);
  return high * 2 ** 32 + (uint32(bytes, to) - uint32(bytes, from));
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  return (low | (bytes[at + 3]! << 24)) >>> 0;
}

function mayBeWanted(
  bytes: Uint8Array,
  start: number,
  end: number,
  attributes: readonly AttributeQuery[],
): boolean {
  const length = bytes[start + 1]!;
  const value = start + 2 + length;
  // Key first and unpadded, as every SDK writes it; anything else is decoded to know.
  const isUsual = bytes[start] === KEY_TAG && length < 0x80 && value + 2 <= end;
  if (!isUsual) return end > start;
  for (const { keyBytes, matches } of attributes) {
    if (keyBytes.length !== length || !bytesEqual(bytes, start + 2, keyBytes)) continue;
    if (bytes[value] !== VALUE_TAG || bytes[value + 1]! >= 0x80) return true;
    if (value + 2 + bytes[value + 1]! !== end) return true;
    const found = comparable(decodeAnyValue(bytes, value + 2, end));
    if (found !== undefined && matches(found)) return true;
  }
  return false;
}
