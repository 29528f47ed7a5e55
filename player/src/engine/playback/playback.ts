/**
 * The playback engine: opens a session at a moment, plays, seeks, follows what is being recorded,
 * and tells a view about it.
 */
import { isAbort, type ReplaySource } from '../client/source.js';
import { createMasks } from '../mask/rules.js';
import { maskedSource } from '../mask/masked-source.js';
import { startLiveUpdates } from '../live/live-updates.js';
import type { Place } from '../plan/session-plan.js';
import { parseHosts, type HostPattern } from '../sanitize/hosts.js';
import { Store } from '../store.js';
import type { SessionReader } from '../timeline/session-reader.js';
import { playbackError } from './failure.js';
import { openSession, placeOf, type OpenRequest } from './open-session.js';
import { newReader } from './new-reader.js';
import { SPEED_RANGE, type PlaybackOptions } from './options.js';
import { LIVE_DELAY_MS, Progress } from './progress.js';
import { Scene } from './scene.js';
import { Scrubbing } from './scrubbing.js';
import type { SessionModel } from './session-model.js';
import { INITIAL_STATE, type PlaybackState, type PlaybackStatus } from './state.js';

export class Playback {
  /** Everything but the time; changes rarely. */
  readonly state = new Store<PlaybackState>(INITIAL_STATE);
  /** The playhead, Unix milliseconds; changes 30 times a second. */
  readonly clock = new Store<number>(0);

  /** `masking` hides more than the recording does: the recording itself must not be handed out. */
  readonly isMasked: boolean;
  readonly #source: ReplaySource;
  readonly #scene: Scene;
  readonly #progress: Progress;
  readonly #scrubbing = new Scrubbing((time) => this.seek(time));
  #model: SessionModel | undefined;
  #reader: SessionReader | undefined;
  #requests = new AbortController();
  #resumeWhenVisible = false;
  #stopped = false;

  /** Throws TypeError that names the option it does not understand. */
  constructor(options: PlaybackOptions) {
    const { aheadMs = 30_000, stage } = options;
    const masks = createMasks(options.masking);
    this.isMasked = masks !== undefined;
    const allowHosts = parseHosts(options.allowHosts ?? []);
    this.#source = masks === undefined ? options.source : maskedSource(options.source, masks);
    this.state.update({ allowedHosts: allowHosts });
    this.#scene = new Scene({
      ...{ aheadMs, allowHosts, masks, source: this.#source, stage },
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
    this.#progress = new Progress({
      ...{ scene: this.#scene, state: this.state, plan: () => this.#model?.plan },
      halt: (status) => this.#halt(status),
      seek: (time) => this.#seek(time),
      go: (place) => this.#go(place),
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
    this.#scrubbing.forget();
    scene.clear();
    const { allowedHosts, speed, skipInactivity } = this.state.getSnapshot();
    const { traceId } = request;
    this.state.set({ ...INITIAL_STATE, allowedHosts, speed, skipInactivity, traceId });
    try {
      const { signal } = this.#requests;
      const { model, wanted } = await openSession(this.#source, request, signal);
      if (!scene.isWanted(generation)) return;
      this.#adopt(model, signal);
      const { place, isInHole } = placeOf(model, wanted);
      this.state.update({ isInHole });
      await scene.show(place, generation);
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

  /** As {@link seek}, of places that follow each other quickly: of those that wait only the last is shown. */
  scrub(time: number): void {
    this.#scrubbing.to(time);
  }

  /** @param deltaMs recorded time, negative for back */
  async seekBy(deltaMs: number): Promise<void> {
    await this.seek((this.#scrubbing.waiting ?? this.clock.getSnapshot()) + deltaMs);
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

  /**
   * Loads from `host` from now on, at the same moment of the replay: see `PlaybackOptions.allowHosts`
   * and `state.blockedHosts`. Throws TypeError when it is no host.
   */
  async allowHost(host: HostPattern): Promise<void> {
    const { allowedHosts } = this.state.getSnapshot();
    const hosts = parseHosts([...allowedHosts, host]);
    if (hosts.length > allowedHosts.length) await this.#scene.allowHosts(hosts);
  }

  /** Loads what a seek to `time` (Unix ms) needs, while a pointer rests on a marker; never fails. */
  async prefetch(time: number): Promise<void> {
    const place = this.#model?.plan.at(time, this.state.getSnapshot().recordingId);
    if (place !== undefined) await this.#scene.prefetch(place);
  }

  /** The node of the recording with rrweb's id `id`, as it is on the stage. */
  replayNode(id: number): Node | null {
    return this.#scene.window?.nodeOf(id) ?? null;
  }

  /**
   * Reads what was not played yet, for `state.requests`, `.logs` and exact `.marks`; nearest to the
   * playhead first. `state.reading` tells how far it is.
   * @param maxBytes compressed bytes to read at most; default 8 MiB
   */
  readRest(maxBytes?: number): void {
    this.#reader?.read(maxBytes);
  }

  /** The document that is on the stage. */
  get replayDocument(): Document | null {
    return this.#scene.window?.document ?? null;
  }

  /** Ends everything; the engine cannot be used afterwards. */
  stop(): void {
    this.#stopped = true;
    this.#requests.abort();
    this.#scrubbing.forget();
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#halt('loading');
    this.#scene.stop();
  }

  #adopt(model: SessionModel, signal: AbortSignal): void {
    this.#model = model;
    this.#scene.setModel(model);
    const { from, to, holes } = model.plan;
    this.state.update({ session: model.session, from, to, holes, ...model.happenings });
    const playhead = this.clock.getSnapshot;
    this.#reader = newReader({ model, scene: this.#scene, state: this.state, playhead, signal });
    this.state.update({ reading: this.#reader.reading });
    const loadSpans = (): Promise<void> => this.#loadSpans(model, signal);
    void loadSpans();
    const source = this.#source;
    const onChanged = (): void => {
      this.#scene.grow();
      this.#reader?.grow();
      this.#goOn('waiting');
    };
    startLiveUpdates({ source, model, state: this.state, signal, loadSpans, onChanged });
  }

  async #loadSpans(model: SessionModel, signal: AbortSignal): Promise<void> {
    try {
      const { spans } = await this.#source.spans(model.session.sessionId, signal);
      if (signal.aborted) return;
      model.setSpans(spans);
      this.state.update({ spans: model.spans, ...model.happenings, spansStatus: 'ready' });
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
    this.#scrubbing.forget();
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
    this.#progress.start();
  }

  #halt(status: PlaybackStatus): void {
    const { window } = this.#scene;
    if (window !== undefined && this.state.getSnapshot().status === 'playing') {
      window.pause();
      this.#scene.publish(window.time);
    }
    this.#progress.stop();
    this.state.update({ status });
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
