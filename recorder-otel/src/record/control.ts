/** Ties recording together: what rrweb emits, which session it belongs to, when playback may start. */
import { loadCapture } from '../capture/load.js';
import { observe } from '../capture/observe.js';
import { createHub } from '../capture/occurrences.js';
import { untracedFetch } from '../emit/transport.js';
import { whenIdle } from '../shared.js';
import { createRhythm } from '../mode/rhythm.js';
import type { Recording } from '../recording.js';
import { createAdmission } from '../restraint/admission.js';
import { addTrace, noActivity } from '../segment/activity.js';
import { createSegmenter } from '../segment/segmenter.js';
import { createErrorReader, describeError } from '../trigger/errors.js';
import { createFailures } from '../trigger/failures.js';
import type { Trigger } from '../trigger/options.js';
import { createAbout } from './about.js';
import { createCheckpoints } from './checkpoints.js';
import { createDeferral } from './deferral.js';
import type { Early } from './early.js';
import {
  CUSTOM,
  FULL_SNAPSHOT,
  INCREMENTAL,
  META,
  MOUSE_INTERACTION,
  MUTATION,
  POINTER_MOVES,
  type RrwebEvent,
} from '../shared.js';
import type { RecordingControl, RecordingControlOptions } from './types.js';

/** A segment with a trigger leaves this soon. */
const TRIGGER_FLUSH_MS = 1000;
/** A segment that is due is written when the page has a moment. */
const CUT_LATEST_MS = 500;
const CLICK = 2;

export function createRecordingControl({
  options,
  host,
  onSegment,
  outlet,
  onTrigger,
  rawBudget,
}: RecordingControlOptions): RecordingControl {
  const { guard, meter, sanitizeUrl, session, drain, mirror } = host;
  const { checkpointIntervalMs = 60_000 } = options;
  const about = createAbout(options, guard, sanitizeUrl);
  const hub = createHub(guard);
  const errorOf = createErrorReader();
  let running = false;
  let begun = false;
  /** Where the last segment ends; no mark goes before it. */
  let cutAt = 0;
  let stops: (() => void)[] = [];
  let stopPage: (() => void) | undefined;
  /** What was recorded last is not what the page shows, or belongs to another session. */
  let stale = false;
  let hurry: ReturnType<typeof setTimeout> | undefined;

  /** What comes by was recorded a while ago. */
  let adopting = false;

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
    sessionId: () => session.sessionId(),
    guard,
    mark,
    // What nobody is there for counts for nothing.
    activity: () => (isLive() ? segmenter.activity() : noActivity()),
    trigger,
    on: hub.on,
    sanitizeUrl,
    mirror,
    trace,
  };
  const failures = createFailures(recording);
  const checkpoints = createCheckpoints({
    pace: () => {
      const wait = outlet.waiting();
      if (!wait) return { intervalMs: checkpointIntervalMs };
      const needed = running && !session.isPaused() && !segmenter.isStill();
      return { intervalMs: wait.everyMs, from: segmenter.checkpointAt(), needed };
    },
    snapshot: () => meter.snapshot(() => guard.run('snapshot', host.takeSnapshot)),
  });
  const segmenter = createSegmenter({
    flushIntervalMs: options.flushIntervalMs ?? 5000,
    maxRawBytes: options.maxRawBytes ?? 96 * 1024,
    ...(rawBudget && { rawBudget }),
    later: (run) => whenIdle(guard.wrap('cut', run), CUT_LATEST_MS),
    describe: about.describe,
    waiting: outlet.waiting,
    onDue: () => hub.tell('due', undefined),
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
    settle: drain,
    onWait: () => segmenter.restart(true),
  });

  function begin(): void {
    if (running) return;
    const before = host.takeEarly();
    if (!before && (!host.isThere() || session.isPaused())) return;
    if (!(before ? followEarly(before) : followSession())) return before?.stop();
    running = true;
    stale = false;
    const page = before ?? host.record();
    const { url, since } = page;
    const first = !begun && !host.isLate();
    begun = true;
    const { metrics } = host;
    const fetch = untracedFetch(host.context);
    const given = { metrics, fetch, observe, url, since, first };
    stops.push(failures.start(), loadCapture({ recording, options, ...given }, hub.settle));
    adopt(page);
    stops.push(() => stopPage?.());
  }

  function adopt(page: Early): void {
    const onDropped = (): number => segmenter.activity().droppedEvents++;
    adopting = true;
    stopPage = page.adopt({ onEvent, onDropped }, (own, policy, ...rest) =>
      createDeferral(own, policy, { meter, admission }, ...rest),
    );
    adopting = false;
  }

  function stop(discard: boolean): void {
    drain();
    if (!discard) hub.tell('leave', undefined);
    if (discard) {
      segmenter.discard();
      hub.settle();
    }
    halt();
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

  /** The same for one that began, and may have ended, before this was there. */
  function followEarly({ sessionId = '', previousId, recordingId }: Early): boolean {
    // Told too late, it would be of another session.
    if (begun) segmenter.activity().droppedEvents += hub.turn();
    segmenter.setSession(sessionId, previousId);
    segmenter.name(recordingId);
    return sessionId === '' || outlet.decide(sessionId) !== 'off';
  }

  function onSession(): void {
    if (!running) {
      begin();
      return;
    }
    // What happened so far belongs to the session before.
    drain();
    const next = host.takeEarly();
    if (next) {
      stopPage?.();
      if (followEarly(next)) adopt(next);
      else halt();
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
      if ((!adopting && isPaused()) || (meter.level > 0 && POINTER_MOVES.includes(data['source'])))
        return;
      rhythm.hurry();
      if (!adopting) checkpoints.notice(timestamp, mutation);
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
    drain();
    const now = Date.now();
    // What waits is released up to here.
    if (outlet.waiting()) segmenter.close(now);
    onTrigger(what, now);
    rhythm.replan();
    // Somebody may open this trace at once. What the page shows of the error is still waited for.
    hurry ??= setTimeout(() => {
      hurry = undefined;
      guard.run('cut', drain);
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
    drain();
    segmenter.add(event);
    rhythm.beat(event.timestamp);
  }

  function trace(traceId: string, spanId: string): void {
    addTrace(recording.activity(), traceId, spanId);
  }

  return {
    recordingId: () =>
      running && session.sessionId() !== undefined ? segmenter.recordingId() : undefined,
    begin,
    stop,
    cut: (final) => {
      hub.tell('leave', undefined);
      drain();
      if (final) segmenter.close(Date.now(), true);
      else segmenter.cut();
    },
    restore: () => {
      const before = checkpoints.takenAt();
      session.touch();
      if (checkpoints.takenAt() === before) checkpoints.take();
      outlet.restore();
    },
    lost: (events) => {
      segmenter.activity().droppedEvents += events;
    },
    heal: checkpoints.ask,
    sessionChanged: onSession,
    trace,
    spanEnded: (span) => {
      if (running) hub.tell('spanEnd', { span, error: errorOf(span) }, true);
    },
    captureError: (error, traceId, timestamp) =>
      failures.notice(describeError(error, traceId), 'manual', timestamp),
    pageError: (...about) => running && failures.tell(...about),
    setUser: (next) => {
      drain();
      segmenter.cut();
      about.setUser(next);
    },
    // What was before is nobody's business.
    tell: (...about) => running && hub.tell(...about),
  };
}
