/**
 * The second hot loop: where the trace id of an ordinary span is. Most spans name no session, and
 * then that is all there is to know of them.
 */
import { LEN } from './protobuf-wire.js';

const TRACE_ID_TAG = (1 << 3) | LEN;
const TRACE_STATE_TAG = (3 << 3) | LEN;
const ATTRIBUTES_TAG = (9 << 3) | LEN;
/** First byte of the tag of `flags`, field 16, fixed32; the second is 1. */
const FLAGS_TAG_LOW = 0x85;
const KEY_TAG = (1 << 3) | LEN;
const LETTER_E = 0x65;
const LETTER_S = 0x73;

/**
 * Offset of the 16 bytes; -1 when the span needs a closer look: it may name its session, or is not
 * written as SDKs do. What it steps over was walked before, so lengths hold.
 */
export function plainTraceId(bytes: Uint8Array, start: number, end: number): number {
  let traceId = -1;
  let p = start;
  while (p < end) {
    const tag = bytes[p]!;
    if (tag === FLAGS_TAG_LOW) {
      if (bytes[p + 1] !== 1) return -1;
      p += 6;
      continue;
    }
    if (tag >= 0x80) return -1;
    const wireType = tag & 7;
    if (wireType === LEN) {
      let length = bytes[p + 1]!;
      let from = p + 2;
      if (length >= 0x80) {
        const high = bytes[p + 2]!;
        if (high >= 0x80) return -1;
        length = (length & 0x7f) | (high << 7);
        from++;
      }
      if (tag === ATTRIBUTES_TAG) {
        if (length < 3 || bytes[from] !== KEY_TAG || bytes[from + 1]! >= 0x80) return -1;
        // Both attributes that name a session or a recording begin with "ses".
        if (
          bytes[from + 2] === LETTER_S &&
          bytes[from + 3] === LETTER_E &&
          bytes[from + 4] === LETTER_S
        ) {
          return -1;
        }
      } else if (tag === TRACE_ID_TAG) {
        if (length !== 16) return -1;
        traceId = from;
      } else if (tag === TRACE_STATE_TAG && length > 0) return -1;
      p = from + length;
    } else if (wireType === 1) p += 9;
    else if (wireType === 0 && bytes[p + 1]! < 0x80) p += 2;
    else return -1;
  }
  return p === end ? traceId : -1;
}
