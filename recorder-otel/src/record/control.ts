/** Ties recording together: what rrweb emits, which session it belongs to, when playback may start. */
import type { Guard } from '../guard.js';
import { listen } from '../listen.js';
import type { SessionReplayOptions } from '../options.js';
import type { Recording } from '../recording.js';
import { addTrace } from '../segment/activity.js';
import { createSegmenter, type RawSegment, type SegmentAbout } from '../segment/segmenter.js';
import { createSessionTracker } from '../session/tracker.js';
import { createRageDetector } from '../trigger/clicks.js';
import { spanError, watchErrors, type EndedSpan, type PageError } from '../trigger/errors.js';
import type { Trigger } from '../trigger/options.js';
import { DEFAULT_POLICY_NAME } from './privacy.js';
import { recordPage, takeSnapshot } from './recorder.js';
import {
  CUSTOM,
  FULL_SNAPSHOT,
  INCREMENTAL,
  MOUSE_INTERACTION,
  MUTATION,
  type RrwebEvent,
} from './rrweb.js';
import { guardUrls, stripUrl } from './url.js';

export interface RecordingControlOptions {
  options: SessionReplayOptions;
  guard: Guard;
  onSegment: (segment: RawSegment) => void;
  onTrigger: (trigger: Trigger) => void;
}

/** A snapshot that took t holds the next one back for this many t. */
const SNAPSHOT_COST_FACTOR = 300;
/** A segment with a trigger leaves this soon. */
const TRIGGER_FLUSH_MS = 1000;
const CLICK = 2;

export interface RecordingControl {
  sessionId(): string;
  /** Undefined while nothing is recorded. */
  recordingId(): string | undefined;
  start(): void;
  stop(discard: boolean): void;
  /** Closes the open segment. */
  cut(final?: boolean): void;
  /** Takes a snapshot now, so that playback can start here. */
  checkpoint(): void;
  /** Segments did not get through; the next event begins anew. */
  lost(events: number): void;
  trace(traceId: string, spanId: string): void;
  /** Asks for the session again; recording follows if it is another one. */
  refreshSession(): void;
  spanEnded(span: EndedSpan): void;
}

export function createRecordingControl({
  options,
  guard,
  onSegment,
  onTrigger,
}: RecordingControlOptions): RecordingControl {
  const { checkpointIntervalMs = 60_000, masking, userId } = options;
  const sanitizeUrl = guardUrls(options.urlSanitizer ?? stripUrl);
  const isRage = createRageDetector();
  let running = false;
  let stops: (() => void)[] = [];
  let lastUrl = '';
  let checkpointAt = 0;
  let snapshotMs = 0;
  let snapshotting = false;
  let changed = false;
  let due = false;
  let paused = false;
  let failedTrace: string | undefined;
  let hurry: ReturnType<typeof setTimeout> | undefined;
  const spanListeners = new Set<(span: EndedSpan) => void>();

  const recording: Recording = {
    guard,
    mark,
    activity: () => segmenter.activity(),
    trigger,
    onSpanEnd: (listener) => {
      spanListeners.add(listener);
      return () => spanListeners.delete(listener);
    },
  };
  const session = createSessionTracker({
    provider: options.session,
    session: options.sessionOptions,
    guard,
    onChange: onSession,
  });
  const segmenter = createSegmenter({
    flushIntervalMs: options.flushIntervalMs ?? 5000,
    maxRawBytes: options.maxRawBytes ?? 256 * 1024,
    describe,
    onSegment,
  });

  function start(): void {
    if (running) return;
    if ((document as { prerendering?: boolean }).prerendering) {
      // Nobody has seen this page yet, and perhaps nobody will.
      stops.push(listen(document, 'prerenderingchange', start));
      return;
    }
    running = true;
    stops.push(
      session.start(),
      watchErrors(guard, pageError),
      recording.onSpanEnd((span) => {
        const error = spanError(span);
        if (error) pageError(error);
      }),
    );
    segmenter.setSession(session.sessionId());
    const onDropped = (): number => segmenter.activity().droppedEvents++;
    stops.push(recordPage({ masking, sanitizeUrl, guard, onEvent, onDropped }));
  }

  function stop(discard: boolean): void {
    for (const end of stops) guard.run('stop', end);
    stops = [];
    if (discard) segmenter.discard();
    running = false;
    checkpointAt = 0;
    segmenter.restart(true);
  }

  function checkpoint(): void {
    // Before its first snapshot rrweb takes none on demand.
    if (snapshotting || checkpointAt === 0) return;
    due = false;
    snapshotting = true;
    const begin = performance.now();
    guard.run('snapshot', takeSnapshot);
    snapshotMs = performance.now() - begin;
    snapshotting = false;
  }

  function onSession(): void {
    if (!running) return;
    const woken = paused;
    const before = segmenter.recordingId();
    paused = false;
    segmenter.setSession(session.sessionId());
    // A new recording needs its start before anything else; after a pause the old one does.
    if (woken || before !== segmenter.recordingId()) checkpoint();
  }

  function onEvent(event: RrwebEvent): void {
    const { type, timestamp, data } = event;
    if (type === FULL_SNAPSHOT) {
      checkpointAt = timestamp;
      changed = false;
    } else if (type === INCREMENTAL && !snapshotting) {
      if (isPaused() || startsAnew(timestamp, data['source'] === MUTATION)) return;
      noticeNavigation(timestamp);
    }
    segmenter.add(event);
    if (data['source'] === MOUSE_INTERACTION && data['type'] === CLICK) countClick(event);
  }

  /** With nobody there, a page that updates itself is not worth a byte. */
  function isPaused(): boolean {
    if (!session.isIdle()) return false;
    if (!paused) segmenter.cut();
    return (paused = true);
  }

  /** Takes the checkpoint that is due. True: the snapshot holds what the event changed. */
  function startsAnew(timestamp: number, mutation: boolean): boolean {
    changed ||= mutation;
    const interval = Math.max(checkpointIntervalMs, snapshotMs * SNAPSHOT_COST_FACTOR);
    const before = checkpointAt;
    if (due || (changed && timestamp - before >= interval)) checkpoint();
    return mutation && checkpointAt !== before;
  }

  function countClick({ data, timestamp }: RrwebEvent): void {
    const x = Number(data['x']);
    const y = Number(data['y']);
    const activity = segmenter.activity();
    activity.clickCount++;
    if (!isRage({ x, y, timestamp })) return;
    activity.rageClickCount++;
    mark('session_replay.rage_click', { x, y });
  }

  function noticeNavigation(timestamp: number): void {
    const { href } = location;
    if (href === lastUrl) return;
    const url = sanitizeUrl(href);
    const navigated = lastUrl && sanitizeUrl(lastUrl) !== url;
    lastUrl = href;
    if (navigated) mark('session_replay.navigation', { url }, timestamp);
  }

  function pageError(error: PageError): void {
    // All spans around what failed say so; it is one error all the same.
    if (error.traceId !== undefined && error.traceId === failedTrace) return;
    failedTrace = error.traceId;
    segmenter.activity().errorCount++;
    mark('session_replay.error', error);
    trigger({ name: 'error', ...(error.traceId && { traceId: error.traceId }) });
  }

  function trigger(what: Trigger): void {
    if (!running || session.isIdle()) return;
    onTrigger(what);
    // Somebody may open this trace at once. What the page shows of the error is still waited for.
    hurry ??= setTimeout(() => {
      hurry = undefined;
      guard.run('cut', segmenter.cut);
    }, TRIGGER_FLUSH_MS);
  }

  /** A custom event that players show on their time line. */
  function mark(tag: string, payload: object, timestamp = Date.now()): void {
    if (!running || session.isIdle()) return;
    segmenter.add({ type: CUSTOM, timestamp, data: { tag, payload } });
  }

  function describe(): SegmentAbout {
    const user = guard.run('userId', () => (typeof userId === 'function' ? userId() : userId));
    return {
      url: sanitizeUrl(location.href),
      masking: masking?.policyName ?? DEFAULT_POLICY_NAME,
      ...(user !== undefined && { userId: user }),
    };
  }

  return {
    sessionId: session.sessionId,
    recordingId: () => (running ? segmenter.recordingId() : undefined),
    start,
    stop,
    cut: segmenter.cut,
    checkpoint,
    lost: (events) => {
      segmenter.activity().droppedEvents += events;
      due = true;
    },
    trace: (traceId, spanId) => addTrace(segmenter.activity(), traceId, spanId),
    refreshSession: () => running && session.refresh(),
    spanEnded: (span) => {
      for (const listener of spanListeners) guard.run('onEnd', () => listener(span));
    },
  };
}
