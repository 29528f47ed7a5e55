/**
 * Reads `rrweb-columnar`. The bytes come from anyone's browser: every length is checked against what
 * is there, and what comes out is bounded by the JSON it stands for, because a few bytes can refer to
 * one long string a thousand times.
 */
import { ContractError } from '../errors.js';
import { ATTR_PAYLOAD_UNCOMPRESSED_SIZE } from '../names.js';
import type { ReplayEvent } from '../segment.js';
import { FALSE, KNOWN_KEYS, NULL, NUMBER, OBJECT, OBJECTS, STRING, TRUE } from './layout.js';
import { corrupt, textOf } from './text.js';

/** Objects and arrays in one another: more than any page has, less than what breaks a reader. */
const MAX_DEPTH = 10_000;

interface Column {
  at: number;
  end: number;
  /** The number before, which the next is a difference to. */
  last: number;
  strings: string[];
  /** Shapes of objects, and what is in arrays, under this key. */
  items: Column | undefined;
}

/** One key more than the shape it grew from. */
interface Shape {
  parent: Shape | undefined;
  key: string;
  kind: number;
  column: Column;
  /** How many keys an object of this shape has. */
  size: number;
  /** From the first key to the last; made when the first object of this shape is read. */
  path: readonly Shape[] | undefined;
}

/** An object or array that is still to be read, and where it belongs. */
interface Pending {
  target: unknown[] | Record<string, unknown>;
  key: string | number;
  column: Column;
  kind: number;
  depth: number;
}

/**
 * The events of an inflated payload of format `rrweb-columnar`, version 1.
 * Throws {@link ContractError}: `corrupt`, or `too_large` when their JSON would have more than
 * `maxCharacters`.
 */
export function decodeColumnar(bytes: Uint8Array, maxCharacters: number): ReplayEvent[] {
  return new ColumnarReader(bytes, maxCharacters).read();
}

class ColumnarReader {
  readonly #bytes: Uint8Array;
  readonly #maxCharacters: number;
  #characters = 0;
  #text = '';
  #textAt = 0;
  readonly #columns: Column[] = [];
  #columnsTaken = 0;
  readonly #shapes: Shape[] = [];
  readonly #pending: Pending[] = [];

  constructor(bytes: Uint8Array, maxCharacters: number) {
    this.#bytes = bytes;
    this.#maxCharacters = maxCharacters;
  }

  read(): ReplayEvent[] {
    this.#readHead();
    const schema = this.#takeColumn();
    const roots = this.#takeColumn();
    roots.items = roots;
    this.#readShapes(schema, roots);
    const events: ReplayEvent[] = [];
    while (roots.at < roots.end) {
      events.push(this.#readObject(roots, 0) as unknown as ReplayEvent);
      this.#readPending();
    }
    const times = this.#takeColumn();
    for (const event of events) event.timestamp = this.#number(times);
    this.#checkEnd();
    return events;
  }

  /** Sizes of the columns, which follow at once; then the text of all strings. */
  #readHead(): void {
    const { length } = this.#bytes;
    const head = columnOf(0, length);
    const spelling = this.#varint(head);
    const count = this.#varint(head);
    if (count < 3 || count > length) throw corrupt(`${count} columns`);
    for (let i = 0; i < count; i++) this.#columns.push(columnOf(0, this.#varint(head)));
    let at = head.at;
    for (const column of this.#columns) {
      column.at = at;
      at = column.end += at;
      if (at > length) throw corrupt('a column is longer than the payload');
    }
    this.#text = textOf(this.#bytes.subarray(at), spelling);
  }

  /** Each entry is a key and a kind more than a shape before it; shape 0 is an object without keys. */
  #readShapes(schema: Column, roots: Column): void {
    schema.strings.push(...KNOWN_KEYS);
    const byKey = new Map<string, Column>();
    const none = { parent: undefined, key: '', kind: NULL, column: roots, size: 0, path: [] };
    this.#shapes.push(none);
    while (schema.at < schema.end) {
      const entry = this.#varint(schema);
      const kind = entry % 8;
      const parent = this.#shapes[this.#shapes.length - 1 - Math.floor(entry / 8)];
      if (parent === undefined) throw corrupt('a shape without its beginning');
      const key = this.#string(schema);
      let column = byKey.get(key);
      if (column === undefined) byKey.set(key, (column = this.#takeColumn()));
      if (kind >= OBJECT && column.items === undefined) {
        column.items = this.#takeColumn();
        column.items.items = column.items;
      }
      this.#shapes.push({ parent, key, kind, column, size: parent.size + 1, path: undefined });
    }
  }

  #readPending(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      const { target, key, column, kind, depth } = next;
      if (depth > MAX_DEPTH) throw corrupt(`more than ${MAX_DEPTH} objects in one another`);
      const value =
        kind === OBJECT ? this.#readObject(column, depth) : this.#readArray(column, kind, depth);
      assign(target, key, value);
    }
  }

  #readObject(column: Column, depth: number): Record<string, unknown> {
    const shape = this.#shapes[this.#varint(column.items!)];
    if (shape === undefined) throw corrupt('an object of a shape that is not there');
    this.#spend(2 + 5 * shape.size);
    const object: Record<string, unknown> = {};
    for (const { key, kind, column: own } of pathOf(shape)) {
      this.#spend(key.length);
      // A nested value comes later, but its key has its place now.
      assign(object, key, kind < OBJECT ? this.#primitive(own, kind) : null);
      if (kind >= OBJECT)
        this.#pending.push({ target: object, key, column: own, kind, depth: depth + 1 });
    }
    return object;
  }

  #readArray(column: Column, kind: number, depth: number): unknown[] {
    const count = this.#varint(column);
    const items = column.items!;
    // Every item takes a byte at least.
    if (count > items.end - items.at) throw corrupt(`an array of ${count} items`);
    this.#spend(2 * count + 2);
    const array = new Array<unknown>(count).fill(null);
    for (let i = count; i--;) {
      const itemKind = kind === OBJECTS ? OBJECT : this.#varint(items);
      if (itemKind > OBJECTS) throw corrupt(`a value of kind ${itemKind}`);
      if (itemKind < OBJECT) array[i] = this.#primitive(items, itemKind);
      else
        this.#pending.push({
          target: array,
          key: i,
          column: items,
          kind: itemKind,
          depth: depth + 1,
        });
    }
    return array;
  }

  #primitive(column: Column, kind: number): unknown {
    switch (kind) {
      case STRING:
        return this.#string(column);
      case NUMBER:
        return this.#number(column);
      case TRUE:
        return true;
      case FALSE:
        return false;
      default:
        return null;
    }
  }

  #number(column: Column): number {
    const code = this.#varint(column);
    if (code === 0) {
      const text = this.#string(column);
      const number = Number(text);
      if (!Number.isFinite(number)) throw corrupt(`"${text.slice(0, 20)}" as a number`);
      return number;
    }
    const half = Math.floor(code / 2);
    column.last += code % 2 === 0 ? -half : half;
    return column.last;
  }

  #string(column: Column): string {
    const code = this.#varint(column);
    const half = Math.floor(code / 2);
    let text: string | undefined;
    if (code % 2 === 0) {
      text = column.strings[half];
      if (text === undefined) throw corrupt('a string that was not there before');
    } else {
      const end = this.#textAt + half;
      if (end > this.#text.length) throw corrupt('a string is longer than the text');
      text = this.#text.slice(this.#textAt, end);
      this.#textAt = end;
      column.strings.push(text);
    }
    this.#spend(text.length);
    return text;
  }

  #varint(column: Column): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      if (column.at >= column.end) throw corrupt('a column ends too early');
      const byte = this.#bytes[column.at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) break;
      unit *= 128;
    }
    if (value > Number.MAX_SAFE_INTEGER) throw corrupt('a number out of range');
    return value;
  }

  #takeColumn(): Column {
    const column = this.#columns[this.#columnsTaken++];
    if (column === undefined) throw corrupt('a column is missing');
    return column;
  }

  #spend(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= this.#maxCharacters) return;
    throw new ContractError(
      'too_large',
      ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
      `its events have more than ${this.#maxCharacters} characters as JSON, more than this reader holds`,
    );
  }

  #checkEnd(): void {
    const isRead = this.#columns.every(({ at, end }) => at === end);
    if (!isRead || this.#columnsTaken < this.#columns.length || this.#textAt < this.#text.length)
      throw corrupt('there is more in it than its events');
  }
}

function columnOf(at: number, end: number): Column {
  return { at, end, last: 0, strings: [], items: undefined };
}

function pathOf(shape: Shape): readonly Shape[] {
  if (shape.path !== undefined) return shape.path;
  const path = new Array<Shape>(shape.size);
  for (let at: Shape | undefined = shape, i = shape.size; i > 0 && at; at = at.parent)
    path[--i] = at;
  return (shape.path = path);
}

/** `__proto__` is a key like others, as it is for JSON. */
function assign(target: Pending['target'], key: string | number, value: unknown): void {
  if (key === '__proto__') {
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(target, key, property);
  } else (target as Record<string | number, unknown>)[key] = value;
}
