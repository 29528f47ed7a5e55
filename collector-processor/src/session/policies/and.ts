import { allOf } from './all-of.js';
import type { Policy } from './policy.js';

/** Wants sessions that all of the sub-policies want, not necessarily at the same moment. */
export function and(name: string, subPolicies: readonly Policy[]): Policy {
  return { name, type: 'and', role: 'keep', evaluate: allOf(subPolicies) };
}
