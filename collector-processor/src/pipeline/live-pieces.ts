/**
 * Copies of what is open in a watched session, so that instances that share the store can read it
 * early. A piece is an ordinary block with what is new since the piece before; the regular block
 * that holds the same records takes the place of its pieces. What a crash leaves of them are small
 * blocks that readers merge like any others.
 */
import type { Journaled } from './journaled.js';

export class LivePieces {
  readonly #shown = new Set<Journaled>();
  /** By key: the records that are in no regular block yet. */
  readonly #pieces = new Map<string, Set<Journaled>>();
  /** A round of pieces is on its way: the next one waits for it. */
  isBusy = false;

  /** Those of the records that are in no piece yet; they count as shown from now on. */
  take(records: readonly Journaled[]): Journaled[] {
    const fresh = records.filter((record) => !this.#shown.has(record));
    for (const record of fresh) this.#shown.add(record);
    return fresh;
  }

  stored(key: string, records: readonly Journaled[]): void {
    const before = this.#pieces.get(key) ?? [];
    this.#pieces.set(key, new Set([...before, ...records]));
  }

  /** The records could not be written: the next piece has them. */
  failed(records: readonly Journaled[]): void {
    for (const record of records) this.#shown.delete(record);
  }

  /** Keys of the pieces whose place a stored regular block took. */
  replacedBy(key: string, records: readonly Journaled[]): string[] {
    const replaced: string[] = [];
    for (const record of records) this.#shown.delete(record);
    for (const [pieceKey, left] of this.#pieces) {
      for (const record of records) left.delete(record);
      if (left.size > 0) continue;
      this.#pieces.delete(pieceKey);
      // A block of the same segments has the same key, and is there in its place.
      if (pieceKey !== key) replaced.push(pieceKey);
    }
    return replaced;
  }
}
