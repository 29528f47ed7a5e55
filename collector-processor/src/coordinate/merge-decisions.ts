import type { Decision } from '@otel-replay/protocol';

/** Monotone: the first decision gives policy and reason, a later one only more time. */
export function mergeDecisions(first: Decision | undefined, next: Decision): Decision {
  if (first === undefined) return next;
  return next.keepUntil > first.keepUntil ? { ...first, keepUntil: next.keepUntil } : first;
}
