/**
 * Changes to a body, collected in wire order and applied at once: ranges that are left out, and
 * length prefixes of the messages around them. Everything else is copied as it came.
 */
const KEEP = -1;

export function varintSize(value: number): number {
  let size = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 128);
    size++;
  }
  return size;
}

/** Writes `value` (a length, below 2^31) at `at`; returns the offset behind it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    out[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}

export class Edits {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** New length prefix in place of the range, or KEEP: nothing takes its place. */
  readonly #prefixes: number[] = [];

  get empty(): boolean {
    return this.#starts.length === 0;
  }

  /** Remembers where a message begins, for {@link drop} and {@link resize}. */
  mark(): number {
    return this.#starts.length;
  }

  changedSince(mark: number): boolean {
    return this.#starts.length > mark;
  }

  cut(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#prefixes.push(KEEP);
  }

  /** Forgets what was edited since `mark`. */
  undo(mark: number): void {
    this.#starts.length = this.#ends.length = this.#prefixes.length = mark;
  }

  /** Leaves out [start, end) with everything that was edited inside since `mark`. */
  drop(mark: number, start: number, end: number): void {
    this.undo(mark);
    this.cut(start, end);
  }

  /** Corrects the length prefix [prefixStart, bodyStart) of a message edited inside since `mark`. */
  resize(mark: number, prefixStart: number, bodyStart: number, bodyEnd: number): void {
    let length = bodyEnd - bodyStart;
    for (let i = mark; i < this.#starts.length; i++) length -= this.#shrinks(i);
    this.#starts.splice(mark, 0, prefixStart);
    this.#ends.splice(mark, 0, bodyStart);
    this.#prefixes.splice(mark, 0, length);
  }

  apply(source: Uint8Array): Uint8Array {
    let size = source.length;
    for (let i = 0; i < this.#starts.length; i++) size -= this.#shrinks(i);
    const out = Buffer.allocUnsafe(size);
    let from = 0;
    let at = 0;
    for (let i = 0; i < this.#starts.length; i++) {
      const start = this.#starts[i]!;
      out.set(source.subarray(from, start), at);
      at += start - from;
      from = this.#ends[i]!;
      const prefix = this.#prefixes[i]!;
      if (prefix !== KEEP) at = writeVarint(out, at, prefix);
    }
    out.set(source.subarray(from), at);
    return out;
  }

  #shrinks(i: number): number {
    const prefix = this.#prefixes[i]!;
    return this.#ends[i]! - this.#starts[i]! - (prefix === KEEP ? 0 : varintSize(prefix));
  }
}
