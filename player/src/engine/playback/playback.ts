/**
 * The playback engine: opens a session at a moment, plays, seeks, follows what is being recorded,
 * and tells a view about it.
 */
import { isAbort } from '../client/source.js';
import { startLiveUpdates } from '../live/live-updates.js';
import type { Place } from '../plan/session-plan.js';
import { Store } from '../store.js';
import { skipTarget } from '../timeline/idle.js';
import { playbackError } from './failure.js';
import { FrameLoop } from './frame-loop.js';
import { openSession, placeOf, type OpenRequest } from './open-session.js';
import { SPEED_RANGE, type PlaybackOptions } from './options.js';
import { Scene } from './scene.js';
import type { SessionModel } from './session-model.js';
import {
  INITIAL_STATE,
  type PlaybackNotice,
  type PlaybackState,
  type PlaybackStatus,
} from './state.js';

const CLOCK_INTERVAL_MS = 33;
const PRUNE_INTERVAL_MS = 5000;
/** Recorders send every 5 s: who is closer to the end waits for the next piece. */
const LIVE_DELAY_MS = 5000;
/** Who follows and is further behind jumps: nothing happened for a while, or the browser was slow. */
const MAX_LIVE_LAG_MS = 15_000;
const FOLLOW_INTERVAL_MS = 1000;

export class Playback {
  /** Everything but the time; changes rarely. */
  readonly state = new Store<PlaybackState>(INITIAL_STATE);
  /** The playhead, Unix milliseconds; changes 30 times a second. */
  readonly clock = new Store<number>(0);

  readonly #options: Required<PlaybackOptions>;
  readonly #scene: Scene;
  readonly #frames = new FrameLoop(() => this.#onFrame());
  #model: SessionModel | undefined;
  #requests = new AbortController();
  #noticeCount = 0;
  #resumeWhenVisible = false;
  #stopped = false;

  constructor(options: PlaybackOptions) {
    this.#options = { aheadMs: 30_000, allowRemoteImages: false, ...options };
    this.#scene = new Scene({
      ...this.#options,
      state: this.state,
      clock: this.clock,
      onLeaving: () => this.#halt('loading'),
      onShown: () => {
        if (this.state.getSnapshot().wantsToPlay) this.#start();
        else this.state.update({ status: 'paused' });
      },
      onFed: () => this.#goOn('loading'),
      onFailed: (error) => this.#fail(error),
    });
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Resolves when the first frame is shown, or the state says why there is none. */
  async open(request: OpenRequest): Promise<void> {
    const scene = this.#scene;
    const generation = scene.begin();
    this.#requests.abort();
    this.#requests = new AbortController();
    this.#halt('loading');
    scene.clear();
    const { speed, skipInactivity } = this.state.getSnapshot();
    this.state.set({ ...INITIAL_STATE, speed, skipInactivity, traceId: request.traceId });
    try {
      const { signal } = this.#requests;
      const { model, wanted } = await openSession(this.#options.source, request, signal);
      if (!scene.isWanted(generation)) return;
      this.#adopt(model, signal);
      await scene.show(placeOf(model, wanted), generation);
    } catch (error) {
      scene.fail(error, generation);
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
    this.state.update({ wantsToPlay: false, isFollowing: false });
    this.#resumeWhenVisible = false;
    const { status } = this.state.getSnapshot();
    if (status === 'playing' || status === 'waiting') this.#halt('paused');
  }

  toggle(): void {
    if (this.state.getSnapshot().wantsToPlay) this.pause();
    else this.play();
  }

  /** @param time Unix milliseconds; outside of the session its nearest end is meant */
  async seek(time: number): Promise<void> {
    this.state.update({ isFollowing: false });
    await this.#seek(time);
  }

  /** @param deltaMs recorded time, negative for back */
  async seekBy(deltaMs: number): Promise<void> {
    await this.seek(this.clock.getSnapshot() + deltaMs);
  }

  /** Plays what was recorded last, and stays there while the session is recorded. */
  async goLive(): Promise<void> {
    if (this.#model === undefined) return;
    this.state.update({ isFollowing: true, wantsToPlay: true });
    await this.#seek(this.#model.plan.to - LIVE_DELAY_MS);
  }

  /** Shows another recording of the session, at the same moment if it was there. */
  async selectRecording(recordingId: string): Promise<void> {
    const place = this.#model?.plan.within(recordingId, this.clock.getSnapshot());
    if (place === undefined) return;
    this.state.update({ isInHole: false, isFollowing: false });
    await this.#go(place);
  }

  setSpeed(speed: number): void {
    const bounded = Math.min(Math.max(speed, SPEED_RANGE.min), SPEED_RANGE.max);
    this.state.update({ speed: bounded });
    this.#scene.window?.setSpeed(bounded);
    this.#scene.lookAhead();
  }

  setSkipInactivity(skipInactivity: boolean): void {
    this.state.update({ skipInactivity });
  }

  /** The document that is on the stage. */
  get replayDocument(): Document | null {
    return this.#scene.window?.document ?? null;
  }

  /** Ends everything; the engine cannot be used afterwards. */
  stop(): void {
    this.#stopped = true;
    this.#requests.abort();
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#halt('loading');
    this.#scene.stop();
  }

  #adopt(model: SessionModel, signal: AbortSignal): void {
    this.#model = model;
    this.#scene.setModel(model);
    const { from, to, holes } = model.plan;
    this.state.update({ session: model.session, from, to, holes, marks: model.marks });
    const loadSpans = (): Promise<void> => this.#loadSpans(model, signal);
    void loadSpans();
    const { source } = this.#options;
    const onChanged = (): void => {
      this.#scene.grow();
      this.#goOn('waiting');
    };
    startLiveUpdates({ source, model, state: this.state, signal, loadSpans, onChanged });
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

  async #seek(time: number): Promise<void> {
    if (this.#model === undefined) return;
    const { plan } = this.#model;
    const wanted = Math.min(Math.max(time, plan.from), plan.to);
    const place = plan.at(wanted, this.state.getSnapshot().recordingId);
    if (place === undefined) return;
    this.state.update({ isInHole: plan.isEmptyAt(wanted) });
    await this.#go(place);
  }

  async #go(place: Place): Promise<void> {
    const alongLoaded = this.state.getSnapshot().isFollowing;
    await this.#scene.go(place, { alongLoaded });
    const { status, wantsToPlay } = this.state.getSnapshot();
    if (status !== 'ended' && status !== 'paused' && status !== 'waiting') return;
    if (wantsToPlay) this.#start();
    else this.state.update({ status: 'paused' });
  }

  /** Plays on, where `held` kept it from that and there is more now. */
  #goOn(held: 'loading' | 'waiting'): void {
    const { isFollowing, live, status, wantsToPlay } = this.state.getSnapshot();
    // Who saw the end of a session sees it go on.
    const wakes = held === 'waiting' && status === 'ended' && isFollowing && live === 'on';
    if (wakes) this.state.update({ wantsToPlay: true });
    if (wakes || (status === held && wantsToPlay)) this.#start();
  }

  #start(): void {
    const { window } = this.#scene;
    if (window === undefined || document.hidden) {
      this.#resumeWhenVisible = window !== undefined;
      this.state.update({ status: 'paused' });
      return;
    }
    this.state.update({ status: 'playing', isInHole: false });
    window.play();
    this.#frames.start();
  }

  #halt(status: PlaybackStatus): void {
    const { window } = this.#scene;
    if (window !== undefined && this.state.getSnapshot().status === 'playing') {
      window.pause();
      this.#scene.publish(window.time);
    }
    this.#frames.stop();
    this.state.update({ status });
  }

  #onFrame(): void {
    const { feeder, window } = this.#scene;
    if (window === undefined || feeder === undefined) return;
    const time = window.time;
    if (time >= feeder.stretch.to) {
      this.#frames.stop();
      return void this.#advance();
    }
    if (!feeder.isComplete && time >= feeder.knownUntil) return this.#halt('loading');
    if (this.#frames.isDue('publish', CLOCK_INTERVAL_MS)) {
      this.#scene.publish(time);
      this.#scene.lookAhead();
    }
    if (this.#frames.isDue('prune', PRUNE_INTERVAL_MS)) window.prune();
    const { isFollowing, skipInactivity } = this.state.getSnapshot();
    if (isFollowing && this.#frames.isDue('follow', FOLLOW_INTERVAL_MS)) this.#catchUp(time);
    else if (skipInactivity) this.#skip(time, feeder.knownUntil);
  }

  #catchUp(time: number): void {
    const to = this.#model?.plan.to ?? 0;
    if (to - time > MAX_LIVE_LAG_MS) void this.#seek(to - LIVE_DELAY_MS);
  }

  #skip(time: number, knownUntil: number): void {
    const target = skipTarget(this.state.getSnapshot().idle, time, knownUntil);
    if (target === undefined) return;
    this.#notify('inactivity_skipped', target - time);
    this.#scene.window?.seekForward(target);
    this.#scene.publish(target);
  }

  /** The end of what is on the stage: over a hole, to the next page, to what comes, or the end. */
  async #advance(): Promise<void> {
    const current = this.#scene.feeder?.stretch;
    const plan = this.#model?.plan;
    if (current === undefined || plan === undefined) return;
    const next = plan.after(current);
    const { live } = this.state.getSnapshot();
    const goesOn = live === 'on' || live === 'interrupted';
    // Not to and fro between two tabs that both send: only when this one fell silent.
    const isOtherTab = next !== undefined && next.stretch.from < current.to;
    const waits = goesOn && isOtherTab && plan.to - current.to < MAX_LIVE_LAG_MS;
    if (next === undefined || waits) {
      this.#halt(goesOn ? 'waiting' : 'ended');
      this.#scene.window?.seekForward(current.to + 1);
      this.#scene.publish(current.to);
      this.state.update(goesOn ? { isFollowing: true } : { wantsToPlay: false });
      return;
    }
    const samePage = next.stretch.recordingId === current.recordingId;
    this.#notify(samePage ? 'gap_skipped' : 'page_changed', next.time - current.to);
    await this.#go(next);
  }

  #notify(kind: PlaybackNotice['kind'], durationMs: number): void {
    this.state.update({ notice: { kind, durationMs, id: ++this.#noticeCount } });
  }

  #fail(error: unknown): void {
    if (this.#stopped || isAbort(error)) return;
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
