/**
 * The one element users add to their tracer provider. It is a span processor because that is where
 * trace ids, the Resource, errors, flush and shutdown come by; it sends nothing through the user's
 * pipeline. It needs no SDK, so that it fits both lines of OpenTelemetry JS.
 */
import type { CustomEventValue } from '@otel-replay/protocol';
import { ATTR_RECORDING_ID, ATTR_SESSION_ID } from '@otel-replay/protocol/recording';
import type { Said } from './capture/occurrences.js';
import {
  initialConsent,
  mayRecord,
  onWithdrawal,
  tellWithdrawal,
  type ConsentState,
} from './consent.js';
import type { ResourceLike } from './emit/span.js';
import { watchPage } from './emit/unload.js';
import { createGuard, type Guard } from './guard.js';
import type { SessionReplayOptions } from './options.js';
import { activeTraceId, createFront, type Front } from './front.js';
import type { ReplayUser } from './record/about.js';
import { followConfig, withCachedConfig } from './remote/follow.js';
import { DEFAULT_URL } from './shared.js';
import type { EndedSpan } from './trigger/spans.js';

/** What is used of a started span (2.x and 3.x). */
export interface StartedSpan {
  spanContext(): { traceId: string; spanId: string };
  readonly kind?: number;
  setAttribute(key: string, value: string): unknown;
}

/** One recording per document, however many copies of this package a page loads. */
const RECORDING = Symbol.for('recorder-otel.recording');
/** Whoever sends a privacy signal and means to agree all the same has said so by then. */
const OPTED_OUT_MS = 10_000;

export class SessionReplaySpanProcessor {
  readonly #guard: Guard;
  readonly #options: SessionReplayOptions;
  readonly #front: Front | undefined;
  #resource: ResourceLike | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #stopTabs: (() => void) | undefined;
  #shutdown = false;
  /** The processor said to record nothing. */
  #enabled: boolean;
  #consent: ConsentState = 'required';
  /** To be recorded, as far as the page is concerned. */
  #wanted = false;
  /** Consent came only after a while: what was before must not be known. */
  #late = false;

  /**
   * Starts recording, unless `autoStart` is false or consent is missing. Never throws; outside
   * browsers it does nothing.
   */
  constructor(given: SessionReplayOptions = {}) {
    this.#options = given;
    const options = withCachedConfig(given);
    this.#enabled = options.enabled !== false;
    this.#guard = createGuard(options.onError);
    this.#resource = options.resource;
    if (typeof window === 'undefined' || typeof document === 'undefined') return;
    this.#consent = initialConsent(options);
    if (!mayRecord(this.#consent)) setTimeout(() => (this.#late = true));
    const guard = this.#guard;
    const consent = {
      state: () => this.#consent,
      end: (state: 'withdrawn' | 'opted_out') => this.#endConsent(state),
    };
    this.#front = createFront({ options, guard, resource: () => this.#resource, consent });
    this.#stopTabs = onWithdrawal(guard.wrap('withdraw', () => this.#endConsent('withdrawn')));
    // What was stored before there was a signal; of a tab that agreed it is not.
    const look = guard.wrap('withdraw', () => {
      if (this.#consent === 'opted_out' && !this.#front!.isOpen()) this.#front!.forget();
    });
    if (this.#consent === 'opted_out') setTimeout(look, OPTED_OUT_MS);
    if (options.autoStart !== false) this.start();
  }

  /** As they were given; `recorder-otel/explain` and `recorder-otel/overlay` look at them. */
  get options(): Readonly<SessionReplayOptions> {
    return this.#options;
  }

  /** `session.id` of what is recorded now; undefined while there is no session. */
  get sessionId(): string | undefined {
    return this.#front?.sessionId();
  }

  /** `session_replay.id` of the recording; undefined while nothing is recorded. */
  get recordingId(): string | undefined {
    return this.#front?.recordingId();
  }

  /** Whether the user may be recorded, and why. */
  get consent(): ConsentState {
    return this.#consent;
  }

  /**
   * The user has agreed: what begins here is recorded, nothing of before. It goes before Global
   * Privacy Control and Do Not Track, and is remembered for this document only: that the user
   * agreed is known to the page, which says so on each.
   */
  grantConsent(): void {
    this.#consent = 'granted';
    if (this.#wanted) this.start();
  }

  /**
   * The user no longer agrees: ends the recording in every tab of the origin, discards what was not
   * sent and removes what is stored. What was sent is for the processor's replay API to delete.
   */
  withdrawConsent(): void {
    this.#endConsent('withdrawn');
    this.#consent = 'withdrawn';
    if (this.#front) this.#guard.run('withdraw', tellWithdrawal);
  }

  #endConsent(state: 'withdrawn' | 'opted_out'): void {
    if (mayRecord(this.#consent)) this.#consent = state;
    this.#end(true);
    // Earlier pages may have left something.
    this.#guard.run('withdraw', () => this.#front?.forget());
  }

  /**
   * Begins to record, once there is consent; harmless when it does already. After `stop()` it
   * begins a new recording.
   */
  start(): void {
    this.#wanted = true;
    const front = this.#front;
    if (!front || this.#shutdown || this.#stopWatching || !mayRecord(this.#consent)) return;
    this.#followConfig();
    if (!this.#enabled) return;
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
        onHidden: guard.wrap('hidden', () => front.flush(false)),
        onPageHide: guard.wrap('pagehide', () => front.flush(true)),
        onRestore: guard.wrap('pageshow', front.restore),
      });
      this.#stopWatching = () => {
        stopPage();
        delete owner[RECORDING];
      };
      front.start(this.#late);
    });
  }

  /** Ends the recording and sends what is left of it; with `discard`, forgets it instead. */
  stop(options: { discard?: boolean } = {}): void {
    this.#wanted = false;
    this.#end(options.discard === true);
  }

  /**
   * An error that the page caught itself: marked by its type, never its message, and a reason to
   * keep the session. Several of one trace count once.
   */
  captureError(error: unknown): void {
    const [traceId, timestamp] = [activeTraceId(), Date.now()];
    this.#front?.tell(({ control }) =>
      this.#guard.run('captureError', () => control.captureError(error, traceId, timestamp)),
    );
  }

  /**
   * Puts an event of your own on the time line of the replay. `name` and `attributes` are recorded
   * as they are, never masked: your words, not your users'. Values are strings, numbers, booleans
   * or lists of one of them; at most 50 attributes, texts of 1000 characters and lists of 100.
   * What is more is left out and told to `onError`.
   */
  addEvent(name: string, attributes?: Record<string, CustomEventValue>): void {
    this.#say({ timestamp: Date.now(), event: name, attributes: { ...attributes } });
  }

  /**
   * Who uses the page from here on: your own opaque id, sent as `user.id`, or a hash, sent as
   * `user.hash`; never a name or an address. Undefined: as the option `userId` says.
   */
  setUser(user: string | ReplayUser | undefined): void {
    const next = typeof user === 'string' ? { id: user } : { ...user };
    this.#guard.run('setUser', () => {
      for (const value of [next.id, next.hash]) {
        if (typeof (value ?? '') !== 'string') throw new TypeError('id and hash must be strings');
      }
      this.#front?.tell(({ control }) => control.setUser(next));
    });
  }

  /** A feature flag was evaluated: marked when its variant is new. Both are recorded as they are. */
  setFeatureFlag(key: string, variant: string | number | boolean): void {
    this.#say({ timestamp: Date.now(), flag: key, variant });
  }

  onStart(span: StartedSpan & { resource?: ResourceLike }): void {
    this.#guard.run('onStart', () => {
      const front = this.#front;
      if (!front) return;
      this.#observe(span);
      front.tell(({ control }) => control.tell('spanStart', span));
      front.refreshSession();
      const { sessionId, recordingId } = this;
      if (sessionId !== undefined) span.setAttribute(ATTR_SESSION_ID, sessionId);
      if (recordingId !== undefined) span.setAttribute(ATTR_RECORDING_ID, recordingId);
    });
  }

  onEnd(span: EndedSpan & { resource?: ResourceLike }): void {
    this.#guard.run('onEnd', () => {
      this.#observe(span);
      this.#front?.tell(({ control }) => control.spanEnded(span));
    });
  }

  /**
   * Resolves when all that is recorded so far has been sent or, where that does not work now, is kept
   * in the browser for later (`offline`), even if the page is killed then.
   */
  async forceFlush(): Promise<void> {
    await this.#front?.drain();
  }

  /** Stops for good, sends what is left and shuts the exporter down. */
  async shutdown(): Promise<void> {
    if (this.#shutdown) return;
    this.#shutdown = true;
    this.stop();
    this.#stopTabs?.();
    await this.#front?.shutdown().catch((error) => this.#guard.report(error, 'shutdown'));
  }

  #end(discard: boolean): void {
    const stopWatching = this.#stopWatching;
    if (!stopWatching) return;
    this.#stopWatching = undefined;
    this.#guard.run('stop', () => this.#front?.stop(discard));
    this.#guard.run('stop', stopWatching);
  }

  #observe(span: {
    spanContext(): { traceId: string; spanId: string };
    resource?: ResourceLike;
  }): void {
    const { traceId, spanId } = span.spanContext();
    if (/^[0-9a-f]{32}$/.test(traceId)) {
      this.#front?.tell(({ control }) => control.trace(traceId, spanId));
    }
    // The page's own description of itself; an explicit one wins.
    if (!this.#options.resource && span.resource) this.#resource = span.resource;
  }

  #followConfig(): void {
    followConfig(this.#options, {
      url: this.#options.url ?? DEFAULT_URL,
      service: () => this.#resource?.attributes['service.name'],
      guard: this.#guard,
      mayAsk: () => mayRecord(this.#consent),
      onStop: () => {
        this.#enabled = false;
        this.stop({ discard: true });
      },
    });
  }

  #say(said: Said): void {
    this.#front?.tell(({ control }) => control.tell('said', said, true));
  }
}
