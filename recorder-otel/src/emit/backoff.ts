/** How long after a failure the next request waits. */
const FIRST_MS = 1000;
/** Half an hour of outage is some forty requests. */
export const MAX_BACKOFF_MS = 60_000;
/** A receiver that refuses us will hardly change its mind soon. */
export const MAX_REJECTED_BACKOFF_MS = 300_000;

/**
 * Twice as long each time, give or take a fifth, so that pages do not come back all at once.
 * @param askedMs by the receiver: not sooner
 */
export function backoffMs(failures: number, maxMs: number, askedMs: number): number {
  const backoff = Math.min(maxMs, FIRST_MS * 2 ** failures);
  const wait = Math.max(backoff * (0.8 + 0.4 * Math.random()), askedMs);
  return Math.min(wait, MAX_REJECTED_BACKOFF_MS);
}
