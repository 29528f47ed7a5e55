/** The ordinary spans of a protobuf trace request, read on demand. */
import { ATTR_RECORDING_ID, ATTR_SESSION_ID } from '@otel-replay/protocol';
import { writeVarint, varintSize } from './edits.js';
import { sessionOfTraceState, stringOf, type Attributes } from './model.js';
import {
  CONTAINER,
  decodeAnyValue,
  decodeAttributes,
  RESOURCE_ATTRIBUTES,
  SPAN,
} from './protobuf-decode.js';
import { plainTraceId } from './protobuf-identity.js';
import {
  bytesEqual,
  eachField,
  I64,
  LEN,
  readHex,
  readNanosAsMs,
  readString,
} from './protobuf-wire.js';
import type { SpanRanges } from './span-ranges.js';
import type { SpanTable } from './types.js';

const SESSION_ID = Buffer.from(ATTR_SESSION_ID);
const RECORDING_ID = Buffer.from(ATTR_RECORDING_ID);

/** Attributes of each Resource, decoded once when asked for. */
export class ProtobufResources {
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

  sessionId(resource: number): string | undefined {
    return stringOf(this.attributes(resource), ATTR_SESSION_ID);
  }

  #decode(resource: number): Attributes {
    const bytes = this.#bytes;
    const { start, end } = this.#ranges.resources[resource]!;
    const all = new Map();
    eachField(bytes, start, end, (f) => {
      if (f.number !== CONTAINER.resource || f.wireType !== LEN) return;
      for (const [k, v] of decodeAttributes(bytes, f.start, f.end, RESOURCE_ATTRIBUTES)) {
        if (!all.has(k)) all.set(k, v);
      }
    });
    return all as Attributes;
  }
}

export class ProtobufSpanTable implements SpanTable {
  readonly #bytes: Uint8Array;
  readonly #ranges: SpanRanges;
  readonly #resources: ProtobufResources;
  /** Of each span once asked for: where the trace id is, or -1 when it takes a closer look. */
  #plainTraceIds: number[] | undefined;
  /** The last one that was read: the spans of a trace come one after the other, mostly. */
  #lastTraceId = '';
  #lastTraceIdAt = -1;
  readonly #besides = new Map<object, readonly Uint8Array[]>();

  constructor(bytes: Uint8Array, ranges: SpanRanges, resources: ProtobufResources) {
    this.#bytes = bytes;
    this.#ranges = ranges;
    this.#resources = resources;
  }

  get count(): number {
    return this.#ranges.count;
  }

  get bodyBytes(): number {
    return this.#bytes.length;
  }

  traceId(index: number): string {
    const at = this.#plainTraceId(index);
    if (at >= 0) return this.#readTraceId(at);
    let id = '';
    this.#lengthField(index, SPAN.traceId, (start, end) => {
      id = end - start === 16 ? readHex(this.#bytes, start, end) : '';
    });
    return id;
  }

  sessionId(index: number): string | undefined {
    const ofResource = this.#resources.sessionId(this.#ranges.resource(index));
    if (this.#plainTraceId(index) >= 0) return ofResource;
    return this.#attribute(index, SESSION_ID) ?? ofResource ?? this.#traceStateSession(index);
  }

  recordingId(index: number): string | undefined {
    return this.#plainTraceId(index) >= 0 ? undefined : this.#attribute(index, RECORDING_ID);
  }

  startTime(index: number): number {
    return this.#time(index, SPAN.startTime);
  }

  endTime(index: number): number {
    return this.#time(index, SPAN.endTime);
  }

  extract(indexes: readonly number[]): Uint8Array {
    const bytes = this.#bytes;
    const ranges = this.#ranges;
    const requestParts: Uint8Array[] = [];
    for (const [resource, byScope] of ranges.group(indexes)) {
      const parts = [...this.#beside(ranges.resources[resource]!)];
      for (const [scope, spans] of byScope) {
        const scopeParts = [...this.#beside(ranges.scopes[scope]!)];
        for (const span of spans) {
          const body = bytes.subarray(ranges.start(span), ranges.end(span));
          scopeParts.push(prefix(CONTAINER.children, body.length), body);
        }
        parts.push(prefix(CONTAINER.children, totalLength(scopeParts)), ...scopeParts);
      }
      requestParts.push(prefix(1, totalLength(parts)), ...parts);
    }
    return Buffer.concat(requestParts);
  }

  /** Found once: a body may be divided among many sessions. */
  #beside(container: { start: number; end: number }): readonly Uint8Array[] {
    let parts = this.#besides.get(container);
    if (parts === undefined) {
      this.#besides.set(container, (parts = besideChildren(this.#bytes, container)));
    }
    return parts;
  }

  #plainTraceId(index: number): number {
    return (this.#plainTraceIds ??= this.#findTraceIds())[index] ?? -1;
  }

  #findTraceIds(): number[] {
    const [bytes, ranges] = [this.#bytes, this.#ranges];
    const found: number[] = [];
    for (let i = 0; i < ranges.count; i++) {
      found.push(plainTraceId(bytes, ranges.start(i), ranges.end(i)));
    }
    return found;
  }

  #readTraceId(at: number): string {
    const [bytes, last] = [this.#bytes, this.#lastTraceIdAt];
    let same = last < 0 ? 0 : 16;
    if (last !== at && last >= 0) {
      for (same = 0; same < 16 && bytes[at + same] === bytes[last + same]; same++);
    }
    if (same < 16) this.#lastTraceId = readHex(bytes, at, at + 16);
    this.#lastTraceIdAt = at;
    return this.#lastTraceId;
  }

  #time(index: number, fieldNumber: number): number {
    let time = 0;
    eachField(this.#bytes, this.#ranges.start(index), this.#ranges.end(index), (f) => {
      if (f.number === fieldNumber && f.wireType === I64)
        time = readNanosAsMs(this.#bytes, f.start);
    });
    return time;
  }

  /** First value of a string attribute, as for the decoded forms. */
  #attribute(index: number, key: Uint8Array): string | undefined {
    const bytes = this.#bytes;
    let value: string | undefined;
    this.#lengthField(index, SPAN.attributes, (start, end) => {
      if (value !== undefined) return;
      // key first and unpadded, as every SDK writes it; anything else goes the long way
      if (bytes[start] === 0x0a && bytes[start + 1]! < 0x80) {
        if (bytes[start + 1] !== key.length || start + 2 + key.length > end) return;
        if (!bytesEqual(bytes, start + 2, key)) return;
      }
      let matches = false;
      let found: string | undefined;
      eachField(bytes, start, end, (f) => {
        if (f.wireType !== LEN) return;
        if (f.number === 1) {
          matches = f.end - f.start === key.length && bytesEqual(bytes, f.start, key);
        } else if (f.number === 2) {
          const decoded = decodeAnyValue(bytes, f.start, f.end);
          found = typeof decoded === 'string' && decoded !== '' ? decoded : undefined;
        }
      });
      if (matches) value = found;
    });
    return value;
  }

  #traceStateSession(index: number): string | undefined {
    let session: string | undefined;
    this.#lengthField(index, SPAN.traceState, (start, end) => {
      if (end > start) session = sessionOfTraceState(readString(this.#bytes, start, end));
    });
    return session;
  }

  #lengthField(
    index: number,
    fieldNumber: number,
    visit: (start: number, end: number) => void,
  ): void {
    eachField(this.#bytes, this.#ranges.start(index), this.#ranges.end(index), (f) => {
      if (f.number === fieldNumber && f.wireType === LEN) visit(f.start, f.end);
    });
  }
}

/** Every field of a container but its children, as slices: resource, scope, schema URL, unknown. */
function besideChildren(
  bytes: Uint8Array,
  container: { start: number; end: number },
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  eachField(bytes, container.start, container.end, (f) => {
    if (f.number === CONTAINER.children && f.wireType === LEN) return;
    parts.push(bytes.subarray(f.tagStart, f.end));
  });
  return parts;
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Tag and length prefix of an embedded message. */
function prefix(fieldNumber: number, length: number): Uint8Array {
  const out = new Uint8Array(1 + varintSize(length));
  out[0] = (fieldNumber << 3) | LEN;
  writeVarint(out, 1, length);
  return out;
}
