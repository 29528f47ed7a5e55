/**
 * Which file is worth emptying. A file goes when all its records are released; one record that
 * waits for the store would keep the room of thousands that are long gone.
 */
export interface Compactable {
  readonly size: number;
  readonly liveBytes: number;
  readonly sealed: boolean;
}

/** Below this share of the capacity room is not scarce. */
const SCARCE = 0.75;
/** A file of which more lives costs more to move than it gives back. */
const MOSTLY_LIVE = 0.75;

/** What moving may take beyond the capacity for a moment, as a share of it; it gives back more. */
const SPARE = 1 / 32;

/** Undefined: none, or there is no room to move what lives in it. */
export function worthMoving<F extends Compactable>(
  files: readonly F[],
  { bytes, capacity }: { bytes: number; capacity: number },
): F | undefined {
  if (bytes < capacity * SCARCE) return undefined;
  const limit = capacity * (1 + SPARE);
  let best: F | undefined;
  for (const file of files) {
    const { liveBytes, sealed, size } = file;
    if (!sealed || liveBytes > size * MOSTLY_LIVE || bytes + liveBytes > limit) continue;
    if (best === undefined || liveBytes * best.size < best.liveBytes * size) best = file;
  }
  return best;
}
