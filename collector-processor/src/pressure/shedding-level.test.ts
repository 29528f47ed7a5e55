import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_THRESHOLDS, keepRatioOf, MAX_LEVEL, SheddingLevel } from './shedding-level.js';

const { lowerBelow, lowerEveryMs, raiseAt } = DEFAULT_THRESHOLDS;

/** Levels over time while `used` stays. */
function hold(level: SheddingLevel, used: number, from: number, ms: number): number[] {
  const out: number[] = [];
  for (let t = from; t < from + ms; t += 1000) out.push(level.update(used, t));
  return out;
}

describe('a shedding level', () => {
  it('keeps all, then half, a quarter and so on, at last nothing', () => {
    const ratios = Array.from({ length: MAX_LEVEL + 1 }, (_, level) => keepRatioOf(level));
    expect(ratios).toEqual([1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0]);
  });

  it('steps up slowly when the limit is near, fast when it is very near, at once when it is there', () => {
    const slow = hold(new SheddingLevel(), 0.85, 0, 31_000);
    expect([slow[0], slow[9], slow[10], slow[30]]).toEqual([1, 1, 2, 4]);
    const fast = hold(new SheddingLevel(), 0.95, 0, 11_000);
    expect([fast[0], fast[2], fast[10]]).toEqual([1, 2, 6]);
    expect(new SheddingLevel().update(1, 0)).toBe(MAX_LEVEL);
  });

  it('stays between the thresholds, and comes back one step at a time', () => {
    const level = new SheddingLevel();
    hold(level, 0.85, 0, 11_000);
    expect(hold(level, 0.7, 11_000, 600_000).every((l) => l === 2)).toBe(true);
    const down = hold(level, 0.3, 611_000, 100_000);
    expect([down[29], down[30], down[59], down[60]]).toEqual([2, 1, 1, 0]);
  });

  it('begins the way back when room has lasted, not when the limit was left', () => {
    const level = new SheddingLevel();
    hold(level, 1, 0, 100_000);
    expect(hold(level, 0.3, 100_000, 29_000).at(-1)).toBe(MAX_LEVEL);
    level.update(0.7, 129_000); // once more
    expect(hold(level, 0.3, 130_000, 30_000).at(-1)).toBe(MAX_LEVEL);
    expect(level.update(0.3, 160_000)).toBe(MAX_LEVEL - 1);
  });

  it('never jumps down, never falls soon after a change, never rises without need', () => {
    const use = fc.double({ min: 0, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(use, fc.nat(40_000)), { maxLength: 200 }), (steps) => {
        const level = new SheddingLevel();
        let now = 0;
        let before = 0;
        let changedAt = Number.NEGATIVE_INFINITY;
        let lastNeed = Number.NEGATIVE_INFINITY;
        for (const [used, ms] of steps) {
          now += ms;
          const after = level.update(used, now);
          if (used >= lowerBelow) lastNeed = now;
          expect(after).toBeGreaterThanOrEqual(0);
          expect(after).toBeLessThanOrEqual(MAX_LEVEL);
          if (used >= 1) expect(after).toBe(MAX_LEVEL);
          else expect(Math.abs(after - before)).toBeLessThanOrEqual(1);
          if (after > before) expect(used).toBeGreaterThanOrEqual(raiseAt);
          if (after < before) {
            expect(now - changedAt).toBeGreaterThanOrEqual(lowerEveryMs);
            expect(now - lastNeed).toBeGreaterThan(0);
          }
          if (after !== before) changedAt = now;
          before = after;
        }
      }),
    );
  });
});
