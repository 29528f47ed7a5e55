/**
 * Where the ordinary spans of a body are: three small integers a span in one flat array, no object.
 * Not a typed array: most bodies have few spans, and memory outside the heap is dear to come by.
 */
export class SpanRanges {
  count = 0;
  readonly #table: number[] = [];
  /** [start, end, resource] of each scope message; [start, end] of each resource message. */
  readonly scopes: { start: number; end: number; resource: number }[] = [];
  readonly resources: { start: number; end: number }[] = [];

  add(start: number, end: number, scope: number): void {
    this.#table.push(start, end, scope);
    this.count++;
  }

  /** Throws RangeError for an index that is not there. */
  start(index: number): number {
    return this.#read(index, 0);
  }

  end(index: number): number {
    return this.#read(index, 1);
  }

  scope(index: number): number {
    return this.#read(index, 2);
  }

  resource(index: number): number {
    return this.scopes[this.scope(index)]!.resource;
  }

  /** The indexes in wire order without duplicates, by resource and scope. */
  group(indexes: readonly number[]): Map<number, Map<number, number[]>> {
    const byResource = new Map<number, Map<number, number[]>>();
    for (const index of [...new Set<number>(indexes)].sort((a, b) => a - b)) {
      const scope = this.scope(index);
      const resource = this.scopes[scope]!.resource;
      let byScope = byResource.get(resource);
      if (byScope === undefined) byResource.set(resource, (byScope = new Map<number, number[]>()));
      const list = byScope.get(scope);
      if (list === undefined) byScope.set(scope, [index]);
      else list.push(index);
    }
    return byResource;
  }

  #read(index: number, column: number): number {
    if (index < 0 || index >= this.count) throw new RangeError(`no span ${index} of ${this.count}`);
    return this.#table[index * 3 + column]!;
  }
}
