import { allOf } from './all-of.js';
import type { Policy } from './policy.js';
import { interestsOf } from './span-query.js';

/** Wants sessions that all of the sub-policies want, not necessarily at the same moment. */
export function and(name: string, subPolicies: readonly Policy[]): Policy {
  const spanInterests = interestsOf(subPolicies);
  return { name, type: 'and', role: 'keep', spanInterests, evaluate: allOf(subPolicies) };
}
