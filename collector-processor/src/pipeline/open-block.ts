/** Segments of one recording on their way to a block. */
import type { JournaledSegment } from './journaled.js';

export class OpenBlock {
  readonly openedAt: number;
  #segments: JournaledSegment[];
  #bytes = 0;

  constructor(openedAt: number, segments: JournaledSegment[] = []) {
    this.openedAt = openedAt;
    this.#segments = segments;
    for (const { bytes } of segments) this.#bytes += bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get segments(): readonly JournaledSegment[] {
    return this.#segments;
  }

  add(segment: JournaledSegment): void {
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
  }

  /** By index and part, as they lie in a block. */
  ordered(): JournaledSegment[] {
    return [...this.#segments].sort((a, b) => a.index - b.index || a.partIndex - b.partIndex);
  }

  /** Segments of which all parts are here, ordered. */
  complete(): JournaledSegment[] {
    const parts = new Map<number, number>();
    for (const { index } of this.#segments) parts.set(index, (parts.get(index) ?? 0) + 1);
    return this.ordered().filter((s) => parts.get(s.index)! >= s.partCount);
  }

  /**
   * Cuts before the last checkpoint, so that the next block can be played on its own; whole when
   * there is none, or only at the start.
   */
  cut(): { done: JournaledSegment[]; rest: JournaledSegment[] } {
    const ordered = this.ordered();
    const last = ordered.findLastIndex((s, i) => i > 0 && s.checkpoint && s.partIndex === 0);
    if (last === -1) return { done: ordered, rest: [] };
    return { done: ordered.slice(0, last), rest: ordered.slice(last) };
  }
}
