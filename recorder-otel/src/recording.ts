/** What sources of events and triggers may do with the recording under way. */
import type { CustomEvents } from '@otel-replay/protocol';
import type { Hub } from './capture/occurrences.js';
import type { Guard } from './guard.js';
import type { Mirror, RrwebEvent } from './record/rrweb.js';
import type { UrlSanitizer } from './record/url.js';
import type { Meter } from './restraint/meter.js';
import type { SegmentActivity } from './segment/activity.js';
import type { Trigger } from './trigger/options.js';

export interface Recording {
  readonly guard: Guard;
  /** The ids that rrweb gave to the nodes of the page. */
  readonly mirror: Mirror;
  /** What of a URL may be recorded; never throws. */
  readonly sanitizeUrl: UrlSanitizer;
  /** What recording costs the page. */
  readonly meter: Meter;
  /** Of what is recorded now; undefined while there is none. */
  sessionId(): string | undefined;
  /** Something is recorded now. */
  isLive(): boolean;
  /** Takes a checkpoint. */
  checkpoint: () => void;
  /** Puts an event of ours into the stream as it is; ignored while nothing is recorded. */
  add: (event: RrwebEvent) => void;
  /** Puts an rrweb custom event into the stream; ignored while nothing is recorded. */
  mark<T extends string>(
    tag: T,
    payload: T extends keyof CustomEvents ? CustomEvents[T] : object,
    timestamp?: number,
  ): void;
  /** Counts for the header of the open segment. */
  activity(): SegmentActivity;
  /** The open segment belongs to this trace too. */
  trace(traceId: string, spanId: string): void;
  /** Something happened that makes the session worth keeping. */
  trigger(trigger: Trigger): void;
  /** Calls back for each of them; returns how to stop. */
  on: Hub['on'];
}
