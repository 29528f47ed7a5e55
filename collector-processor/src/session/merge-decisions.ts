import type { Decision } from '@otel-replay/protocol';
import { mergeOutcomes } from './dry-run.js';

/**
 * Monotone: the first decision gives policy and reason, a later one only more time. Returns `first`
 * itself when `next` says nothing new.
 */
export function mergeDecisions(first: Decision | undefined, next: Decision): Decision {
  if (first === undefined) return next;
  const keepForMs = longerKeepFor(first.keepForMs, next.keepForMs);
  const dryRun = mergeOutcomes(first.dryRun, next.dryRun);
  const isKnown = keepForMs === first.keepForMs && dryRun === first.dryRun;
  if (next.keepUntil <= first.keepUntil && isKnown) return first;
  return {
    ...first,
    keepUntil: Math.max(first.keepUntil, next.keepUntil),
    ...(keepForMs === undefined ? {} : { keepForMs }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
}

/** Milliseconds; 0 is for ever, undefined says nothing. */
export function longerKeepFor(
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one === 0 || other === 0 ? 0 : Math.max(one, other);
}
