/** Loaded when the page has a moment: looks after the budget and tells what recording costs. */
import type { CustomEvents } from '@otel-replay/protocol';
import type { Guard } from '../guard.js';
import type { RawSegment } from '../segment/segmenter.js';
import { createBudget, WINDOW_MS } from './budget.js';
import type { Meter } from './meter.js';
import { createRecorderMetrics } from './metrics.js';

export interface WatchOptions {
  meter: Meter;
  guard: Guard;
  /** Share of the main thread, 0 to 1. */
  budget: number;
  mark: (
    tag: 'session_replay.restraint',
    payload: CustomEvents['session_replay.restraint'],
  ) => void;
  /** More is recorded from here on: playback needs a fresh start. */
  checkpoint: () => void;
}

export interface Watch {
  segment(segment: Pick<RawSegment, 'header'>): void;
  stop(): void;
}

export function watchRestraint(options: WatchOptions): Watch {
  const { meter, guard, budget, mark, checkpoint } = options;
  const metrics = createRecorderMetrics(meter);
  let before = meter.level;
  const tick = createBudget({
    meter,
    budget,
    onLevel: (level, share) => {
      mark('session_replay.restraint', { level, share: Math.round(share * 1000) / 1000 });
      if (level < before && before > 1) checkpoint();
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
  return {
    segment: ({ header }) => metrics.segment(header),
    stop: () => {
      clearInterval(timer);
      metrics.stop();
      meter.level = 0;
    },
  };
}
