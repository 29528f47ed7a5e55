/**
 * Which session is to be looked at when: slots of one second, each session in at most one. Setting
 * and taking cost O(1); a later time replaces an earlier one only when asked for by the owner.
 */
export class TimeWheel {
  readonly #slotMs: number;
  readonly #slots = new Map<number, Set<string>>();
  readonly #slotOf = new Map<string, number>();
  #taken: number | undefined;

  constructor(slotMs = 1000) {
    this.#slotMs = slotMs;
  }

  /** Looks at `id` at `time` (milliseconds) or up to one slot later. */
  schedule(id: string, time: number): void {
    const wanted = Math.ceil(time / this.#slotMs);
    // A slot that was taken already never comes again.
    const slot = this.#taken === undefined ? wanted : Math.max(wanted, this.#taken + 1);
    const before = this.#slotOf.get(id);
    if (before === slot) return;
    if (before !== undefined) this.#remove(id, before);
    this.#slotOf.set(id, slot);
    const ids = this.#slots.get(slot);
    if (ids === undefined) this.#slots.set(slot, new Set([id]));
    else ids.add(id);
  }

  cancel(id: string): void {
    const slot = this.#slotOf.get(id);
    if (slot === undefined) return;
    this.#slotOf.delete(id);
    this.#remove(id, slot);
  }

  /** Takes out all whose time has come. */
  take(now: number): string[] {
    const until = Math.floor(now / this.#slotMs);
    const due: string[] = [];
    // After a long sleep there may be more empty slots than kept ones.
    const slots =
      this.#taken !== undefined && until - this.#taken < this.#slots.size
        ? range(this.#taken + 1, until)
        : [...this.#slots.keys()].filter((slot) => slot <= until).sort((a, b) => a - b);
    for (const slot of slots) {
      for (const id of this.#slots.get(slot) ?? []) {
        this.#slotOf.delete(id);
        due.push(id);
      }
      this.#slots.delete(slot);
    }
    this.#taken = Math.max(until, this.#taken ?? until);
    return due;
  }

  #remove(id: string, slot: number): void {
    const ids = this.#slots.get(slot);
    ids?.delete(id);
    if (ids?.size === 0) this.#slots.delete(slot);
  }
}

function range(first: number, last: number): number[] {
  const out: number[] = [];
  for (let i = first; i <= last; i++) out.push(i);
  return out;
}
