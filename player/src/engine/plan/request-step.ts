/** How far ahead of what plays one request goes. */

const STEP_MS = 20_000;

/**
 * The next multiple of some seconds, Unix milliseconds: so that while something plays requests are
 * few, and whoever plays the same asks the same, which the HTTP cache can answer.
 */
export function requestStepAfter(time: number): number {
  return Math.ceil(time / STEP_MS) * STEP_MS;
}
