import type { Decision, DryRunOutcome } from '@otel-replay/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDecisions } from './merge-decisions.js';

const decided = (dryRun: DryRunOutcome | undefined, keepUntil = 9): Decision => ({
  ...{ policy: dryRun === undefined ? 'errors' : 'dry_run', reason: 'r', decidedAt: 1, keepUntil },
  ...(dryRun === undefined ? {} : { dryRun }),
});
const nobody: DryRunOutcome = { kept: false, reason: 'no policy wanted it', decidedAt: 1 };
const dropped: DryRunOutcome = { kept: false, policy: 'robots', reason: 'r', decidedAt: 2 };
const kept: DryRunOutcome = { kept: true, policy: 'errors', reason: 'r', decidedAt: 3 };
const slow: DryRunOutcome = { kept: true, policy: 'slow', reason: 'r', decidedAt: 4 };

describe('outcomes of a dry run', () => {
  it('are those that tell more, and the first of two that would keep', () => {
    const merged = (...outcomes: DryRunOutcome[]): DryRunOutcome | undefined =>
      outcomes.map((o) => decided(o)).reduce<Decision | undefined>(mergeDecisions, undefined)
        ?.dryRun;
    expect(merged(nobody, dropped)).toEqual(dropped);
    expect(merged(dropped, nobody)).toEqual(dropped);
    expect(merged(nobody, kept, dropped)).toEqual(kept);
    expect(merged(dropped, kept, slow)).toEqual(kept);
  });

  it('say nothing of what was decided outside a dry run', () => {
    expect(mergeDecisions(decided(undefined), decided(kept, 12))).toEqual(decided(undefined, 12));
  });

  it('are news once: what was merged before changes nothing', () => {
    const any = fc.constantFrom(undefined, nobody, dropped, kept, slow);
    const decision = fc.tuple(any, fc.nat(20)).map(([dryRun, until]) => decided(dryRun, until));
    fc.assert(
      fc.property(decision, fc.array(decision), (first, others) => {
        const merged = others.reduce((all, next) => mergeDecisions(all, next), first);
        for (const other of [first, ...others, merged]) {
          expect(mergeDecisions(merged, other)).toBe(merged);
        }
      }),
    );
  });
});
