/** Freezes in browsers that do not report long tasks: a timer that comes too late. */
import type { Guard } from '../guard.js';

const TICK_MS = 1000;
/** Two clocks that drift apart by more: the computer slept, or its clock was set. */
const MAX_DRIFT_MS = 500;

/** @param onLate told when the page stopped answering, in `performance.now()`, and how long */
export function watchTimer(
  guard: Guard,
  onLate: (startTime: number, durationMs: number) => void,
): () => void {
  let last = performance.now();
  let wall = Date.now();
  const tick = guard.wrap('freeze', () => {
    const now = performance.now();
    const late = now - last - TICK_MS;
    const drift = Math.abs(Date.now() - wall - (now - last));
    const start = last + TICK_MS;
    last = now;
    wall = Date.now();
    if (late > TICK_MS && drift < MAX_DRIFT_MS) onLate(start, Math.round(late));
  });
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
}
