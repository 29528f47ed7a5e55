import type { Policy } from './policy.js';

export interface RateLimitingOptions {
  /** Above 0; so many (at least one) may come at once. */
  sessionsPerSecond: number;
}

/**
 * Wants so many sessions a second, whichever ask first; inside `and` it is asked last, so that it
 * caps what the others want. A session is asked for once and its answer stands: otherwise those
 * that were refused would be granted later, long after what they were wanted for.
 */
export function rateLimiting(name: string, { sessionsPerSecond }: RateLimitingOptions): Policy {
  if (!(sessionsPerSecond > 0)) {
    throw new RangeError(
      `sessions_per_second of policy "${name}" is ${sessionsPerSecond}; give more than 0`,
    );
  }
  const takeToken = tokenBucket(sessionsPerSecond);
  const policy: Policy = {
    name,
    type: 'rate_limiting',
    role: 'keep',
    evaluate(_event, { now, memory }) {
      let answer = memory.verdicts.get(policy);
      if (answer === undefined) {
        const reason = `within ${sessionsPerSecond} sessions a second`;
        answer = takeToken(now) ? { reason, wholeSession: true } : null;
        memory.verdicts.set(policy, answer);
      }
      return answer ?? undefined;
    },
  };
  return policy;
}

function tokenBucket(perSecond: number): (now: number) => boolean {
  const capacity = Math.max(1, perSecond);
  let tokens = capacity;
  let filledAt: number | undefined;
  return (now) => {
    // Arrivals of an earlier run are older than the last one seen: time never runs backwards here.
    const elapsedMs = Math.max(0, now - (filledAt ?? now));
    filledAt = Math.max(now, filledAt ?? now);
    tokens = Math.min(capacity, tokens + (elapsedMs / 1000) * perSecond);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
