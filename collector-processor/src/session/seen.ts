/** Which segments of a session were taken, so that a retry is recognised: a number per segment. */
const PARTS = 1024;

export class SeenSegments {
  readonly #recordings = new Map<string, Set<number>>();

  has(recordingId: string, index: number, partIndex: number): boolean {
    return this.#recordings.get(recordingId)?.has(index * PARTS + partIndex) ?? false;
  }

  add(recordingId: string, index: number, partIndex: number): void {
    const seen = this.#recordings.get(recordingId);
    if (seen === undefined) this.#recordings.set(recordingId, new Set([index * PARTS + partIndex]));
    else seen.add(index * PARTS + partIndex);
  }
}
