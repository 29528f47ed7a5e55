/** One interface for everything that has a say in what is kept; words of the Collector's tail_sampling. */
import type { SegmentHeader, Signal, Veto } from '@otel-replay/protocol';
import type { AttributeQuery } from '../../otlp/types.js';

/** What policies see of a signal. */
export type PolicySignal = Signal;

/** What a policy looks at, always of one session. */
export type PolicyEvent =
  | { kind: 'segment'; sessionId: string; header: SegmentHeader }
  | { kind: 'signal'; sessionId: string; signal: PolicySignal };

export interface PolicyVerdict {
  /** In the words of an operator: shown with every session it kept. */
  reason: string;
  /** True of the session as long as it lives, not only for the configured time after the trigger. */
  wholeSession: boolean;
  /** The trace and span that triggered it. */
  traceId?: string;
  spanId?: string;
}

/** What policies remember of one session; it lives and dies with the session. */
export interface SessionMemory {
  /** The last verdict of each sub-policy, and of each limit its only one; null: it refused. */
  readonly verdicts: Map<Policy, PolicyVerdict | null>;
  /** A `drop` policy forbids decisions, since `at` by the processor's clock. */
  veto?: Veto & { at: number };
}

export interface PolicyContext {
  /** Processor clock, Unix milliseconds. */
  now: number;
  memory: SessionMemory;
}

/** What follows from a verdict: the session is kept, is not to be decided on, the event is nothing. */
export type PolicyRole = 'keep' | 'drop' | 'ignore';

/** What a policy must be shown of ordinary spans: errors alone are signals without being asked for. */
export type SpanInterest = { slowSpanMs: number } | { attribute: Omit<AttributeQuery, 'keyBytes'> };

/**
 * All that policies remember is in the {@link SessionMemory}, except the level of a rate limit:
 * otherwise the same events get the same verdicts on every instance.
 */
export interface Policy {
  /** Shown with every session it kept. */
  readonly name: string;
  readonly type: string;
  readonly role: PolicyRole;
  readonly spanInterests?: readonly SpanInterest[];
  /** Undefined: no opinion. A verdict is never taken back. */
  evaluate(event: PolicyEvent, context: PolicyContext): PolicyVerdict | undefined;
}
