/** Loaded when the page has a moment: looks after the budget and tells what recording costs. */
import type { LateParts } from '../capture/late-parts.js';
import { createBudget, WINDOW_MS } from './budget.js';
import { createRecorderMetrics } from './metrics.js';

const DEFAULT_BUDGET = 0.1;

/** Returns how to stop. */
export function watchRestraint({ recording, options, metrics: api }: LateParts): () => void {
  const { overheadBudget = DEFAULT_BUDGET } = options;
  const { meter, guard } = recording;
  const metrics = createRecorderMetrics(meter, api);
  let before = meter.level;
  const tick = createBudget({
    meter,
    budget: overheadBudget,
    onLevel: (level, share) => {
      recording.mark('session_replay.restraint', { level, share: Math.round(share * 1000) / 1000 });
      // More is recorded from here on: playback needs a fresh start.
      if (level < before && before > 1) recording.checkpoint();
      before = level;
    },
  });
  let last = performance.now();
  const timer = setInterval(
    guard.wrap('restraint', () => {
      const now = performance.now();
      tick(now - last);
      last = now;
    }),
    WINDOW_MS,
  );
  const stops = [recording.on('segment', metrics.segment), metrics.stop];
  return () => {
    clearInterval(timer);
    for (const stop of stops) stop();
    meter.level = 0;
  };
}
