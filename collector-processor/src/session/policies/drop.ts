import { allOf } from './all-of.js';
import type { Policy } from './policy.js';
import { interestsOf } from './span-query.js';

/**
 * Forbids to decide on sessions that all of the sub-policies want, whatever other policies say.
 * What was decided before stands: a part of the session may have been stored by then.
 */
export function drop(name: string, subPolicies: readonly Policy[]): Policy {
  const spanInterests = interestsOf(subPolicies);
  return { name, type: 'drop', role: 'drop', spanInterests, evaluate: allOf(subPolicies) };
}
