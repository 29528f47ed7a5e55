/**
 * Request → ResourceX → ScopeX → items, the same shape for traces and logs. Calls `item` for every
 * span or log record and drops containers that the cuts left empty.
 */
import { Edits } from './edits.js';
import { CONTAINER } from './protobuf-decode.js';
import { eachField, LEN, truncated, VarintReader } from './protobuf-wire.js';
import { MalformedOtlpError } from './errors.js';
import { SpanRanges } from './span-ranges.js';

/** What to do with an item: forward it as it is, with edits made inside it, or not at all. */
export type Verdict = 'keep' | 'edited' | 'drop';

export interface ItemVisitor {
  item(start: number, end: number, scope: number): Verdict;
}

const ITEM_TAG = (CONTAINER.children << 3) | LEN;

export class ProtobufWalk {
  readonly ranges = new SpanRanges();
  readonly edits = new Edits();
  readonly varints = new VarintReader();
  readonly #bytes: Uint8Array;
  #kept = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Items that are forwarded. */
  get kept(): number {
    return this.#kept;
  }

  /** Throws {@link MalformedOtlpError}. */
  run(visitor: ItemVisitor): void {
    const { edits } = this;
    eachField(this.#bytes, 0, this.#bytes.length, (f) => {
      if (f.number !== 1 || f.wireType !== LEN) return;
      const { tagStart, prefixStart, start, end } = f;
      const resource = this.ranges.resources.push({ start, end }) - 1;
      const mark = edits.mark();
      const left = this.#resource(start, end, resource, visitor);
      this.#close(mark, left, tagStart, prefixStart, start, end);
    });
  }

  /** The body without what was cut: the same object, a smaller copy, or undefined for nothing. */
  forward(): Uint8Array | undefined {
    if (this.edits.empty) return this.#bytes;
    const out = this.edits.apply(this.#bytes);
    return out.length === 0 ? undefined : out;
  }

  /** True when nothing but what was cut was inside. */
  #resource(start: number, end: number, resource: number, visitor: ItemVisitor): boolean {
    let scopes = 0;
    let emptied = 0;
    eachField(this.#bytes, start, end, (f) => {
      if (f.number !== CONTAINER.children || f.wireType !== LEN) return;
      const { tagStart, prefixStart, start: from, end: to } = f;
      const mark = this.edits.mark();
      const scope = this.ranges.scopes.push({ start: from, end: to, resource }) - 1;
      const empty = this.#scope(from, to, scope, visitor);
      this.#close(mark, empty, tagStart, prefixStart, from, to);
      scopes++;
      if (empty) emptied++;
    });
    return scopes > 0 && emptied === scopes;
  }

  #close(
    mark: number,
    empty: boolean,
    tagStart: number,
    prefixStart: number,
    start: number,
    end: number,
  ): void {
    if (empty) this.edits.drop(mark, tagStart, end);
    else if (this.edits.changedSince(mark)) this.edits.resize(mark, prefixStart, start, end);
  }

  #scope(start: number, end: number, scope: number, visitor: ItemVisitor): boolean {
    const bytes = this.#bytes;
    const { varints, edits } = this;
    let dropped = 0;
    let kept = 0;
    let p = start;
    while (p < end) {
      const tagStart = p;
      let tag = bytes[p]!;
      if (tag < 0x80) p++;
      else {
        tag = varints.readTag(bytes, p, end);
        p = varints.next;
      }
      if (tag < 8) throw new MalformedOtlpError('field number is not possible', p);
      if (tag !== ITEM_TAG) {
        p = varints.skip(bytes, p, end, tag & 7);
        continue;
      }
      const prefixStart = p;
      const length = varints.read(bytes, p, end);
      p = varints.next;
      const to = p + length;
      if (to > end) throw truncated(p);
      const mark = edits.mark();
      const verdict = visitor.item(p, to, scope);
      if (verdict === 'drop') {
        edits.cut(tagStart, to);
        dropped++;
      } else {
        if (verdict === 'edited') edits.resize(mark, prefixStart, p, to);
        kept++;
      }
      p = to;
    }
    this.#kept += kept;
    return dropped > 0 && kept === 0;
  }
}
