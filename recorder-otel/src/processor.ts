/**
 * The one element users add to their tracer provider. It is a span processor because that is where
 * trace ids, the Resource, errors, flush and shutdown come by; it sends nothing through the user's
 * pipeline. It needs no SDK, so that it fits both lines of OpenTelemetry JS.
 */
import { ATTR_RECORDING_ID, ATTR_SESSION_ID } from '@otel-replay/protocol';
import type { ResourceLike } from './emit/span.js';
import { watchPage } from './emit/unload.js';
import { createGuard, type Guard } from './guard.js';
import type { SessionReplayOptions } from './options.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import { createRecordingControl, type RecordingControl } from './record/control.js';
import type { EndedSpan } from './trigger/errors.js';

/** What is used of a started span (2.x and 3.x). */
export interface StartedSpan {
  spanContext(): { traceId: string; spanId: string };
  setAttribute(key: string, value: string): unknown;
}

/** One recording per document, however many copies of this package a page loads. */
const RECORDING = Symbol.for('recorder-otel.recording');

export class SessionReplaySpanProcessor {
  readonly #guard: Guard;
  readonly #options: SessionReplayOptions;
  readonly #control: RecordingControl | undefined;
  readonly #pipeline: Pipeline | undefined;
  #resource: ResourceLike | undefined;
  #stopWatching: (() => void) | undefined;
  #shutdown = false;

  /** Starts recording unless `autoStart` is false. Never throws; outside browsers it does nothing. */
  constructor(options: SessionReplayOptions = {}) {
    this.#options = options;
    this.#guard = createGuard(options.onError);
    this.#resource = options.resource;
    if (typeof window === 'undefined' || typeof document === 'undefined') return;
    const pipeline = createPipeline({
      options,
      guard: this.#guard,
      resource: () => this.#resource,
      onRecovered: (lostEvents) => this.#control?.lost(lostEvents),
    });
    this.#pipeline = pipeline;
    this.#control = createRecordingControl({
      options,
      guard: this.#guard,
      onSegment: pipeline.add,
      onTrigger: pipeline.outlet.trigger,
    });
    if (options.autoStart !== false) this.start();
  }

  /** `session.id` of what is recorded now; undefined outside browsers. */
  get sessionId(): string | undefined {
    return this.#control?.sessionId();
  }

  /** `session_replay.id` of the recording; undefined while nothing is recorded. */
  get recordingId(): string | undefined {
    return this.#control?.recordingId();
  }

  /** Begins to record; harmless when it does already. After `stop()` it begins a new recording. */
  start(): void {
    const control = this.#control;
    if (!control || this.#shutdown || this.#stopWatching) return;
    const owner = document as unknown as Record<symbol, unknown>;
    if (owner[RECORDING]) {
      this.#guard.report(
        new Error('this document is recorded already, by another SessionReplaySpanProcessor'),
        'start',
      );
      return;
    }
    owner[RECORDING] = this;
    this.#guard.run('start', () => {
      const guard = this.#guard;
      const stopPage = watchPage({
        onHidden: guard.wrap('hidden', () => this.#flushNow(false)),
        onPageHide: guard.wrap('pagehide', () => this.#flushNow(true)),
        onRestore: guard.wrap('pageshow', () => control.checkpoint()),
      });
      this.#stopWatching = () => {
        stopPage();
        delete owner[RECORDING];
      };
      control.start();
    });
  }

  /** Ends the recording and sends what is left of it; with `discard`, forgets it instead. */
  stop(options: { discard?: boolean } = {}): void {
    if (!this.#stopWatching) return;
    this.#guard.run('stop', () => {
      this.#control?.stop(options.discard === true);
      if (options.discard) this.#pipeline?.clear();
    });
    this.#guard.run('stop', this.#stopWatching);
    this.#stopWatching = undefined;
  }

  onStart(span: StartedSpan & { resource?: ResourceLike }): void {
    this.#guard.run('onStart', () => {
      const control = this.#control;
      if (!control) return;
      this.#observe(span);
      control.refreshSession();
      span.setAttribute(ATTR_SESSION_ID, control.sessionId());
      const recordingId = control.recordingId();
      if (recordingId !== undefined) span.setAttribute(ATTR_RECORDING_ID, recordingId);
    });
  }

  onEnd(span: EndedSpan & { resource?: ResourceLike }): void {
    this.#guard.run('onEnd', () => {
      this.#observe(span);
      this.#control?.spanEnded(span);
    });
  }

  /** Resolves when all that is recorded so far has been sent, or cannot be sent now. */
  async forceFlush(): Promise<void> {
    this.#guard.run('forceFlush', () => this.#control?.cut());
    await this.#pipeline?.drain();
  }

  /** Stops for good, sends what is left and shuts the exporter down. */
  async shutdown(): Promise<void> {
    if (this.#shutdown) return;
    this.#shutdown = true;
    this.stop();
    await this.#pipeline?.shutdown().catch((error) => this.#guard.report(error, 'shutdown'));
  }

  #observe(span: {
    spanContext(): { traceId: string; spanId: string };
    resource?: ResourceLike;
  }): void {
    const { traceId, spanId } = span.spanContext();
    if (/^[0-9a-f]{32}$/.test(traceId)) this.#control?.trace(traceId, spanId);
    // The page's own description of itself; an explicit one wins.
    if (!this.#options.resource && span.resource) this.#resource = span.resource;
  }

  #flushNow(unloading: boolean): void {
    this.#control?.cut(unloading);
    this.#pipeline?.flushNow(unloading);
  }
}
