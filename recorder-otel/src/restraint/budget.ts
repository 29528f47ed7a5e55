/**
 * Keeps recording within its budget: every window it looks at what was spent and steps down, or up
 * again once that has paid for a while. A step up that does not last makes the next try wait twice
 * as long, so that a page that is always too much does not swing to and fro.
 */
import type { Meter, RestraintLevel } from './meter.js';

export const WINDOW_MS = 10_000;

const FIRST_HOLD = 2;
const MAX_HOLD = 32;
const MAX_LEVEL: RestraintLevel = 3;

export interface BudgetOptions {
  meter: Pick<Meter, 'level' | 'spentMs'>;
  /** Share of the time, 0 to 1. */
  budget: number;
  /** The level is another one now. `share` is what the last window took. */
  onLevel: (level: RestraintLevel, share: number) => void;
}

/** Returns what to call at the end of every window, with its real length in milliseconds. */
export function createBudget({ meter, budget, onLevel }: BudgetOptions): (ms: number) => void {
  let spent = meter.spentMs;
  /** Windows since the last step, and how many of them a step up takes. */
  let since = 0;
  let hold = FIRST_HOLD;

  const step = (by: 1 | -1, share: number): void => {
    meter.level = (meter.level + by) as RestraintLevel;
    since = 0;
    onLevel(meter.level, share);
  };

  return (ms) => {
    // A window in which the machine slept says nothing; one cut short is too noisy.
    const share = (meter.spentMs - spent) / Math.max(ms, WINDOW_MS);
    spent = meter.spentMs;
    since++;
    if (share > budget && meter.level < MAX_LEVEL) {
      // Stepped up lately, and it was too much: be slower next time.
      if (meter.level > 0 || since <= hold) hold = Math.min(MAX_HOLD, hold * 2);
      step(1, share);
    } else if (meter.level > 0 && share < budget / 2 && since >= hold) step(-1, share);
    else if (meter.level === 0 && since > MAX_HOLD) hold = FIRST_HOLD;
  };
}
