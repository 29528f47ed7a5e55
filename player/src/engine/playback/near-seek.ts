/** When playing on to a moment is cheaper than building the page anew. */
import type { Place } from '../plan/session-plan.js';
import type { ReplayWindow } from './replay-window.js';
import type { WindowFeeder } from './window-feeder.js';

/** A seek this short, within what is loaded, plays the events instead of rebuilding the page. */
const NEAR_SEEK_MS = 15_000;

/** @param alongLoaded also far ahead, as long as it is loaded: nothing happened in between */
export function isNear(
  { stretch, time }: Place,
  window: ReplayWindow,
  feeder: WindowFeeder | undefined,
  alongLoaded: boolean,
): boolean {
  const isAhead = time >= window.time && (alongLoaded || time - window.time <= NEAR_SEEK_MS);
  if (!isAhead || feeder?.stretch !== stretch) return false;
  return time < feeder.knownUntil || feeder.isComplete;
}
