/** What each frame of playback does: tells the time, loads ahead, skips, and goes on at an end. */
import type { Place, SessionPlan } from '../plan/session-plan.js';
import type { Store } from '../store.js';
import { skipTarget } from '../timeline/idle.js';
import { FrameLoop } from './frame-loop.js';
import type { Scene } from './scene.js';
import type { PlaybackNotice, PlaybackState, PlaybackStatus } from './state.js';

const CLOCK_INTERVAL_MS = 33;
const PRUNE_INTERVAL_MS = 5000;
/** Recorders send every 5 s: who is closer to the end waits for the next piece. */
export const LIVE_DELAY_MS = 5000;
/** Who follows and is further behind jumps: nothing happened for a while, or the browser was slow. */
const MAX_LIVE_LAG_MS = 15_000;
const FOLLOW_INTERVAL_MS = 1000;

export interface ProgressOptions {
  scene: Scene;
  state: Store<PlaybackState>;
  plan: () => SessionPlan | undefined;
  halt: (status: PlaybackStatus) => void;
  seek: (time: number) => Promise<void>;
  go: (place: Place) => Promise<void>;
}

export class Progress {
  readonly #o: ProgressOptions;
  readonly #frames = new FrameLoop(() => this.#onFrame());
  #noticeCount = 0;

  constructor(options: ProgressOptions) {
    this.#o = options;
  }

  start(): void {
    this.#frames.start();
  }

  stop(): void {
    this.#frames.stop();
  }

  #onFrame(): void {
    const { halt, scene, state } = this.#o;
    const { feeder, window } = scene;
    if (window === undefined || feeder === undefined) return;
    const time = window.time;
    if (time >= feeder.stretch.to) {
      this.#frames.stop();
      return void this.#advance();
    }
    if (!feeder.isComplete && time >= feeder.knownUntil) return halt('loading');
    if (this.#frames.isDue('publish', CLOCK_INTERVAL_MS)) {
      scene.publish(time);
      scene.lookAhead();
    }
    if (this.#frames.isDue('prune', PRUNE_INTERVAL_MS)) window.prune();
    const { isFollowing, skipInactivity } = state.getSnapshot();
    if (isFollowing && this.#frames.isDue('follow', FOLLOW_INTERVAL_MS)) this.#catchUp(time);
    else if (skipInactivity) this.#skip(time, feeder.knownUntil);
  }

  #catchUp(time: number): void {
    const to = this.#o.plan()?.to ?? 0;
    if (to - time > MAX_LIVE_LAG_MS) void this.#o.seek(to - LIVE_DELAY_MS);
  }

  #skip(time: number, knownUntil: number): void {
    const { scene, state } = this.#o;
    const target = skipTarget(state.getSnapshot().idle, time, knownUntil);
    if (target === undefined) return;
    this.#notify('inactivity_skipped', target - time);
    scene.window?.seekForward(target);
    scene.publish(target);
  }

  /** The end of what is on the stage: over a hole, to the next page, to what comes, or the end. */
  async #advance(): Promise<void> {
    const { go, halt, scene, state } = this.#o;
    const current = scene.feeder?.stretch;
    const plan = this.#o.plan();
    if (current === undefined || plan === undefined) return;
    const next = plan.after(current);
    const { live } = state.getSnapshot();
    const goesOn = live === 'on' || live === 'interrupted';
    // Not to and fro between two tabs that both send: only when this one fell silent.
    const isOtherTab = next !== undefined && next.stretch.from < current.to;
    const waits = goesOn && isOtherTab && plan.to - current.to < MAX_LIVE_LAG_MS;
    if (next === undefined || waits) {
      halt(goesOn ? 'waiting' : 'ended');
      scene.window?.seekForward(current.to + 1);
      scene.publish(current.to);
      state.update(goesOn ? { isFollowing: true } : { wantsToPlay: false });
      return;
    }
    const samePage = next.stretch.recordingId === current.recordingId;
    this.#notify(samePage ? 'gap_skipped' : 'page_changed', next.time - current.to);
    await go(next);
  }

  #notify(kind: PlaybackNotice['kind'], durationMs: number): void {
    this.#o.state.update({ notice: { kind, durationMs, id: ++this.#noticeCount } });
  }
}
