/** What the policies, and other instances, decide about sessions. */
import type { Decision } from '@otel-replay/protocol';
import { decisionOf, extended } from './decide.js';
import { dryRunDecision } from './dry-run.js';
import type { Effect } from './effects.js';
import type { Held, HeldCompanion, HeldSegment } from './held.js';
import { mergeDecisions } from './merge-decisions.js';
import type { timesOf } from './options.js';
import type { Policy, PolicyEvent, PolicySignal, SessionMemory } from './policies/policy.js';
import { newMemory, verdictsOf, type Verdicts, type Wanted } from './policies/verdicts.js';
import type { Session } from './session.js';
import { Strangers } from './strangers.js';

type Times = ReturnType<typeof timesOf>;
type AnySession = Session<HeldSegment, HeldCompanion>;

export interface JudgeOptions extends Times {
  policies: readonly Policy[];
  isDryRun?: boolean | undefined;
}

export class Judge {
  readonly #verdicts: Verdicts;
  readonly #times: Times;
  readonly #isDryRun: boolean;
  readonly #strangers = new Strangers();

  constructor({ isDryRun = false, policies, ...times }: JudgeOptions) {
    this.#verdicts = verdictsOf(policies);
    this.#times = times;
    this.#isDryRun = isDryRun;
  }

  /** Lets the policies see what happened in a session. */
  evaluate<H extends Held>(
    session: AnySession,
    event: PolicyEvent,
    now: number,
    effects: Effect<H>[],
  ): void {
    for (const wanted of this.#verdicts(event, { now, memory: session.memory })) {
      this.merge(session, this.#decision(wanted, session, now), effects);
    }
    if (this.#isDryRun) {
      this.merge(session, dryRunDecision(undefined, session, now, this.#times), effects);
    }
  }

  /** Takes over a decision, wherever it was made. */
  merge<H extends Held>(session: AnySession, next: Decision, effects: Effect<H>[]): void {
    const decision = extended(session.decision, next);
    if (decision === undefined) return;
    const { id: sessionId, decision: before } = session;
    session.decision = decision;
    const first = before === undefined;
    const prolonged = before !== undefined && decision.keepForMs !== before.keepForMs;
    const outcome = decision.dryRun === before?.dryRun ? {} : ({ outcomeChanged: true } as const);
    effects.push({ type: 'decided', sessionId, decision, first, prolonged, ...outcome });
  }

  /** What a signal decides about a session that is not here; undefined: nothing. */
  judge(sessionId: string, signal: PolicySignal, now: number): Decision | undefined {
    const event: PolicyEvent = { kind: 'signal', sessionId, signal };
    return this.#strangers.recall(sessionId, (memory) =>
      this.#verdicts(event, { now, memory })
        .map((wanted) => this.#decision(wanted, { startedAt: now, memory }, now))
        .reduce<Decision | undefined>(mergeDecisions, undefined),
    );
  }

  /** Hands over what policies remember of a session, which is known now, or gone. */
  takeMemory(sessionId: string): SessionMemory {
    return this.#strangers.take(sessionId) ?? newMemory();
  }

  #decision(
    wanted: Wanted,
    session: { startedAt: number; memory: SessionMemory },
    now: number,
  ): Decision {
    const decision = decisionOf(wanted, session.startedAt, now, this.#times);
    return this.#isDryRun ? dryRunDecision(decision, session, now, this.#times) : decision;
  }
}
