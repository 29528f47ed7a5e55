/**
 * Walks JSON by bytes: structure is followed, values are skipped without being made. What is
 * skipped is not checked beyond its brackets and quotes; the next hop does that.
 */
import { MalformedOtlpError } from './errors.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** What a brace has and a bracket has not. */
const BRACE_BIT = 0x20;
/** Longer strings are hopped over with indexOf: payloads. */
const INLINE_STRING = 400;

export function malformedJson(offset: number): MalformedOtlpError {
  return new MalformedOtlpError('JSON is broken', offset);
}

/** Offset behind the string whose opening quote is at `at`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  let p = at + 1;
  const inline = Math.min(end, p + INLINE_STRING);
  while (p < inline) {
    const c = bytes[p]!;
    if (c === QUOTE) return p + 1;
    p += c === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = p < end ? bytes.indexOf(QUOTE, p) : -1;
    if (quote < 0 || quote >= end) throw malformedJson(at);
    let escapes = quote;
    while (escapes > p && bytes[escapes - 1] === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    p = quote + 1;
  }
}

/**
 * Offset behind the value at `at`. The hot loop of JSON: short strings are stepped over in place,
 * because nearly every byte is in one.
 */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at, end);
  let p = at;
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    let depth = 0;
    while (p < end) {
      const c = bytes[p++]!;
      if (c === QUOTE) {
        const start = p;
        const inline = Math.min(end, start + INLINE_STRING);
        let inside = QUOTE as number;
        while (p < inline) {
          inside = bytes[p++]!;
          if (inside === QUOTE) break;
          if (inside === BACKSLASH) p++;
        }
        if (inside !== QUOTE || p === start) p = skipString(bytes, start - 1, end);
        continue;
      }
      const bracket = c | BRACE_BIT;
      if (bracket === OPEN_BRACE) depth++;
      else if (bracket === CLOSE_BRACE && --depth === 0) return p;
    }
    throw malformedJson(at);
  }
  while (p < end && isLiteralByte(bytes[p]!)) p++;
  if (p === at) throw malformedJson(at);
  return p;
}

/** Bytes of numbers, true, false and null. */
function isLiteralByte(c: number): boolean {
  return (
    (c >= 0x30 && c <= 0x39) || // 0-9
    (c >= 0x61 && c <= 0x7a) || // a-z
    c === 0x2e ||
    c === 0x2d ||
    c === 0x2b ||
    c === 0x45 // . - + E
  );
}

/** A key in both spellings the Collector reads, as bytes. */
export interface Name {
  texts: readonly string[];
  first: Uint8Array;
  /** The other spelling; the first again when there is none. */
  second: Uint8Array;
}

export function name(first: string, second = first): Name {
  return { texts: [first, second], first: Buffer.from(first), second: Buffer.from(second) };
}

function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  let i = text.length - 1;
  while (i >= 0 && bytes[at + i] === text[i]) i--;
  return i < 0;
}

export class JsonCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  pos: number;
  /** Of the last key read, without quotes. */
  keyStart = 0;
  keyEnd = 0;
  /** Of the last span scanned: where its trace id is; -1 when the span takes a closer look. */
  traceIdAt = -1;
  #isKeyEscaped = false;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
  }

  /** Steps over white space. */
  space(): void {
    const { bytes, end } = this;
    let p = this.pos;
    while (p < end) {
      const c = bytes[p]!;
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
      p++;
    }
    this.pos = p;
  }

  skip(): void {
    this.pos = skipValue(this.bytes, this.pos, this.end);
  }

  /** Enters the object at `pos`; true when a member follows, whose key is then read. */
  firstMember(): boolean {
    if (this.bytes[this.pos] !== OPEN_BRACE) throw malformedJson(this.pos);
    this.pos++;
    this.space();
    if (this.#take(CLOSE_BRACE)) return false;
    this.#key();
    return true;
  }

  /** After a value: true when another member follows, false when the object ended. */
  nextMember(): boolean {
    this.space();
    if (this.#take(COMMA)) {
      this.space();
      this.#key();
      return true;
    }
    if (!this.#take(CLOSE_BRACE)) throw malformedJson(this.pos);
    return false;
  }

  firstElement(): boolean {
    if (this.bytes[this.pos] !== OPEN_BRACKET) throw malformedJson(this.pos);
    this.pos++;
    this.space();
    return !this.#take(CLOSE_BRACKET);
  }

  nextElement(): boolean {
    this.space();
    if (this.#take(COMMA)) {
      this.space();
      return true;
    }
    if (!this.#take(CLOSE_BRACKET)) throw malformedJson(this.pos);
    return false;
  }

  keyIs(key: Name): boolean {
    const { bytes, keyStart } = this;
    const length = this.keyEnd - keyStart;
    if (length === key.first.length && isAt(bytes, keyStart, key.first)) return true;
    if (length === key.second.length && isAt(bytes, keyStart, key.second)) return true;
    return this.#isKeyEscaped && this.#escapedKeyIs(key);
  }

  #escapedKeyIs(key: Name): boolean {
    const text = parseJson(this.bytes, this.keyStart - 1, this.keyEnd + 1);
    return typeof text === 'string' && key.texts.includes(text);
  }

  #key(): void {
    if (this.bytes[this.pos] !== QUOTE) throw malformedJson(this.pos);
    const { bytes, end } = this;
    const start = this.pos + 1;
    let p = start;
    while (p < end && bytes[p] !== QUOTE && bytes[p] !== BACKSLASH) p++;
    this.#isKeyEscaped = bytes[p] === BACKSLASH;
    this.pos = bytes[p] === QUOTE && p < end ? p + 1 : skipString(bytes, this.pos, end);
    this.keyStart = start;
    this.keyEnd = this.pos - 1;
    this.space();
    if (!this.#take(COLON)) throw malformedJson(this.pos);
    this.space();
  }

  #take(byte: number): boolean {
    if (this.pos >= this.end || this.bytes[this.pos] !== byte) return false;
    this.pos++;
    return true;
  }
}

/** JSON.parse of a byte range. Throws {@link MalformedOtlpError}. */
export function parseJson(bytes: Uint8Array, start: number, end: number): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw malformedJson(start);
  }
}

/** Value range of the last member of the object [start, end) with this key. */
export function findMember(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Name,
): { start: number; end: number } | undefined {
  const cursor = new JsonCursor(bytes, start, end);
  let found: { start: number; end: number } | undefined;
  if (cursor.firstMember()) {
    do {
      const valueStart = cursor.pos;
      const matches = cursor.keyIs(key);
      cursor.skip();
      if (matches) found = { start: valueStart, end: cursor.pos };
    } while (cursor.nextMember());
  }
  return found;
}

/** Calls `visit` for each element of the array [start, end); anything but an array has none. */
export function eachElement(
  bytes: Uint8Array,
  range: { start: number; end: number } | undefined,
  visit: (start: number, end: number) => void,
): void {
  if (range === undefined || bytes[range.start] !== OPEN_BRACKET) return;
  const cursor = new JsonCursor(bytes, range.start, range.end);
  if (!cursor.firstElement()) return;
  do {
    const start = cursor.pos;
    cursor.skip();
    visit(start, cursor.pos);
  } while (cursor.nextElement());
}
