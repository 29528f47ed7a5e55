/** The ordinary spans of a JSON trace request, read on demand. */
import { ATTR_RECORDING_ID, ATTR_SESSION_ID } from '@otel-replay/protocol';
import {
  eachElement,
  findMember,
  JsonCursor,
  parseJson,
  skipString,
  type Name,
} from './json-cursor.js';
import { attributesFromJson, hexId, nanosAsMs, resourceAttributesFromJson } from './json-decode.js';
import { NAME } from './json-scan.js';
import { sessionOfTraceState, stringOf, type Attributes } from './model.js';
import { asBuffer } from './protobuf-wire.js';
import type { SpanRanges } from './span-ranges.js';
import type { SpanTable } from './types.js';

const NO_ATTRIBUTES: Attributes = new Map();

/** Attributes of each Resource, decoded once when asked for. */
export class JsonResources {
  readonly #bytes: Uint8Array;
  readonly #ranges: SpanRanges;
  readonly #decoded: (Attributes | undefined)[] = [];

  constructor(bytes: Uint8Array, ranges: SpanRanges) {
    this.#bytes = bytes;
    this.#ranges = ranges;
  }

  attributes(resource: number): Attributes {
    return (this.#decoded[resource] ??= this.#decode(resource));
  }

  #decode(resource: number): Attributes {
    const { start, end } = this.#ranges.resources[resource]!;
    const range = findMember(this.#bytes, start, end, NAME.resource);
    if (range === undefined) return NO_ATTRIBUTES;
    return resourceAttributesFromJson(parseJson(this.#bytes, range.start, range.end));
  }
}

export class JsonSpanTable implements SpanTable {
  readonly #bytes: Buffer;
  readonly #ranges: SpanRanges;
  readonly #resources: JsonResources;
  readonly #plainTraceIds: readonly number[];
  /** The last one that was read: the spans of a trace come one after the other, mostly. */
  #lastTraceId = '';
  #lastTraceIdAt = -1;
  readonly #besides = new Map<object, readonly (Uint8Array | string)[]>();

  constructor(
    bytes: Uint8Array,
    found: { ranges: SpanRanges; resources: JsonResources; plainTraceIds: readonly number[] },
  ) {
    this.#bytes = asBuffer(bytes);
    this.#ranges = found.ranges;
    this.#resources = found.resources;
    this.#plainTraceIds = found.plainTraceIds;
  }

  get count(): number {
    return this.#ranges.count;
  }

  get bodyBytes(): number {
    return this.#bytes.length;
  }

  traceId(index: number): string {
    const at = this.#plainTraceId(index);
    const plain = at < 0 ? undefined : this.#readTraceId(at);
    return plain ?? hexId(this.#member(index, NAME.traceId), 32);
  }

  sessionId(index: number): string | undefined {
    const resource = this.#resources.attributes(this.#ranges.resource(index));
    const shared = stringOf(resource, ATTR_SESSION_ID);
    if (this.#plainTraceId(index) >= 0) return shared;
    const own = this.#attribute(index, ATTR_SESSION_ID);
    if (own !== undefined) return own;
    if (shared !== undefined) return shared;
    const traceState = this.#member(index, NAME.traceState);
    return typeof traceState === 'string' ? sessionOfTraceState(traceState) : undefined;
  }

  recordingId(index: number): string | undefined {
    return this.#plainTraceId(index) >= 0 ? undefined : this.#attribute(index, ATTR_RECORDING_ID);
  }

  startTime(index: number): number {
    return nanosAsMs(this.#member(index, NAME.startTime));
  }

  endTime(index: number): number {
    return nanosAsMs(this.#member(index, NAME.endTime));
  }

  extract(indexes: readonly number[]): Uint8Array {
    const bytes = this.#bytes;
    const ranges = this.#ranges;
    const out: (Uint8Array | string)[] = ['{"resourceSpans":['];
    let separator = '';
    for (const [resource, byScope] of ranges.group(indexes)) {
      out.push(separator, '{', ...this.#beside(ranges.resources[resource]!, NAME.scopeSpans));
      out.push('"scopeSpans":[');
      separator = '';
      for (const [scope, spans] of byScope) {
        out.push(separator, '{', ...this.#beside(ranges.scopes[scope]!, NAME.spans), '"spans":[');
        spans.forEach((span, i) => {
          if (i > 0) out.push(',');
          out.push(bytes.subarray(ranges.start(span), ranges.end(span)));
        });
        out.push(']}');
        separator = ',';
      }
      out.push(']}');
      separator = ',';
    }
    out.push(']}');
    return Buffer.concat(out.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  }

  /** Found once: a body may be divided among many sessions. */
  #beside(object: { start: number; end: number }, key: Name): readonly (Uint8Array | string)[] {
    let parts = this.#besides.get(object);
    if (parts === undefined) this.#besides.set(object, (parts = beside(this.#bytes, object, key)));
    return parts;
  }

  /** Throws RangeError for an index that is not there. */
  #plainTraceId(index: number): number {
    return this.#plainTraceIds[index] ?? this.#ranges.start(index);
  }

  /** Undefined when it is not 32 lower-case hex digits. */
  #readTraceId(at: number): string | undefined {
    const [bytes, last] = [this.#bytes, this.#lastTraceIdAt];
    let same = 0;
    if (last >= 0) for (; same < 32 && bytes[at + same] === bytes[last + same]; same++);
    if (same < 32) {
      const text = bytes.toString('latin1', at, at + 32);
      if (!/^[0-9a-f]{32}$/.test(text)) return undefined;
      this.#lastTraceId = text;
    }
    this.#lastTraceIdAt = at;
    return this.#lastTraceId;
  }

  #member(index: number, key: Name): unknown {
    const start = this.#ranges.start(index);
    const range = findMember(this.#bytes, start, this.#ranges.end(index), key);
    return range === undefined ? undefined : parseJson(this.#bytes, range.start, range.end);
  }

  #attribute(index: number, key: string): string | undefined {
    const bytes = this.#bytes;
    const ranges = this.#ranges;
    const all = findMember(bytes, ranges.start(index), ranges.end(index), NAME.attributes);
    let value: string | undefined;
    eachElement(bytes, all, (start, end) => {
      if (value !== undefined || !mayHaveKey(bytes, start, end, key)) return;
      value = stringOf(attributesFromJson([parseJson(bytes, start, end)]), key);
    });
    return value;
  }
}

const KEY_PREFIX = '{"key":';

/** False only when the element surely has another key: it comes first, and has another length. */
function mayHaveKey(bytes: Uint8Array, start: number, end: number, key: string): boolean {
  for (let i = 0; i < KEY_PREFIX.length; i++) {
    if (bytes[start + i] !== KEY_PREFIX.charCodeAt(i)) return true;
  }
  const quote = start + KEY_PREFIX.length;
  if (bytes[quote] !== 0x22) return true;
  const length = skipString(bytes, quote, end) - quote - 2;
  // Longer ones may be escaped.
  return length >= key.length && (length > key.length || bytes[quote + 1] === key.charCodeAt(0));
}

/** Every member of the object but one, as slices, each with a comma behind. */
function beside(
  bytes: Uint8Array,
  object: { start: number; end: number },
  key: Name,
): (Uint8Array | string)[] {
  const parts: (Uint8Array | string)[] = [];
  const cursor = new JsonCursor(bytes, object.start, object.end);
  if (!cursor.firstMember()) return parts;
  do {
    const from = cursor.keyStart - 1;
    const isChildren = cursor.keyIs(key);
    cursor.skip();
    if (!isChildren) parts.push(bytes.subarray(from, cursor.pos), ',');
  } while (cursor.nextMember());
  return parts;
}
