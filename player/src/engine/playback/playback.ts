/**
 * The playback engine: opens a session at a moment, plays, seeks, and tells a view about it.
 *
 * One replayer at a time is on the stage. Going far (or back) builds another one, hidden, and swaps;
 * a generation number makes whatever was under way for the old place harmless.
 */
import { isAbort } from '../client/source.js';
import { SegmentLoader, UnusableSegmentError } from '../plan/segment-loader.js';
import { segmentAt } from '../plan/stretches.js';
import type { Place } from '../plan/session-plan.js';
import { Sanitizer } from '../sanitize/sanitizer.js';
import { Store } from '../store.js';
import { skipTarget } from '../timeline/idle.js';
import { NoSnapshotError, isTransient, playbackError } from './failure.js';
import { FrameLoop } from './frame-loop.js';
import { openSession, placeOf, type OpenRequest } from './open-session.js';
import type { ReplayWindow } from './replay-window.js';
import type { SessionModel } from './session-model.js';
import { INITIAL_STATE, type PlaybackNotice, type PlaybackState } from './state.js';
import { SPEED_RANGE, type PlaybackOptions } from './options.js';
import { WindowFeeder } from './window-feeder.js';
import { WindowStage } from './window-stage.js';

/** A seek this short, within what is loaded, plays the events instead of rebuilding the page. */
const NEAR_SEEK_MS = 15_000;
const FEED_ATTEMPTS = 5;
const FEED_RETRY_MS = 500;
const CLOCK_INTERVAL_MS = 33;
const PRUNE_INTERVAL_MS = 5000;

export class Playback {
  /** Everything but the time; changes rarely. */
  readonly state = new Store<PlaybackState>(INITIAL_STATE);
  /** The playhead, Unix milliseconds; changes 30 times a second. */
  readonly clock = new Store<number>(0);

  readonly #options: Required<PlaybackOptions>;
  #generation = 0;
  #model: SessionModel | undefined;
  #loader: SegmentLoader | undefined;
  #feeder: WindowFeeder | undefined;
  readonly #stage: WindowStage;
  #requests = new AbortController();
  readonly #frames = new FrameLoop(() => this.#onFrame());
  #noticeCount = 0;
  #resumeWhenVisible = false;
  #stopped = false;

  constructor(options: PlaybackOptions) {
    this.#options = { aheadMs: 30_000, allowRemoteImages: false, ...options };
    this.#stage = new WindowStage({
      stage: options.stage,
      allowRemoteImages: options.allowRemoteImages ?? false,
      onViewport: (viewport) => this.state.update({ viewport: { ...viewport } }),
    });
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  get #window(): ReplayWindow | undefined {
    return this.#stage.window;
  }

  /** Resolves when the first frame is shown, or the state says why there is none. */
  async open(request: OpenRequest): Promise<void> {
    const generation = this.#begin();
    this.#requests.abort();
    this.#requests = new AbortController();
    this.#closeWindow();
    const { speed, skipInactivity } = this.state.getSnapshot();
    this.state.set({ ...INITIAL_STATE, speed, skipInactivity, traceId: request.traceId });
    try {
      // Early, they load beside the manifest; whoever needs them reports a failure.
      void this.#stage.prepare().catch(() => undefined);
      const { signal } = this.#requests;
      const { model, wanted } = await openSession(this.#options.source, request, signal);
      if (generation !== this.#generation) return;
      this.#adopt(model, signal);
      await this.#show(placeOf(model, wanted), generation);
    } catch (error) {
      this.#fail(error, generation);
    }
  }

  play(): void {
    const { status } = this.state.getSnapshot();
    if (status === 'error' || this.#model === undefined) return;
    this.state.update({ wantsToPlay: true });
    if (status === 'ended') void this.seek(this.state.getSnapshot().from);
    else if (status === 'paused') this.#start();
  }

  pause(): void {
    this.state.update({ wantsToPlay: false });
    this.#resumeWhenVisible = false;
    if (this.state.getSnapshot().status === 'playing') this.#halt('paused');
  }

  toggle(): void {
    if (this.state.getSnapshot().wantsToPlay) this.pause();
    else this.play();
  }

  /** @param time Unix milliseconds; outside of the session its nearest end is meant */
  async seek(time: number): Promise<void> {
    if (this.#model === undefined) return;
    const { from, to } = this.#model.plan;
    const wanted = Math.min(Math.max(time, from), to);
    const place = this.#model.plan.at(wanted, this.state.getSnapshot().recordingId);
    if (place === undefined) return;
    this.state.update({ isInHole: this.#model.plan.isEmptyAt(wanted) });
    await this.#go(place);
  }

  /** @param deltaMs recorded time, negative for back */
  async seekBy(deltaMs: number): Promise<void> {
    await this.seek(this.clock.getSnapshot() + deltaMs);
  }

  /** Shows another recording of the session, at the same moment if it was there. */
  async selectRecording(recordingId: string): Promise<void> {
    const place = this.#model?.plan.within(recordingId, this.clock.getSnapshot());
    if (place === undefined) return;
    this.state.update({ isInHole: false });
    await this.#go(place);
  }

  setSpeed(speed: number): void {
    const bounded = Math.min(Math.max(speed, SPEED_RANGE.min), SPEED_RANGE.max);
    this.state.update({ speed: bounded });
    this.#window?.setSpeed(bounded);
    this.#lookAhead();
  }

  setSkipInactivity(skipInactivity: boolean): void {
    this.state.update({ skipInactivity });
  }

  /** The document that is on the stage. */
  get replayDocument(): Document | null {
    return this.#window?.document ?? null;
  }

  /** Ends everything; the engine cannot be used afterwards. */
  stop(): void {
    this.#stopped = true;
    this.#begin();
    this.#requests.abort();
    this.#loader?.cancel();
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#closeWindow();
    void this.#stage.remove();
  }

  #adopt(model: SessionModel, signal: AbortSignal): void {
    const { source } = this.#options;
    this.#model = model;
    this.#loader?.cancel();
    this.#loader = new SegmentLoader({ source, sessionId: model.session.sessionId });
    const { from, to, holes } = model.plan;
    this.state.update({ session: model.session, from, to, holes, marks: model.marks });
    void this.#loadSpans(model, signal);
  }

  async #loadSpans(model: SessionModel, signal: AbortSignal): Promise<void> {
    try {
      const { spans } = await this.#options.source.spans(model.session.sessionId, signal);
      if (signal.aborted) return;
      model.setSpans(spans);
      this.state.update({ spans: model.spans, marks: model.marks, spansStatus: 'ready' });
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.state.update({ spansStatus: 'failed' });
    }
  }

  /** Seeks in the window at hand when that is cheaper, else builds another one. */
  async #go(place: Place): Promise<void> {
    const near =
      this.#window !== undefined &&
      this.#feeder?.stretch === place.stretch &&
      place.time >= this.#window.time &&
      place.time - this.#window.time <= NEAR_SEEK_MS &&
      place.time < this.#feeder.knownUntil &&
      this.state.getSnapshot().status !== 'loading';
    if (near) {
      this.#window?.seekForward(place.time);
      this.#publish(place.time);
      if (this.state.getSnapshot().status === 'ended') this.state.update({ status: 'paused' });
      return;
    }
    const generation = this.#begin();
    try {
      await this.#show(place, generation);
    } catch (error) {
      this.#fail(error, generation);
    }
  }

  async #show(place: Place, generation: number): Promise<void> {
    const { stretch, time } = place;
    const { loader, model } = this.#opened();
    this.#halt('loading');
    this.#publish(time);
    this.state.update({
      recordingId: stretch.recordingId,
      url: model.urlAt(stretch.recordingId, time),
    });
    loader.cancel({
      recordingId: stretch.recordingId,
      index: stretch.segments[segmentAt(stretch, time)]!.index,
    });
    const sanitizer = new Sanitizer({
      allowRemoteImages: this.#options.allowRemoteImages,
      viewerOrigin: location.origin,
    });
    const feeder = new WindowFeeder({
      loader,
      sanitizer,
      stretch,
      onSegment: (index, events) => {
        if (model.learn(stretch.recordingId, index, events) && generation === this.#generation) {
          this.state.update({ marks: model.marks, idle: model.idle(stretch) });
        }
      },
    });
    this.#feeder?.stop();
    this.#feeder = feeder;
    try {
      const horizon = time + this.#aheadMs();
      const [events, ready] = await Promise.all([
        feeder.open(time, horizon),
        this.#stage.prepare(),
      ]);
      if (generation !== this.#generation) return;
      this.#stage.swap(ready, events, time, this.state.getSnapshot().speed);
    } catch (error) {
      if (error instanceof UnusableSegmentError) return this.#retry(error, place, generation);
      throw error;
    }
    this.state.update({ blockedCount: sanitizer.blockedCount, idle: model.idle(stretch) });
    this.#feed(feeder, generation);
    if (this.state.getSnapshot().wantsToPlay) this.#start();
    else this.state.update({ status: 'paused' });
  }

  /** A segment that cannot be read is a hole from now on; playback goes on beside it. */
  async #retry(error: UnusableSegmentError, place: Place, generation: number): Promise<void> {
    if (generation !== this.#generation) return;
    const { model } = this.#opened();
    model.markUnusable(error.recordingId, error.index);
    this.state.update({ holes: model.plan.holes });
    const next = model.plan.at(place.time, place.stretch.recordingId);
    if (next === undefined) throw new NoSnapshotError();
    this.state.update({ isInHole: model.plan.isEmptyAt(place.time) });
    await this.#show(next, generation);
  }

  #feed(feeder: WindowFeeder, generation: number, attempt = 0): void {
    const window = this.#window;
    if (window === undefined || generation !== this.#generation) return;
    const onFed = (): void => {
      this.#lookAhead();
      const { status, wantsToPlay } = this.state.getSnapshot();
      if (status === 'loading' && wantsToPlay) this.#start();
    };
    this.#lookAhead();
    feeder.run(window, onFed).catch((error: unknown) => {
      if (generation !== this.#generation) return;
      if (error instanceof UnusableSegmentError) void this.#cut(error, generation);
      else if (isTransient(error) && attempt < FEED_ATTEMPTS) {
        // What is loaded already plays on meanwhile.
        const again = (): void => this.#feed(feeder, generation, attempt + 1);
        setTimeout(again, FEED_RETRY_MS * 2 ** attempt);
      } else this.#fail(error, generation);
    });
  }

  /** What is loaded ahead turned out to end early: play on to there, then over the hole. */
  async #cut(error: UnusableSegmentError, generation: number): Promise<void> {
    const { model } = this.#opened();
    model.markUnusable(error.recordingId, error.index);
    this.state.update({ holes: model.plan.holes });
    const place = model.plan.at(this.clock.getSnapshot(), error.recordingId);
    if (place !== undefined && generation === this.#generation) await this.#go(place);
  }

  #start(): void {
    const window = this.#window;
    if (window === undefined || document.hidden) {
      this.#resumeWhenVisible = window !== undefined;
      this.state.update({ status: 'paused' });
      return;
    }
    this.state.update({ status: 'playing', isInHole: false });
    window.play();
    this.#frames.start();
  }

  #halt(status: PlaybackState['status']): void {
    if (this.#window !== undefined && this.state.getSnapshot().status === 'playing') {
      this.#window.pause();
      this.#publish(this.#window.time);
    }
    this.#frames.stop();
    this.state.update({ status });
  }

  #onFrame(): void {
    const window = this.#window;
    const feeder = this.#feeder;
    if (window === undefined || feeder === undefined) return;
    const time = window.time;
    if (time >= feeder.stretch.to) {
      this.#frames.stop();
      return void this.#advance();
    }
    if (!feeder.isComplete && time >= feeder.knownUntil) return this.#halt('loading');
    if (this.#frames.isDue('publish', CLOCK_INTERVAL_MS)) {
      this.#publish(time);
      this.#lookAhead();
    }
    if (this.#frames.isDue('prune', PRUNE_INTERVAL_MS)) window.prune();
    if (this.state.getSnapshot().skipInactivity) this.#skip(time, feeder.knownUntil);
  }

  #skip(time: number, knownUntil: number): void {
    const target = skipTarget(this.state.getSnapshot().idle, time, knownUntil);
    if (target === undefined) return;
    this.#notify('inactivity_skipped', target - time);
    this.#window?.seekForward(target);
    this.#publish(target);
  }

  /** The end of what is on the stage: over a hole, to the next page, or the end. */
  async #advance(): Promise<void> {
    const { model } = this.#opened();
    const current = this.#feeder?.stretch;
    if (current === undefined) return;
    const next = model.plan.after(current);
    if (next === undefined) {
      this.#halt('ended');
      this.#window?.seekForward(current.to + 1);
      this.#publish(current.to);
      this.state.update({ wantsToPlay: false });
      return;
    }
    const samePage = next.stretch.recordingId === current.recordingId;
    this.#notify(samePage ? 'gap_skipped' : 'page_changed', next.time - current.to);
    await this.#go(next);
  }

  #publish(time: number): void {
    this.clock.set(time);
    const { recordingId } = this.state.getSnapshot();
    if (recordingId !== undefined)
      this.state.update({ url: this.#model?.urlAt(recordingId, time) });
  }

  #lookAhead(): void {
    const feeder = this.#feeder;
    if (feeder === undefined) return;
    const time = this.clock.getSnapshot();
    feeder.lookTo(time + this.#aheadMs());
    const { buffered } = this.state.getSnapshot();
    const to = feeder.knownUntil;
    if (buffered?.to !== to) this.state.update({ buffered: { from: Math.min(time, to), to } });
  }

  #aheadMs(): number {
    return this.#options.aheadMs * Math.max(1, this.state.getSnapshot().speed);
  }

  #notify(kind: PlaybackNotice['kind'], durationMs: number): void {
    this.state.update({ notice: { kind, durationMs, id: ++this.#noticeCount } });
  }

  #begin(): number {
    this.#feeder?.stop();
    return ++this.#generation;
  }

  #closeWindow(): void {
    this.#halt('loading');
    this.#stage.clear();
    this.#feeder = undefined;
  }

  #opened(): { model: SessionModel; loader: SegmentLoader } {
    if (this.#model === undefined || this.#loader === undefined)
      throw new Error('no session is open');
    return { model: this.#model, loader: this.#loader };
  }

  #fail(error: unknown, generation: number): void {
    if (generation !== this.#generation || this.#stopped || isAbort(error)) return;
    this.#halt('error');
    this.state.update({ error: playbackError(error), wantsToPlay: false });
  }

  /** A hidden page gets no animation frames, and all that was missed would come at once. */
  readonly #onVisibility = (): void => {
    if (document.hidden && this.state.getSnapshot().status === 'playing') {
      this.#resumeWhenVisible = true;
      this.#halt('paused');
    } else if (!document.hidden && this.#resumeWhenVisible) {
      this.#resumeWhenVisible = false;
      this.#start();
    }
  };
}
