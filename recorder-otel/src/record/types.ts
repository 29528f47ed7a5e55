/** What is asked of the one that ties recording together, and what it is told. */
import type { Hub } from '../capture/occurrences.js';
import type { Guard } from '../guard.js';
import type { Outlet } from '../mode/outlet.js';
import type { SessionReplayOptions } from '../options.js';
import type { RawSegment } from '../segment/segmenter.js';
import type { EndedSpan } from '../trigger/spans.js';
import type { Trigger } from '../trigger/options.js';
import type { ReplayUser } from './about.js';

export interface RecordingControlOptions {
  options: SessionReplayOptions;
  guard: Guard;
  onSegment: (segment: RawSegment) => void;
  /** Says what is recorded, and what leaves. */
  outlet: Outlet;
  /** All that was recorded up to `time` is cut. */
  onTrigger: (trigger: Trigger, time: number) => void;
  /** The user pressed, touched, typed or turned a wheel. */
  onInteraction: () => void;
  /** Raw bytes of a segment that may still leave when the page goes away. */
  rawBudget?: () => number;
}

export interface RecordingControl {
  /** Undefined before `start`, and when the session is over and nobody has come back. */
  sessionId(): string | undefined;
  /** Undefined while nothing is recorded. */
  recordingId(): string | undefined;
  /** `late`: what was before must not be known. */
  start(late?: boolean): void;
  stop(discard: boolean): void;
  /** Closes the open segment. */
  cut(final?: boolean): void;
  /** The page is closed, or put away. */
  leave: () => void;
  /** The page was put away and is back. */
  restore: () => void;
  /** Forgets the session, also what is stored of it; recording has stopped. */
  forget: () => void;
  /** So many events of segments will never get through. */
  lost(events: number): void;
  /** Segments get through again after some were lost: the next event begins anew. */
  heal: () => void;
  trace(traceId: string, spanId: string): void;
  /** Something of the page's own that is worth keeping the session. */
  captureError(error: unknown): void;
  /** Of what is recorded from here on. */
  setUser(user: ReplayUser): void;
  tell: Hub['tell'];
  /** Asks for the session again; recording follows if it is another one. */
  refreshSession(): void;
  spanEnded(span: EndedSpan): void;
}
