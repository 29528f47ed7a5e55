/** Ties recording together: what rrweb emits, which session it belongs to, when playback may start. */
import { loadCapture } from '../capture/load.js';
import { createHub } from '../capture/occurrences.js';
import { whenIdle } from '../idle.js';
import { createRhythm } from '../mode/rhythm.js';
import type { Recording } from '../recording.js';
import { createAdmission } from '../restraint/admission.js';
import { createMeter } from '../restraint/meter.js';
import { addTrace, noActivity } from '../segment/activity.js';
import { createSegmenter } from '../segment/segmenter.js';
import { createArrival } from '../session/arrival.js';
import { createSessionTracker } from '../session/tracker.js';
import { createErrorReader, describeError } from '../trigger/errors.js';
import { createFailures } from '../trigger/failures.js';
import type { Trigger } from '../trigger/options.js';
import { createAbout } from './about.js';
import { createCheckpoints } from './checkpoints.js';
import { drainMutations, recordPage, takeSnapshot } from './recorder.js';
import {
  CUSTOM,
  FULL_SNAPSHOT,
  INCREMENTAL,
  META,
  MOUSE_INTERACTION,
  MUTATION,
  POINTER_MOVES,
  record,
  type RrwebEvent,
} from './rrweb.js';
import type { RecordingControl, RecordingControlOptions } from './types.js';
import { guardUrls, stripUrl } from './url.js';

/** A segment with a trigger leaves this soon. */
const TRIGGER_FLUSH_MS = 1000;
/** A segment that is due is written when the page has a moment. */
const CUT_LATEST_MS = 500;
const CLICK = 2;

export function createRecordingControl({
  options,
  guard,
  onSegment,
  outlet,
  onTrigger,
  onInteraction,
  rawBudget,
}: RecordingControlOptions): RecordingControl {
  const { checkpointIntervalMs = 60_000, holdUntil = 'visible', masking } = options;
  const sanitizeUrl = guardUrls(options.urlSanitizer ?? stripUrl);
  const about = createAbout(options, guard, sanitizeUrl);
  const hub = createHub(guard);
  const errorOf = createErrorReader();
  let running = false;
  let begun = false;
  /** Where the last segment ends; no mark goes before it. */
  let cutAt = 0;
  let stops: (() => void)[] = [];
  /** What was recorded last is not what the page shows, or belongs to another session. */
  let stale = false;
  let hurry: ReturnType<typeof setTimeout> | undefined;

  const meter = createMeter();
  const admission = createAdmission({
    meter,
    onStorm: (changes) => mark('session_replay.storm', { changes }),
    onCalm: guard.wrap('storm', () => checkpoints.take()),
  });
  const recording: Recording = {
    meter,
    checkpoint: () => checkpoints.take(),
    add,
    isLive: () => isLive(),
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
  const arrival = createArrival({
    session,
    visible: holdUntil !== 'nothing',
    guard,
    onThere: begin,
  });
  const checkpoints = createCheckpoints({
    pace: () => {
      const wait = outlet.waiting();
      if (!wait) return { intervalMs: checkpointIntervalMs };
      const needed = running && !session.isPaused() && !segmenter.isStill();
      return { intervalMs: wait.everyMs, from: segmenter.checkpointAt(), needed };
    },
    snapshot: () => meter.snapshot(() => guard.run('snapshot', takeSnapshot)),
  });
  const segmenter = createSegmenter({
    flushIntervalMs: options.flushIntervalMs ?? 5000,
    maxRawBytes: options.maxRawBytes ?? 96 * 1024,
    ...(rawBudget && { rawBudget }),
    later: (run) => whenIdle(guard.wrap('cut', run), CUT_LATEST_MS),
    describe: about.describe,
    waiting: outlet.waiting,
    onSegment: (segment) => {
      cutAt = segment.header.lastTimestamp;
      hub.tell('segment', segment.header);
      onSegment(segment);
    },
  });
  const rhythm = createRhythm({
    outlet,
    checkpoints,
    guard,
    settle: drainMutations,
    onWait: () => segmenter.restart(true),
  });

  function start(late?: boolean): void {
    begun ||= !!late;
    arrival.start();
  }

  /** Begins to record, once there is somebody to record. */
  function begin(): void {
    if (!arrival.isThere() || session.isPaused() || running || !followSession()) return;
    running = true;
    stale = false;
    const parts = { recording, options, url: location.href, since: performance.now() };
    stops.push(failures.start(), loadCapture({ ...parts, first: !begun }, hub.settle));
    begun = true;
    const onDropped = (): number => segmenter.activity().droppedEvents++;
    const restraint = { meter, admission };
    stops.push(recordPage({ masking, sanitizeUrl, guard, restraint, onEvent, onDropped }));
  }

  function stop(discard: boolean): void {
    drainMutations();
    if (!discard) hub.tell('leave', undefined);
    if (discard) {
      segmenter.discard();
      hub.settle();
    }
    halt();
    arrival.stop();
    outlet.clear();
  }

  /** Records nothing from here on, but looks out for a session that is recorded. */
  function halt(): void {
    for (const end of stops) guard.run('stop', end);
    stops = [];
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
    // What happened so far belongs to the session before.
    drainMutations();
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
      if (isPaused() || (meter.level > 0 && POINTER_MOVES.includes(data['source']))) return;
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
    drainMutations();
    const now = Date.now();
    // What waits is released up to here.
    if (outlet.waiting()) segmenter.close(now);
    onTrigger(what, now);
    rhythm.replan();
    // Somebody may open this trace at once. What the page shows of the error is still waited for.
    hurry ??= setTimeout(() => {
      hurry = undefined;
      guard.run('cut', drainMutations);
      guard.run('cut', segmenter.cut);
    }, TRIGGER_FLUSH_MS);
  }

  /** A custom event that players show on their time line. */
  function mark(tag: string, payload: object, timestamp = Date.now()): void {
    add({ type: CUSTOM, timestamp: Math.max(timestamp, cutAt), data: { tag, payload } });
  }

  /** An event that is not rrweb's own. */
  function add(event: RrwebEvent): void {
    if (!isLive()) return;
    drainMutations();
    segmenter.add(event);
    rhythm.beat(event.timestamp);
  }

  function trace(traceId: string, spanId: string): void {
    addTrace(recording.activity(), traceId, spanId);
  }

  return {
    sessionId: session.sessionId,
    recordingId: () =>
      running && session.sessionId() !== undefined ? segmenter.recordingId() : undefined,
    start,
    stop,
    cut: (final) => {
      hub.tell('leave', undefined);
      drainMutations();
      if (final) segmenter.close(Date.now(), true);
      else segmenter.cut();
    },
    leave: session.leave,
    restore: () => {
      const before = checkpoints.takenAt();
      session.touch();
      if (checkpoints.takenAt() === before) checkpoints.take();
      outlet.restore();
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
      drainMutations();
      segmenter.cut();
      about.setUser(next);
    },
    // What was before is nobody's business.
    tell: (...about) => running && hub.tell(...about),
  };
}
