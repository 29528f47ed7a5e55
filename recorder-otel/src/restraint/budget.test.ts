import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBudget, WINDOW_MS } from './budget.js';
import type { RestraintLevel } from './meter.js';

const BUDGET = 0.1;

/** A page whose recording costs `cost(level)` of the time; returns the level after each window. */
function run(cost: (level: RestraintLevel, window: number) => number, windows: number): number[] {
  const meter = { level: 0 as RestraintLevel, spentMs: 5 };
  const told: number[] = [];
  const tick = createBudget({ meter, budget: BUDGET, onLevel: (level) => told.push(level) });
  const levels: number[] = [];
  for (let window = 0; window < windows; window++) {
    meter.spentMs += cost(meter.level, window) * WINDOW_MS;
    tick(WINDOW_MS);
    levels.push(meter.level);
  }
  const changes = levels.filter((level, i) => level !== (levels[i - 1] ?? 0));
  expect(told).toEqual(changes);
  return levels;
}

test('a page within the budget is recorded whole', () => {
  expect(new Set(run(() => BUDGET, 50))).toEqual(new Set([0]));
});

test('what is too much steps down one by one, as far as it takes', () => {
  expect(run(() => 0.5, 5)).toEqual([1, 2, 3, 3, 3]);
  expect(run((level) => (level < 2 ? 0.2 : 0.08), 6)).toEqual([1, 2, 2, 2, 2, 2]);
});

test('a busy minute passes, and all is recorded again', () => {
  const levels = run((_level, window) => (window < 3 ? 0.5 : 0.01), 60);
  expect(levels[2]).toBe(3);
  expect(levels.at(-1)).toBe(0);
});

test('a page that is always too much is tried ever more seldom', () => {
  const levels = run((level) => (level === 0 ? 0.5 : 0.01), 400);
  const tries = levels.flatMap((level, window) => (level === 0 ? [window] : []));
  const gaps = tries.slice(1).map((window, i) => window - tries[i]!);
  expect(gaps.length).toBeGreaterThan(3);
  expect([...gaps].sort((a, b) => a - b)).toEqual(gaps);
  expect(tries.length).toBeLessThan(400 / 10);
});

test('the level stays between none and all, and moves one step at a time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }),
      (costs) => {
        const levels = [0, ...run((_level, window) => costs[window]!, costs.length)];
        levels.forEach((level, i) => {
          expect(level).toBeGreaterThanOrEqual(0);
          expect(level).toBeLessThanOrEqual(3);
          if (i > 0) expect(Math.abs(level - levels[i - 1]!)).toBeLessThanOrEqual(1);
        });
      },
    ),
  );
});

test('a window that was longer than it should be is judged by its length', () => {
  const meter = { level: 0 as RestraintLevel, spentMs: 0 };
  const tick = createBudget({ meter, budget: BUDGET, onLevel: () => undefined });
  meter.spentMs = 3000;
  tick(60_000);
  expect(meter.level).toBe(0);
  meter.spentMs += 3000;
  // One cut short counts as a whole one: a burst is no burden.
  tick(1000);
  expect(meter.level).toBe(1);
});
