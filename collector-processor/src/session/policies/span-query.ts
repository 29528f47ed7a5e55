/** What the policies together ask of ordinary spans. */
import type { SpanQuery } from '../../otlp/types.js';
import type { Policy, SpanInterest } from './policy.js';

/** Undefined when errors are all they look at: spans need no second look then. */
export function spanQueryOf(policies: readonly Policy[]): SpanQuery | undefined {
  const interests = interestsOf(policies);
  if (interests.length === 0) return undefined;
  const slowest = interests.flatMap((i) => ('slowSpanMs' in i ? [i.slowSpanMs] : []));
  const attributes = interests.flatMap((i) =>
    'attribute' in i
      ? [{ ...i.attribute, keyBytes: new TextEncoder().encode(i.attribute.key) }]
      : [],
  );
  return slowest.length === 0 ? { attributes } : { attributes, slowSpanMs: Math.min(...slowest) };
}

export function interestsOf(policies: readonly Policy[]): SpanInterest[] {
  return policies.flatMap(({ spanInterests = [] }) => spanInterests);
}
