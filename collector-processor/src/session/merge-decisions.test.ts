import type { Decision } from '@otel-replay/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longerKeepFor, mergeDecisions } from './merge-decisions.js';

const keepFor = fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e10 })), {
  nil: undefined,
});

const decision = fc
  .record({ policy: fc.string(), keepUntil: fc.nat(), keepForMs: keepFor })
  .map(({ keepForMs, ...rest }): Decision => {
    const plain = { ...rest, reason: 'r', decidedAt: 0 };
    return keepForMs === undefined ? plain : { ...plain, keepForMs };
  });

describe('the longer of two keep_for', () => {
  it.each([
    [undefined, undefined, undefined],
    [5, undefined, 5],
    [5, 7, 7],
    [0, 7, 0],
    [0, undefined, 0],
  ])('%s and %s: %s', (one, other, longer) => {
    expect(longerKeepFor(one, other)).toBe(longer);
    expect(longerKeepFor(other, one)).toBe(longer);
  });
});

describe('merged decisions', () => {
  it('never last shorter, keep the first reason, and come to the same in any order', () => {
    fc.assert(
      fc.property(decision, fc.array(decision, { minLength: 1 }), (first, others) => {
        const merged = others.reduce(mergeDecisions, first);
        const backwards = [...others].reverse().reduce(mergeDecisions, first);
        expect(backwards).toEqual(merged);
        expect(merged.policy).toBe(first.policy);
        for (const { keepForMs, keepUntil } of [first, ...others]) {
          expect(merged.keepUntil).toBeGreaterThanOrEqual(keepUntil);
          expect(longerKeepFor(merged.keepForMs, keepForMs)).toBe(merged.keepForMs);
        }
      }),
    );
  });

  it('are the very same when nothing is new', () => {
    fc.assert(
      fc.property(decision, decision, (first, next) => {
        const merged = mergeDecisions(first, next);
        expect(mergeDecisions(merged, next)).toBe(merged);
        expect(mergeDecisions(merged, first)).toBe(merged);
      }),
    );
  });
});
