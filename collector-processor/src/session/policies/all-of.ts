/** When all sub-policies of `and` and `drop` have held, in any order, over the life of a session. */
import type { Policy, PolicyContext, PolicyEvent, PolicyVerdict } from './policy.js';

/**
 * Returns a verdict for the event that made the last of them hold, and from then on for each event
 * that one of them has a momentary verdict on. Limits are asked when everything else holds.
 */
export function allOf(
  policies: readonly Policy[],
): (event: PolicyEvent, context: PolicyContext) => PolicyVerdict | undefined {
  const conditions = policies.filter(({ type }) => type !== 'rate_limiting');
  const limits = policies.filter(({ type }) => type === 'rate_limiting');
  return (event, context) => {
    const { verdicts } = context.memory;
    let isNews = conditions.length === 0;
    for (const condition of conditions) {
      const verdict = condition.evaluate(event, context);
      if (verdict === undefined) continue;
      if (!verdicts.has(condition) || !verdict.wholeSession) {
        isNews = true;
        verdicts.set(condition, verdict);
      }
    }
    if (!isNews || !conditions.every((c) => verdicts.has(c))) return undefined;
    if (!limits.every((limit) => limit.evaluate(event, context) !== undefined)) return undefined;
    return together(policies, verdicts);
  };
}

function together(
  policies: readonly Policy[],
  verdicts: ReadonlyMap<Policy, PolicyVerdict | null>,
): PolicyVerdict {
  const held = policies.flatMap((policy) => {
    const verdict = verdicts.get(policy);
    return verdict == null ? [] : [{ name: policy.name, verdict }];
  });
  const trigger = held.find(({ verdict }) => verdict.traceId !== undefined)?.verdict;
  const whole: PolicyVerdict = {
    reason: held.map(({ name, verdict }) => `${name}: ${verdict.reason}`).join('; '),
    wholeSession: held.every(({ verdict }) => verdict.wholeSession),
  };
  if (trigger?.traceId !== undefined) whole.traceId = trigger.traceId;
  if (trigger?.spanId !== undefined) whole.spanId = trigger.spanId;
  return whole;
}
