/** Ties recording together: what rrweb emits, which session it belongs to, when playback may start. */
import { loadCapture } from '../capture/load.js';
import { createHub, type Hub } from '../capture/occurrences.js';
import type { Guard } from '../guard.js';
import type { SessionReplayOptions } from '../options.js';
import type { Outlet } from '../mode/outlet.js';
import { createRhythm } from '../mode/rhythm.js';
import type { Recording } from '../recording.js';
import { addTrace, noActivity } from '../segment/activity.js';
import { createSegmenter, type RawSegment, type SegmentAbout } from '../segment/segmenter.js';
import { whenThere } from '../session/activity.js';
import { createSessionTracker } from '../session/tracker.js';
import { createErrorReader, describeError } from '../trigger/errors.js';
import { createFailures } from '../trigger/failures.js';
import type { EndedSpan } from '../trigger/spans.js';
import type { Trigger } from '../trigger/options.js';
import { createCheckpoints } from './checkpoints.js';
import { policyNameOf } from './privacy.js';
import { recordPage, takeSnapshot } from './recorder.js';
import {
  CUSTOM,
  FULL_SNAPSHOT,
  INCREMENTAL,
  META,
  MOUSE_INTERACTION,
  MUTATION,
  record,
  type RrwebEvent,
} from './rrweb.js';
import { guardUrls, stripUrl } from './url.js';

/** Your own opaque id of the user, or a hash of it. */
export interface ReplayUser {
  id?: string | undefined;
  hash?: string | undefined;
}

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
}

/** A segment with a trigger leaves this soon. */
const TRIGGER_FLUSH_MS = 1000;
const CLICK = 2;

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

export function createRecordingControl({
  options,
  guard,
  onSegment,
  outlet,
  onTrigger,
  onInteraction,
}: RecordingControlOptions): RecordingControl {
  const { checkpointIntervalMs = 60_000, holdUntil = 'visible', masking, userId } = options;
  const sanitizeUrl = guardUrls(options.urlSanitizer ?? stripUrl);
  const hub = createHub(guard);
  const errorOf = createErrorReader();
  /** Since `start`; the page need not be recorded yet. */
  let started = false;
  /** Somebody is there to see the page. */
  let there = false;
  let running = false;
  let begun = false;
  /** Where the last segment ends; no mark goes before it. */
  let cutAt = 0;
  let stops: (() => void)[] = [];
  let recordingStops: (() => void)[] = [];
  /** What was recorded last is not what the page shows, or belongs to another session. */
  let stale = false;
  let hurry: ReturnType<typeof setTimeout> | undefined;
  let user: ReplayUser | undefined;

  const recording: Recording = {
    guard,
    mark,
    // What nobody is there for counts for nothing.
    activity: () => (isLive() ? segmenter.activity() : noActivity()),
    trigger,
    on: hub.on,
    sanitizeUrl,
    mirror: record.mirror,
    trace,
  };
  const failures = createFailures(recording);
  const session = createSessionTracker({
    provider: options.session,
    session: options.sessionOptions,
    guard,
    onChange: onSession,
    onInteraction,
  });
  const checkpoints = createCheckpoints({
    pace: () => {
      const wait = outlet.waiting();
      if (!wait) return { intervalMs: checkpointIntervalMs };
      const needed = running && !session.isPaused() && !segmenter.isStill();
      return { intervalMs: wait.everyMs, from: segmenter.checkpointAt(), needed };
    },
    snapshot: () => guard.run('snapshot', takeSnapshot),
  });
  const segmenter = createSegmenter({
    flushIntervalMs: options.flushIntervalMs ?? 5000,
    maxRawBytes: options.maxRawBytes ?? 96 * 1024,
    describe,
    waiting: outlet.waiting,
    onSegment: (segment) => {
      cutAt = segment.header.lastTimestamp;
      onSegment(segment);
    },
  });
  const rhythm = createRhythm({
    outlet,
    checkpoints,
    guard,
    onWait: () => segmenter.restart(true),
  });

  function start(late?: boolean): void {
    if (started) return;
    started = true;
    begun ||= !!late;
    const show = guard.wrap('start', () => {
      there = true;
      begin();
    });
    const open = guard.wrap('start', () => {
      stops.push(session.start(), whenThere(holdUntil !== 'nothing', show));
    });
    stops.push(whenThere(false, open));
  }

  /** Begins to record, once there is somebody to record. */
  function begin(): void {
    if (!there || session.isPaused() || running || !followSession()) return;
    running = true;
    stale = false;
    recordingStops.push(
      failures.start(),
      loadCapture(
        {
          recording,
          options,
          url: location.href,
          since: performance.now(),
          first: !begun,
        },
        hub.settle,
      ),
    );
    begun = true;
    const onDropped = (): number => segmenter.activity().droppedEvents++;
    recordingStops.push(recordPage({ masking, sanitizeUrl, guard, onEvent, onDropped }));
  }

  function stop(discard: boolean): void {
    if (!discard) hub.tell('leave', undefined);
    if (discard) {
      segmenter.discard();
      hub.settle();
    }
    halt();
    for (const end of stops) guard.run('stop', end);
    stops = [];
    started = there = false;
    outlet.clear();
  }

  /** Records nothing from here on, but looks out for a session that is recorded. */
  function halt(): void {
    for (const end of recordingStops) guard.run('stop', end);
    recordingStops = [];
    running = false;
    checkpoints.reset();
    rhythm.stop();
    segmenter.restart(true);
  }

  /** False: nothing is recorded of the session. */
  function followSession(): boolean {
    const id = session.sessionId();
    if (id === undefined) return true;
    segmenter.setSession(id, session.previousId());
    return outlet.decide(id) !== 'off';
  }

  function onSession(): void {
    if (!running) {
      begin();
      return;
    }
    const before = segmenter.recordingId();
    if (!followSession()) {
      halt();
      return;
    }
    // A new recording needs its start before anything else; after a pause the old one does.
    stale ||= before !== segmenter.recordingId();
    if (!stale || session.isPaused()) return;
    stale = false;
    checkpoints.take();
  }

  function onEvent(event: RrwebEvent): void {
    const { type, timestamp, data } = event;
    if (type === FULL_SNAPSHOT || type === META) checkpoints.taken(event);
    else if (type === INCREMENTAL && !checkpoints.isTaking()) {
      const before = checkpoints.takenAt();
      const mutation = data['source'] === MUTATION;
      if (isPaused()) return;
      rhythm.hurry();
      checkpoints.notice(timestamp, mutation);
      // The snapshot that was just taken holds what the event changed.
      if (mutation && checkpoints.takenAt() !== before) return;
    }
    segmenter.add(event);
    rhythm.beat(timestamp);
    const isClick = data['source'] === MOUSE_INTERACTION && data['type'] === CLICK;
    if (isClick) segmenter.activity().clickCount++;
    hub.tell('event', event, isClick);
  }

  const isLive = (): boolean => running && !session.isPaused();

  /** With nobody there, a page that updates itself is not worth a byte. */
  function isPaused(): boolean {
    if (!session.isPaused()) return false;
    if (!stale) segmenter.cut();
    return (stale = true);
  }

  function trigger(what: Trigger): void {
    if (!isLive()) return;
    if (guard.run('beforeTrigger', () => options.triggers?.beforeTrigger?.(what)) === false) return;
    const now = Date.now();
    // What waits is released up to here.
    if (outlet.waiting()) segmenter.close(now);
    onTrigger(what, now);
    rhythm.replan();
    // Somebody may open this trace at once. What the page shows of the error is still waited for.
    hurry ??= setTimeout(() => {
      hurry = undefined;
      guard.run('cut', segmenter.cut);
    }, TRIGGER_FLUSH_MS);
  }

  /** A custom event that players show on their time line. */
  function mark(tag: string, payload: object, timestamp = Date.now()): void {
    if (!isLive()) return;
    segmenter.add({ type: CUSTOM, timestamp: Math.max(timestamp, cutAt), data: { tag, payload } });
    rhythm.beat(timestamp);
  }

  function trace(traceId: string, spanId: string): void {
    addTrace(recording.activity(), traceId, spanId);
  }

  function describe(): SegmentAbout {
    const {
      id = guard.run('userId', () => (typeof userId === 'function' ? userId() : userId)),
      hash,
    } = user ?? {};
    return {
      url: sanitizeUrl(location.href),
      masking: policyNameOf(masking),
      ...(id !== undefined && { userId: id }),
      ...(hash !== undefined && { userHash: hash }),
    };
  }

  return {
    sessionId: session.sessionId,
    recordingId: () =>
      running && session.sessionId() !== undefined ? segmenter.recordingId() : undefined,
    start,
    stop,
    cut: (final) => {
      hub.tell('leave', undefined);
      if (final) segmenter.close(Date.now(), true);
      else segmenter.cut();
    },
    leave: session.leave,
    restore: () => {
      const before = checkpoints.takenAt();
      session.touch();
      if (checkpoints.takenAt() === before) checkpoints.take();
    },
    forget: session.forget,
    lost: (events) => {
      segmenter.activity().droppedEvents += events;
    },
    heal: checkpoints.ask,
    trace,
    refreshSession: session.refresh,
    spanEnded: (span) => {
      if (running) hub.tell('spanEnd', { span, error: errorOf(span) }, true);
    },
    captureError: (error) => failures.notice(describeError(error), 'manual'),
    setUser: (next) => {
      segmenter.cut();
      user = next;
    },
    // What was before is nobody's business.
    tell: (...about) => running && hub.tell(...about),
  };
}
