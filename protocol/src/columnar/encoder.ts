/**
 * Events of a segment as columns: values of the same key lie together, numbers as deltas, repeated
 * strings as references, and what shape an object has is said once. This runs on the page's main
 * thread while it records: it costs less than JSON.stringify and TextEncoder, and allocates little.
 */
import {
  ARRAY,
  COLUMNAR_FORMAT,
  COLUMNAR_VERSION,
  FALSE,
  KNOWN_KEYS,
  MAX_INTEGER,
  NULL,
  NUMBER,
  OBJECT,
  OBJECTS,
  STRING,
  TEXT_JSON,
  TEXT_UTF8,
  TRUE,
} from './layout.js';
import type { ReplayEvent } from '../segment.js';

/** Events of one segment on their way to bytes. */
export interface EventEncoder {
  /** `payload.format` and `.format_version` of what {@link finish} gives. */
  readonly format: string;
  readonly formatVersion: string;
  /** Throws, as JSON.stringify does, for custom and plugin events that JSON cannot carry. */
  add(event: ReplayEvent): void;
  /** Moves the timestamps of all that was added so far, milliseconds; costs nothing. */
  redate(shiftMs: number): void;
  /** About how many bytes {@link finish} would give now. */
  byteLength(): number;
  /** The bytes to compress. More may be added afterwards, or the times be moved, for another time. */
  finish(): Uint8Array<ArrayBuffer>;
}

interface Column {
  bytes: number[];
  /** The number before, which the next is a difference to. */
  last: number;
  /** The strings of this column, and how many were before each. */
  seen: Map<string, number> | undefined;
  /** Where new strings go: names of keys before all others, times after them. */
  texts: string[];
  /** Shapes of objects, and what is in arrays, under this key. */
  items: Column | undefined;
}

/** The keys and kinds of an object so far: a node of a tree, so that most objects only walk it. */
interface Shape {
  id: number;
  key: string;
  kind: number;
  /** Of the values under this key. */
  column: Column;
  /** Shapes with one key more: by key, the first of those that differ in kind. */
  children: Map<string, Shape> | undefined;
  sibling: Shape | undefined;
  /** The child that was taken last; objects of one shape tend to come in rows. */
  recent: Shape | undefined;
}

type JsonObject = Record<string, unknown>;

export function createColumnarEncoder(): EventEncoder {
  const names: string[] = [];
  const texts: string[] = [];
  const columns: Column[] = [];
  const byKey = new Map<string, Column>();
  /** Objects and arrays still to be written, each with its column and kind before it. */
  const pending: unknown[] = [];
  const timestamps: number[] = [];
  let length = 0;
  let shift = 0;
  let shapeCount = 0;

  const schema = addColumn(names);
  schema.seen = new Map(KNOWN_KEYS.map((key, at) => [key, at]));
  const events = addColumn();
  events.items = events;
  const empty = shapeOf('', NULL, events);

  function addColumn(into = texts): Column {
    const column = { bytes: [], last: 0, seen: undefined, texts: into, items: undefined };
    columns.push(column);
    return column;
  }

  function shapeOf(key: string, kind: number, column: Column): Shape {
    const id = shapeCount++;
    return { id, key, kind, column, children: undefined, sibling: undefined, recent: undefined };
  }

  function putVarint({ bytes }: Column, n: number): void {
    for (; n > 127; n = Math.floor(n / 128), length++) bytes.push((n & 127) | 128);
    bytes.push(n);
    length++;
  }

  function putString(column: Column, text: string): void {
    const seen = (column.seen ??= new Map<string, number>());
    const at = seen.get(text);
    if (at !== undefined) return putVarint(column, at * 2);
    seen.set(text, seen.size);
    column.texts.push(text);
    length += text.length;
    putVarint(column, text.length * 2 + 1);
  }

  function putNumber(column: Column, n: number): void {
    if (Number.isInteger(n) && n < MAX_INTEGER && n > -MAX_INTEGER) {
      const delta = n - column.last;
      column.last = n;
      putVarint(column, delta < 0 ? -2 * delta : 2 * delta + 1);
    } else {
      putVarint(column, 0);
      putString(column, String(n));
    }
  }

  /** Nested values wait: first all that an object itself holds, so that ids count up by one. */
  function put(column: Column, value: unknown, kind: number): void {
    if (kind === STRING) putString(column, value as string);
    else if (kind === NUMBER) putNumber(column, value as number);
    else if (kind >= OBJECT) pending.push(value, column, kind);
  }

  function putObject(column: Column, value: object): void {
    let shape = empty;
    // What a page adds to Object.prototype is not part of the recording.
    for (const key in value) {
      if (!Object.hasOwn(value, key) || (column === events && key === 'timestamp')) continue;
      const own = (value as JsonObject)[key];
      const kind = kindOf(own);
      if (kind < 0) continue;
      let next = shape.recent;
      if (next?.key !== key || next.kind !== kind) next = shape.recent = childOf(shape, key, kind);
      shape = next;
      put(shape.column, own, kind);
    }
    putVarint(column.items!, shape.id);
  }

  function childOf(shape: Shape, key: string, kind: number): Shape {
    let child = shape.children?.get(key);
    while (child && child.kind !== kind) child = child.sibling;
    return child ?? addChild(shape, key, kind);
  }

  function addChild(shape: Shape, key: string, kind: number): Shape {
    putVarint(schema, (shapeCount - 1 - shape.id) * 8 + kind);
    putString(schema, key);
    let column = byKey.get(key);
    if (!column) byKey.set(key, (column = addColumn()));
    if (kind >= OBJECT && !column.items) {
      const items = (column.items = addColumn());
      items.items = items;
    }
    const child = shapeOf(key, kind, column);
    const children = (shape.children ??= new Map<string, Shape>());
    child.sibling = children.get(key);
    children.set(key, child);
    return child;
  }

  /** From the last to the first, because what is pending last is written first. */
  function putArray(column: Column, values: readonly unknown[], kind: number): void {
    const items = column.items!;
    putVarint(column, values.length);
    for (let i = values.length; i--;) {
      const value = values[i];
      const itemKind = kind === OBJECTS ? OBJECT : Math.max(kindOf(value), NULL);
      if (kind === ARRAY) putVarint(items, itemKind);
      put(items, value, itemKind);
    }
  }

  function add(event: ReplayEvent): void {
    // What others put into the recording may be anything that JSON can make something of.
    if (event.type > 4 && !isPlain(event)) {
      event = JSON.parse(JSON.stringify(event)) as ReplayEvent;
    }
    timestamps.push(event.timestamp - shift);
    putObject(events, event);
    while (pending.length > 0) {
      const kind = pending.pop() as number;
      const column = pending.pop() as Column;
      const value = pending.pop();
      if (kind === OBJECT) putObject(column, value as object);
      else putArray(column, value as unknown[], kind);
    }
  }

  function finish(): Uint8Array<ArrayBuffer> {
    // The times and the head are for this time only: the times may yet be moved.
    const before = length;
    const late: string[] = [];
    const times = addColumn(late);
    for (const timestamp of timestamps) putNumber(times, timestamp + shift);
    const parts: ArrayLike<number>[] = columns.map(({ bytes }) => bytes);
    const head = addColumn(late);
    columns.length -= 2;

    let text = names.concat(texts, late).join('');
    // UTF-8 has no lone surrogates; JSON spells them out.
    const isJson = /\p{Surrogate}/u.test(text);
    if (isJson) text = JSON.stringify(text);
    for (const n of [isJson ? TEXT_JSON : TEXT_UTF8, parts.length]) putVarint(head, n);
    for (const part of parts) putVarint(head, part.length);
    length = before;
    parts.unshift(head.bytes);
    parts.push(new TextEncoder().encode(text));

    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  return {
    format: COLUMNAR_FORMAT,
    formatVersion: COLUMNAR_VERSION,
    add,
    redate: (shiftMs) => {
      shift += shiftMs;
    },
    byteLength: () => length + 3 * timestamps.length,
    finish,
  };
}

/** What JSON would make of it; -1 for what JSON leaves out. */
function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
      return Number.isFinite(value) ? NUMBER : NULL;
    case 'boolean':
      return value ? TRUE : FALSE;
    case 'object':
      if (value === null) return NULL;
      if (!Array.isArray(value)) return OBJECT;
      for (const item of value as unknown[]) {
        if (typeof item !== 'object' || item === null || Array.isArray(item)) return ARRAY;
      }
      return OBJECTS;
    default:
      return -1;
  }
}

/** Deeper is left to JSON, which finds circles. */
const DEEPEST = 16;

/** Whether JSON would make the same of it, so that it need not be asked. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    const isList = Array.isArray(value) && prototype === Array.prototype;
    if ((!isList && prototype !== Object.prototype) || 'toJSON' in value || depth > DEEPEST) {
      return false;
    }
    const all = isList ? (value as unknown[]) : Object.values(value);
    for (let i = 0; i < all.length; i++) if (!isPlain(all[i], depth + 1)) return false;
    return true;
  }
  return kindOf(value) >= 0;
}
