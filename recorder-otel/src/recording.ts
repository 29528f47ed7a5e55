/** What sources of events and triggers may do with the recording under way. */
import type { Guard } from './guard.js';
import type { SegmentActivity } from './segment/activity.js';
import type { EndedSpan } from './trigger/errors.js';
import type { Trigger } from './trigger/options.js';

export interface Recording {
  readonly guard: Guard;
  /** Puts an rrweb custom event into the stream; ignored while nothing is recorded. */
  mark(tag: string, payload: object, timestamp?: number): void;
  /** Counts for the header of the open segment. */
  activity(): SegmentActivity;
  /** Something happened that makes the session worth keeping. */
  trigger(trigger: Trigger): void;
  /** Calls back for each span of the page that ends; returns how to stop. */
  onSpanEnd(listener: (span: EndedSpan) => void): () => void;
}
