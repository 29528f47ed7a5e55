/** A dry run keeps everything; its decisions say what would have happened. */
import type { Decision, DryRunOutcome } from '@otel-replay/protocol';
import type { DecisionTimes } from './decision-times.js';
import type { SessionMemory } from './policies/policy.js';

/** In the place of a policy's name. */
const DRY_RUN = 'dry_run';

/** What is decided in a dry run where otherwise `wanted` would be, or nothing. */
export function dryRunDecision(
  wanted: Decision | undefined,
  session: { startedAt: number; memory: SessionMemory },
  now: number,
  times: DecisionTimes,
): Decision {
  const { startedAt, memory } = session;
  return {
    policy: DRY_RUN,
    reason: 'everything is kept in a dry run',
    decidedAt: now,
    keepUntil: startedAt + times.maxSessionDurationMs,
    dryRun: wanted === undefined ? notKept(memory, now) : wouldKeep(wanted),
  };
}

/**
 * What is known of both: a veto is news, and that it would have been kept stands for good. What was
 * decided outside a dry run stays as it is.
 */
export function mergeOutcomes(
  first: DryRunOutcome | undefined,
  next: DryRunOutcome | undefined,
): DryRunOutcome | undefined {
  if (first === undefined || next === undefined || first.kept) return first;
  return next.kept || (first.policy === undefined && next.policy !== undefined) ? next : first;
}

function wouldKeep({ policy, reason, decidedAt, traceId, spanId }: Decision): DryRunOutcome {
  const outcome: DryRunOutcome = { kept: true, policy, reason, decidedAt };
  if (traceId !== undefined) outcome.traceId = traceId;
  if (spanId !== undefined) outcome.spanId = spanId;
  return outcome;
}

function notKept({ veto }: SessionMemory, decidedAt: number): DryRunOutcome {
  if (veto === undefined) return { kept: false, reason: 'no policy wanted it', decidedAt };
  return { kept: false, policy: veto.policy, reason: veto.reason, decidedAt };
}
