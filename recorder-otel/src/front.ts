/**
 * What a page must have before anything is recorded: the session, whose id goes on spans, and rrweb.
 * All else is loaded when recording begins; until it is there, what happens waits here.
 */
import { context, metrics, trace } from '@opentelemetry/api';
import type { ResourceLike } from './emit/span.js';
import type { Engine } from './engine.js';
import type { ConsentWatch } from './consent.js';
import type { Guard } from './guard.js';
import { listen } from './listen.js';
import { sample } from './mode/sampling.js';
import type { SessionReplayOptions } from './options.js';
import { recordEarly, type Early } from './record/early.js';
import { drainMutations, takeSnapshot } from './record/recorder.js';
import { record } from './record/rrweb.js';
import type { PageHost } from './record/types.js';
import { guardUrls, stripUrl } from './record/url.js';
import { createMeter } from './restraint/meter.js';
import { createArrival } from './session/arrival.js';
import { randomHex } from './session/id.js';
import { createSessionTracker } from './session/tracker.js';
import { forgetStored } from './store/forget.js';

/** What could not be loaded is asked for again with the next event after this. */
const RELOAD_MS = 5000;
/** What the page says and does while the engine is on its way; a page that is busier loses the rest. */
const MAX_WAITING = 500;
/** Recordings of one page while the engine is on its way. */
const MAX_RECORDED = 4;

export interface FrontOptions {
  options: SessionReplayOptions;
  guard: Guard;
  /** The page's Resource, once it is known. */
  resource: () => ResourceLike | undefined;
  consent: ConsentWatch;
}

export interface Front {
  /** Undefined before `start`, and when the session is over and nobody has come back. */
  sessionId: () => string | undefined;
  /** Undefined while nothing is recorded. */
  recordingId(): string | undefined;
  /** `late`: what was before must not be known. */
  start(late: boolean): void;
  stop(discard: boolean): void;
  /** Has it done now, or when the engine is there; not at all while nothing is recorded. */
  tell: (run: (engine: Engine) => void) => void;
  /** The page is hidden, or goes away. */
  flush(unloading: boolean): void;
  /** The page was put away and is back. */
  restore: () => void;
  /** Asks for the session again; recording follows if it is another one. */
  refreshSession: () => void;
  /** Resolves when all that is recorded so far is sent, waits for a trigger, or cannot be sent now. */
  drain(): Promise<void>;
  /** Forgets all, also what is stored; recording has stopped. */
  forget(): void;
  /** Some tab of the origin is open and has a session. */
  isOpen: () => boolean;
  shutdown(): Promise<void>;
}

export function createFront({ options, guard, resource, consent }: FrontOptions): Front {
  const { masking, maxQueueBytes = 4 * 1024 * 1024, holdUntil = 'visible' } = options;
  const sanitizeUrl = guardUrls(options.urlSanitizer ?? stripUrl);
  const meter = createMeter();
  let engine: Engine | undefined;
  let loading: Promise<void> | undefined;
  let failed = false;
  let late = false;
  /** What is recorded now. */
  let early: Early | undefined;
  /** For when the engine is there, in this order: it, and those of sessions before. */
  let recorded: Early[] = [];
  let waiting: ((engine: Engine) => void)[] = [];
  let interacted = false;
  let stopListening: (() => void) | undefined;

  const session = createSessionTracker({
    provider: options.session,
    session: options.sessionOptions,
    guard,
    onChange: () => {
      if (engine) engine.control.sessionChanged();
      else {
        if (early && early.sessionId !== session.sessionId()) {
          end();
          waiting.push(({ control }) => control.sessionChanged());
        }
        begin();
      }
    },
    onInteraction: () => {
      interacted = true;
      engine?.pipeline.release();
    },
  });
  const arrival = createArrival({
    session,
    visible: holdUntil !== 'nothing',
    guard,
    onThere: begin,
  });
  const host: PageHost = {
    guard,
    session,
    consent,
    meter,
    sanitizeUrl,
    mirror: record.mirror,
    metrics,
    context,
    isThere: () => arrival.isThere(),
    isLate: () => late,
    takeEarly: () => recorded.shift(),
    record: recordNow,
    drain: drainMutations,
    takeSnapshot,
  };

  function recordNow(): Early {
    return recordEarly({
      sessionId: session.sessionId(),
      previousId: session.previousId(),
      recordingId: randomHex(16),
      // Of one more nothing is kept, but counted.
      maxChars: recorded.length < MAX_RECORDED ? maxQueueBytes : -1,
      onWaiting: () => void load(),
      masking,
      sanitizeUrl,
      guard,
      meter,
    });
  }

  function begin(): void {
    if (engine) return engine.control.begin();
    const id = session.sessionId();
    if (early || !arrival.isThere() || session.isPaused()) return;
    if (id !== undefined && sample(id, options).mode === 'off') return;
    early = recordNow();
    recorded.push(early);
    waiting.push(({ control, pipeline }) => {
      pipeline.start();
      control.begin();
    });
    void load();
  }

  function end(): void {
    early?.stop();
    early = undefined;
  }

  /** What was recorded before the engine is there. */
  function drop(): void {
    end();
    recorded = [];
    waiting = [];
  }

  function load(): Promise<void> {
    return (loading ??= import('./engine.js')
      .then(({ createEngine }) => {
        const made = createEngine(options, host, resource);
        engine = made;
        guard.run('start', () => {
          made.pipeline.start();
          made.control.begin();
          if (interacted) made.pipeline.release();
        });
        for (const run of waiting.splice(0)) guard.run('load', () => run(made));
      })
      .catch((error: unknown) => {
        if (!failed) guard.report(error, 'load');
        failed = true;
        setTimeout(() => (loading = undefined), RELOAD_MS);
      }));
  }

  function tell(run: (engine: Engine) => void): void {
    if (engine) run(engine);
    else if (early && waiting.length < MAX_WAITING) waiting.push(run);
  }

  function watchErrors(): () => void {
    const told = (event: Event): void => {
      const traceId = activeTraceId();
      const timestamp = Date.now();
      tell(({ control }) => control.pageError(event, traceId, timestamp));
    };
    return listen(window, 'error unhandledrejection', guard.wrap('error', told));
  }

  return {
    sessionId: session.sessionId,
    recordingId: () =>
      engine ? engine.control.recordingId() : session.sessionId() && early?.recordingId,
    start: (isLate) => {
      late ||= isLate;
      stopListening ??= watchErrors();
      engine?.pipeline.start();
      arrival.start();
    },
    stop: (discard) => {
      stopListening?.();
      stopListening = undefined;
      const stop = ({ control, pipeline }: Engine): void => {
        control.stop(discard);
        pipeline.stop();
        if (discard) pipeline.clear();
      };
      if (engine) stop(engine);
      else if (discard) drop();
      else waiting.push(stop);
      end();
      arrival.stop();
    },
    tell,
    flush: (unloading) => {
      engine?.control.cut(unloading);
      engine?.pipeline.flushNow(unloading);
      if (unloading) session.leave();
    },
    restore: () => {
      // A page that was put away is told nothing.
      if (session.isForgotten()) return consent.end('withdrawn');
      session.touch();
      engine?.control.restore();
    },
    refreshSession: session.refresh,
    drain: async () => {
      if (recorded.length > 0) await load();
      guard.run('forceFlush', () => engine?.control.cut());
      await engine?.pipeline.drain();
    },
    isOpen: session.isOpen,
    forget: () => {
      drop();
      guard.run('forget', () => engine?.pipeline.forget());
      forgetStored(guard);
      guard.run('forget', session.forget);
    },
    shutdown: async () => {
      if (recorded.length > 0) await load();
      await (engine?.pipeline ?? options.exporter)?.shutdown();
    },
  };
}

/** Of what runs now. */
export function activeTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
