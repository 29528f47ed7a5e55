/** Compressed segments as they came, as many bytes as may be kept; what came first goes first. */
import type { StoredSegment } from '../client/source.js';

export class StoredSegments {
  readonly #maxBytes: number;
  /** Insertion order is age. */
  readonly #all = new Map<string, StoredSegment[]>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All its parts, or undefined as long as one of them is not there. */
  whole(recordingId: string, index: number): StoredSegment[] | undefined {
    const parts = this.#all.get(keyOf(recordingId, index));
    const first = parts?.[0];
    if (parts === undefined || first === undefined) return undefined;
    return parts.length >= (first.header.payload.partCount ?? 1) ? parts : undefined;
  }

  keep(segment: StoredSegment): void {
    const { recordingId, index, payload } = segment.header;
    const key = keyOf(recordingId, index);
    const parts = this.#all.get(key) ?? [];
    const partIndex = payload.partIndex ?? 0;
    if (parts.some((part) => (part.header.payload.partIndex ?? 0) === partIndex)) return;
    // A copy, so that a small segment does not keep a whole network chunk alive.
    parts.push({ header: segment.header, payload: segment.payload.slice() });
    this.#all.set(key, parts);
    this.#bytes += segment.payload.length;
    for (const [oldest, old] of this.#all) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#all.delete(oldest);
      for (const part of old) this.#bytes -= part.payload.length;
    }
  }
}

function keyOf(recordingId: string, index: number): string {
  return `${recordingId}/${index}`;
}
