/** A map whose entries expire; each set moves an entry to the end, the oldest go when it is full. */
export class ExpiringMap<V> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, { value: V; until: number }>();

  constructor(maxEntries = Number.POSITIVE_INFINITY) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined when it is not there or has expired. Times are Unix milliseconds. */
  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > now ? entry.value : undefined;
  }

  set(key: string, value: V, until: number, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until });
    // Nearly in order of expiry: stop at the first that still counts and fits.
    for (const [old, entry] of this.#entries) {
      if (entry.until > now && this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(old);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  *entries(now: number): Generator<[string, V]> {
    for (const [key, { value, until }] of this.#entries) if (until > now) yield [key, value];
  }
}
