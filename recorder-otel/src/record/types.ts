/** What is asked of the one that ties recording together, and what it is told. */
import type { ContextAPI, MetricsAPI } from '@opentelemetry/api';
import type { Hub } from '../capture/occurrences.js';
import type { ConsentWatch } from '../consent.js';
import type { Guard } from '../guard.js';
import type { Outlet } from '../mode/outlet.js';
import type { SessionReplayOptions } from '../options.js';
import type { Meter } from '../restraint/meter.js';
import type { RawSegment } from '../segment/segmenter.js';
import type { SessionTracker } from '../session/tracker.js';
import type { EndedSpan } from '../trigger/spans.js';
import type { Trigger } from '../trigger/options.js';
import type { ReplayUser } from './about.js';
import type { Early } from './early.js';
import type { Mirror } from './rrweb.js';
import type { UrlSanitizer } from './url.js';

/** What there is before anything else is loaded, and what goes on as it was. */
export interface PageHost {
  readonly guard: Guard;
  readonly session: SessionTracker;
  readonly consent: ConsentWatch;
  readonly meter: Meter;
  readonly sanitizeUrl: UrlSanitizer;
  /** The ids that rrweb gave to the nodes of the page. */
  readonly mirror: Mirror;
  /** Given, not imported: what only the eager part imports stays in one chunk with the page's own. */
  readonly metrics: MetricsAPI;
  readonly context: ContextAPI;
  /** There is somebody to be recorded. */
  isThere: () => boolean;
  /** What was before must not be known. */
  isLate: () => boolean;
  /** What is recorded already, once. */
  takeEarly: () => Early | undefined;
  /** Begins to record. */
  record: () => Early;
  /** Has all that happened so far come by before this returns. */
  drain: () => void;
  /** Has rrweb emit Meta and FullSnapshot before it returns. */
  takeSnapshot: () => void;
}

export interface RecordingControlOptions {
  options: SessionReplayOptions;
  host: PageHost;
  onSegment: (segment: RawSegment) => void;
  /** Says what is recorded, and what leaves. */
  outlet: Outlet;
  /** All that was recorded up to `time` is cut. */
  onTrigger: (trigger: Trigger, time: number) => void;
  /** Raw bytes of a segment that may still leave when the page goes away. */
  rawBudget?: () => number;
}

export interface RecordingControl {
  /** Undefined while nothing is recorded. */
  recordingId(): string | undefined;
  /** Goes on with what is recorded already, or begins, if there is somebody to record. */
  begin: () => void;
  stop(discard: boolean): void;
  /** Closes the open segment. */
  cut(final?: boolean): void;
  /** The page was put away and is back. */
  restore: () => void;
  /** The session is another one, or its user is back. */
  sessionChanged: () => void;
  /** So many events of segments will never get through. */
  lost(events: number): void;
  /** Segments get through again after some were lost: the next event begins anew. */
  heal: () => void;
  trace(traceId: string, spanId: string): void;
  /** Something of the page's own that is worth keeping the session. */
  captureError(error: unknown, traceId: string | undefined, timestamp: number): void;
  /** The window was told of an error, in the midst of a trace or not. */
  pageError(event: Event, traceId: string | undefined, timestamp: number): void;
  /** Of what is recorded from here on. */
  setUser(user: ReplayUser): void;
  tell: Hub['tell'];
  spanEnded(span: EndedSpan): void;
}
