/** One session as the state machine holds it, and as others see it. */
import type { Decision, Veto } from '@otel-replay/protocol';
import type { HeldCompanion, HeldSegment } from './held.js';
import type { SessionMemory } from './policies/policy.js';
import type { Ring } from './ring.js';
import { SeenSegments } from './seen.js';

export interface Session<S extends HeldSegment, C extends HeldCompanion> {
  readonly id: string;
  readonly startedAt: number;
  readonly seen: SeenSegments;
  readonly ring: Ring<S, C>;
  readonly memory: SessionMemory;
  lastArrival: number;
  /** Up to here others know of its segments. */
  toldArrival: number;
  decision: Decision | undefined;
  ended: boolean;
}

export interface SessionView {
  state: 'buffering' | 'keeping' | 'ended';
  decision: Decision | undefined;
  startedAt: number;
  /** Arrival of the newest segment. */
  lastArrival: number;
  /** A `drop` policy forbids decisions from now on. */
  veto: Veto | undefined;
}

export interface RestoredSession {
  decision?: Decision;
  startedAt: number;
  lastArrival: number;
  ended: boolean;
  stored: Iterable<{ recordingId: string; index: number; partIndex: number }>;
}

export function newSession<S extends HeldSegment, C extends HeldCompanion>(
  id: string,
  startedAt: number,
  ring: Ring<S, C>,
  memory: SessionMemory,
): Session<S, C> {
  return {
    ...{ id, startedAt, ring, memory },
    seen: new SeenSegments(),
    lastArrival: startedAt,
    toldArrival: 0,
    decision: undefined,
    ended: false,
  };
}

export function viewOf({
  decision,
  ended,
  lastArrival,
  memory: { veto },
  startedAt,
}: Session<HeldSegment, HeldCompanion>): SessionView {
  const state = ended ? 'ended' : decision === undefined ? 'buffering' : 'keeping';
  return { state, decision, startedAt, lastArrival, veto };
}
