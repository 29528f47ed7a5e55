import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRageDetector, type Click } from './clicks.js';

const rages = (clicks: readonly Click[]): number => {
  const isRage = createRageDetector();
  return clicks.filter((click) => isRage(click)).length;
};
const at = (timestamp: number, x = 0, y = 0): Click => ({ timestamp, x, y });

it('three clicks at one place within a second are a rage click', () => {
  expect(rages([at(0), at(400), at(800)])).toBe(1);
  expect(rages([at(0), at(600), at(1200)])).toBe(0);
  expect(rages([at(0), at(100, 100), at(200)])).toBe(0);
  expect(rages([at(0), at(100, 20, 20), at(200, 5)])).toBe(1);
});

it('a burst counts once however long it is, and the next one again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 330 }), { minLength: 2, maxLength: 30 }), {
        minLength: 1,
        maxLength: 5,
      }),
      (bursts) => {
        let now = 0;
        const clicks: Click[] = [];
        for (const gaps of bursts) {
          now += 2000;
          clicks.push(at(now));
          for (const gap of gaps) clicks.push(at((now += gap)));
        }
        expect(rages(clicks)).toBe(bursts.length);
      },
    ),
  );
});
