/** From verdicts to decisions, which are monotone: they only ever last longer. */
import type { Decision } from '@otel-replay/protocol';
import type { DecisionTimes } from './decision-times.js';
import { mergeDecisions } from './merge-decisions.js';
import type { SessionMemory } from './policies/policy.js';
import type { Wanted } from './policies/verdicts.js';

export function decisionOf(
  { policy, verdict }: Wanted,
  startedAt: number,
  now: number,
  times: DecisionTimes,
): Decision {
  const end = startedAt + times.maxSessionDurationMs;
  const decision: Decision = {
    policy: policy.name,
    reason: verdict.reason,
    decidedAt: now,
    keepUntil: verdict.wholeSession ? end : Math.min(now + times.recordForMs, end),
  };
  if (verdict.traceId !== undefined) decision.traceId = verdict.traceId;
  if (verdict.spanId !== undefined) decision.spanId = verdict.spanId;
  const keepForMs = times.keepForMs(policy.name);
  if (keepForMs !== undefined) decision.keepForMs = keepForMs;
  return decision;
}

/** What is decided now that `next` is known too; undefined: it changes nothing. */
export function extended(before: Decision | undefined, next: Decision): Decision | undefined {
  // Otherwise the session is longer than it may be.
  if (before === undefined && next.keepUntil < next.decidedAt) return undefined;
  const merged = mergeDecisions(before, next);
  return merged === before ? undefined : merged;
}

/** A veto prevents decisions that were not made yet, wherever they are made. */
export function isVetoed(
  { decision, memory: { veto } }: { decision?: Decision | undefined; memory: SessionMemory },
  next: Decision,
): boolean {
  const isOpen = decision === undefined || decision.dryRun?.kept === false;
  const decidedAt = next.dryRun?.decidedAt ?? next.decidedAt;
  return isOpen && veto !== undefined && decidedAt >= veto.at;
}
