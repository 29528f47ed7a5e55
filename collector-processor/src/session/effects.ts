/** What the state machine asks its owner to do. */
import type { Decision, Veto } from '@otel-replay/protocol';
import type { Held } from './held.js';

/**
 * `not_recorded`: nobody wanted it; `session_cap`: its session held too much; `shed`: there was no
 * room for its session.
 */
export type DropReason = 'not_recorded' | 'session_cap' | 'shed';

export type Effect<H extends Held> =
  | { type: 'keep'; sessionId: string; held: H[] }
  | { type: 'drop'; sessionId: string; held: H[]; reason: DropReason }
  /**
   * `prolonged`: a later policy wants it stored for longer. `outcomeChanged`: the dry run says
   * something else than before.
   */
  | {
      type: 'decided';
      sessionId: string;
      decision: Decision;
      first: boolean;
      prolonged: boolean;
      outcomeChanged?: true;
    }
  /**
   * A kept session of which others may hold parts is idle here: ask them, then {@link Sessions.end}
   * it. It comes again while nobody answers.
   */
  | { type: 'idle'; sessionId: string }
  /** `kept` sessions stay known until they are forgotten, the others are gone, perhaps by a veto. */
  | { type: 'ended'; sessionId: string; kept: boolean; veto?: Veto }
  /** Segments came after the end. */
  | { type: 'resumed'; sessionId: string }
  /** There is no room for the session; nothing of it is taken until it has ended. */
  | { type: 'shed'; sessionId: string };

export function pushDrop<H extends Held>(
  effects: Effect<H>[],
  sessionId: string,
  held: H[],
  reason: DropReason,
): void {
  if (held.length > 0) effects.push({ type: 'drop', sessionId, held, reason });
}
