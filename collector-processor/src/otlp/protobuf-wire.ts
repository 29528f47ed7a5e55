/** Protobuf wire format (protobuf.dev/programming-guides/encoding), just enough to find things. */
import { MalformedOtlpError } from './errors.js';

export const VARINT = 0;
export const I64 = 1;
export const LEN = 2;
export const I32 = 5;

export function truncated(offset: number): MalformedOtlpError {
  return new MalformedOtlpError('protobuf message is cut short or a length is wrong', offset);
}

/** Longer than any body. */
const TOO_LONG = 2 ** 32;

/** Reads multi-byte varints; `next` is the offset behind the last one. One per walk, no global. */
export class VarintReader {
  next = 0;

  /**
   * A tag or length of any padding. What is above 32 bits can be neither and comes back as 2^32,
   * which is longer than any body.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    if (at + 1 < end) {
      const low = bytes[at]!;
      if (low < 0x80) {
        this.next = at + 1;
        return low;
      }
      const high = bytes[at + 1]!;
      if (high < 0x80) {
        this.next = at + 2;
        return (low & 0x7f) | (high << 7);
      }
    }
    return this.#readLong(bytes, at, end);
  }

  /** Throws {@link MalformedOtlpError} when its field number is not possible. */
  readTag(bytes: Uint8Array, at: number, end: number): number {
    const tag = this.read(bytes, at, end);
    if (tag < 8 || tag >= TOO_LONG) {
      throw new MalformedOtlpError('field number is not possible', at);
    }
    return tag;
  }

  #readLong(bytes: Uint8Array, at: number, end: number): number {
    let value = 0;
    for (let p = at, shift = 0; p < end && shift < 70; p++, shift += 7) {
      const byte = bytes[p]!;
      const bits = byte & 0x7f;
      if (shift < 28) value |= bits << shift;
      else if (bits !== 0)
        value = shift === 28 && bits < 8 ? (value | (bits << 28)) >>> 0 : TOO_LONG;
      if (byte < 0x80) {
        this.next = p + 1;
        return value;
      }
    }
    throw truncated(at);
  }

  /** Offset behind the value of `wireType` at `at`; for LEN, behind its bytes. */
  skip(bytes: Uint8Array, at: number, end: number, wireType: number): number {
    if (wireType === VARINT && at < end && bytes[at]! < 0x80) return at + 1;
    let to: number;
    switch (wireType) {
      case VARINT:
        to = at;
        while (to < end && bytes[to]! >= 0x80) to++;
        to++;
        if (to - at > 10) throw truncated(at);
        break;
      case I64:
        to = at + 8;
        break;
      case I32:
        to = at + 4;
        break;
      case LEN: {
        const length = this.read(bytes, at, end);
        to = this.next + length;
        break;
      }
      default:
        throw new MalformedOtlpError(`wire type ${wireType} (a group, or not protobuf)`, at);
    }
    if (to > end) throw truncated(at);
    return to;
  }
}

/** A field met by {@link eachField}: offsets of its tag, its length prefix or value, its content. */
export interface Field {
  number: number;
  wireType: number;
  tagStart: number;
  /** Of the length prefix for LEN, of the value for the rest. */
  prefixStart: number;
  start: number;
  end: number;
}

/**
 * Calls `visit` for every field of the message [start, end). The field object is reused: read it
 * during the call. For the few messages that are looked into; the hot walk has its own loop.
 */
export function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (field: Field) => void,
): void {
  const varints = new VarintReader();
  const field: Field = { number: 0, wireType: 0, tagStart: 0, prefixStart: 0, start: 0, end: 0 };
  let p = start;
  while (p < end) {
    const tag = varints.readTag(bytes, p, end);
    field.tagStart = p;
    field.number = tag >>> 3;
    field.wireType = tag & 7;
    p = varints.next;
    field.prefixStart = p;
    field.end = varints.skip(bytes, p, end, field.wireType);
    field.start = field.wireType === LEN ? varints.next : p;
    p = field.end;
    visit(field);
  }
}

/** A varint as an unsigned 64-bit integer. */
export function readUint64(bytes: Uint8Array, at: number, end: number): bigint {
  let value = 0n;
  let shift = 0n;
  for (let p = at; p < end && p < at + 10; p++) {
    const byte = bytes[p]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
    shift += 7n;
  }
  throw truncated(at);
}

/** An int64 as a number where that is exact, else as a bigint. */
export function readInt64(bytes: Uint8Array, at: number, end: number): number | bigint {
  // Seven bytes hold 49 bits: counts and timestamps, without a bigint.
  let value = 0;
  let scale = 1;
  for (let p = at; p < end && p < at + 7; p++) {
    const byte = bytes[p]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  const big = BigInt.asIntN(64, readUint64(bytes, at, end));
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}

/** An enum or int32; senders may pad or sign-extend it. */
export function readInt32(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at]! < 0x80) return bytes[at]!;
  return Number(BigInt.asIntN(32, readUint64(bytes, at, end)));
}

/** fixed64 nanoseconds as Unix milliseconds with fractions. */
export function readNanosAsMs(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  // Split, so that the whole milliseconds stay exact.
  const nanos = view.getBigUint64(0, true);
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

export function readDouble(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true);
}

export function readString(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('utf8', start, end);
}

export function readHex(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('hex', start, end);
}

/** The same bytes as a Buffer; walks make it one once, so that strings need no view each. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function bytesEqual(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = text.length - 1; i >= 0; i--) if (bytes[at + i] !== text[i]) return false;
  return true;
}
