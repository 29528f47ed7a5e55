/**
 * What is on the stage: the window that shows a place, and the feeder that loads what comes after.
 * One replayer at a time is shown. Going far (or back) builds another one, hidden, and swaps; a
 * generation number makes whatever was under way for the old place harmless.
 */
import { EventMasker } from '../mask/event-masker.js';
import type { Masks } from '../mask/rules.js';
import { SegmentLoader, UnusableSegmentError } from '../plan/segment-loader.js';
import type { Place } from '../plan/session-plan.js';
import { TooLargeError } from '../plan/too-large.js';
import { segmentAt } from '../plan/stretches.js';
import type { HostPattern } from '../sanitize/hosts.js';
import { Sanitizer } from '../sanitize/sanitizer.js';
import type { Store } from '../store.js';
import { NoSnapshotError } from './failure.js';
import { watchLateAssets } from './late-assets.js';
import { isNear } from './near-seek.js';
import type { PlaybackOptions } from './options.js';
import { ElementNames } from '../timeline/element-names.js';
import type { ReplayWindow } from './replay-window.js';
import { COMING_RETRY_MS, feedRetryMs, mayCome } from './retries.js';
import type { SessionModel } from './session-model.js';
import type { PlaybackState } from './state.js';
import { WindowFeeder } from './window-feeder.js';
import { WindowStage } from './window-stage.js';

export interface SceneOptions extends Required<Omit<PlaybackOptions, 'masking'>> {
  masks: Masks | undefined;
  state: Store<PlaybackState>;
  clock: Store<number>;
  /** Another place is being loaded: nothing may play meanwhile. */
  onLeaving: () => void;
  /** A place is shown. */
  onShown: () => void;
  /** More is loaded. */
  onFed: () => void;
  /** Only for what is still wanted. */
  onFailed: (error: unknown) => void;
}

const PREFETCH_AHEAD_MS = 5000;

export class Scene {
  readonly #o: SceneOptions;
  readonly #stage: WindowStage;
  #generation = 0;
  #model: SessionModel | undefined;
  #loader: SegmentLoader | undefined;
  #feeder: WindowFeeder | undefined;
  #sanitizer: Sanitizer | undefined;
  #renewed: WindowFeeder | undefined;
  #unwatch = (): void => undefined;

  constructor(options: SceneOptions) {
    this.#o = options;
    this.#stage = new WindowStage({
      stage: options.stage,
      allowHosts: options.allowHosts,
      onViewport: (viewport) => options.state.update({ viewport: { ...viewport } }),
    });
  }

  get window(): ReplayWindow | undefined {
    return this.#stage.window;
  }

  get loader(): SegmentLoader | undefined {
    return this.#loader;
  }

  /** Calls elements by their texts, unless rules hide more of them than the recording does. */
  newNames(): ElementNames {
    return new ElementNames(this.#o.masks === undefined);
  }

  get feeder(): WindowFeeder | undefined {
    return this.#feeder;
  }

  /** Forgets what is under way; what begins now is wanted until the next call. */
  begin(): number {
    this.#feeder?.stop();
    return ++this.#generation;
  }

  isWanted(generation: number): boolean {
    return generation === this.#generation;
  }

  /** Takes the window off the stage, and loads what every window needs. */
  clear(): void {
    this.#stage.clear();
    this.#feeder = undefined;
    // Early, it loads beside the manifest; whoever needs it reports a failure.
    void this.#stage.prepare().catch(() => undefined);
  }

  /** The session that {@link go} and {@link show} are about from now on. */
  setModel(model: SessionModel): void {
    this.#model = model;
    this.#loader?.cancel();
    const { masks, source, state } = this.#o;
    model.assets.fontsOnly = masks !== undefined && (masks.hasSelectors || masks.allText);
    this.#unwatch();
    this.#unwatch = watchLateAssets(model.assets, {
      misses: (url) => this.#sanitizer?.misses(url) === true,
      isLoading: () => state.getSnapshot().status === 'loading',
      showAgain: () => void this.#showAgain(this.begin()),
    });
    this.#loader = new SegmentLoader({ source, masks, sessionId: model.session.sessionId });
  }

  /** Nothing can be shown afterwards. */
  stop(): void {
    this.begin();
    this.#unwatch();
    this.#loader?.cancel();
    this.#feeder = undefined;
    void this.#stage.remove();
  }

  /** Seeks in the window at hand when that is cheaper (see near-seek.ts), else builds another one. */
  async go(place: Place, { alongLoaded = false } = {}): Promise<void> {
    const { window } = this;
    const isLoading = this.#o.state.getSnapshot().status === 'loading';
    if (window && !isLoading && isNear(place, window, this.#feeder, alongLoaded)) {
      window.seekForward(place.time);
      this.publish(place.time);
      return;
    }
    const generation = this.begin();
    try {
      await this.show(place, generation);
    } catch (error) {
      this.fail(error, generation);
    }
  }

  /** Builds a window at `place` and shows it. Throws what the source throws, NoSnapshotError. */
  async show(place: Place, generation: number, attempt = 0): Promise<void> {
    const { stretch, time } = place;
    const { state } = this.#o;
    const { loader, model } = this.#opened();
    this.#o.onLeaving();
    this.publish(time);
    const { recordingId } = stretch;
    state.update({ recordingId, url: model.urlAt(recordingId, time) });
    loader.cancel({ recordingId, index: stretch.segments[segmentAt(stretch, time)]!.index });
    const { allowedHosts: allowHosts } = state.getSnapshot();
    const { assets } = model;
    const sanitizer = new Sanitizer({ allowHosts, viewerOrigin: location.origin, assets });
    this.#sanitizer = sanitizer;
    const feeder = this.#newFeeder(place, sanitizer, generation);
    try {
      const horizon = time + this.#aheadMs();
      const [events, ready] = await Promise.all([
        feeder.open(time, horizon),
        this.#stage.prepare(),
      ]);
      if (!this.isWanted(generation)) return;
      this.#stage.swap(ready, events, time, state.getSnapshot().speed);
    } catch (error) {
      if (!(error instanceof UnusableSegmentError)) throw error;
      if (!this.#mayCome(error, attempt)) return this.#retry(error, place, generation);
      await new Promise((resolve) => setTimeout(resolve, COMING_RETRY_MS));
      if (this.isWanted(generation)) await this.show(place, generation, attempt + 1);
      return;
    }
    this.#publishBlocked(sanitizer);
    state.update({ idle: model.idle(feeder.stretch) });
    this.#feed(feeder, generation);
    this.#o.onShown();
  }

  /** Shows the moment at hand again, and what may now be loaded with it. */
  async allowHosts(hosts: readonly HostPattern[]): Promise<void> {
    const generation = this.begin();
    this.#o.onLeaving();
    this.#o.state.update({ allowedHosts: hosts, blockedCount: 0, blockedHosts: [] });
    this.#stage.setHosts(hosts);
    await this.#showAgain(generation);
  }

  async #showAgain(generation: number): Promise<void> {
    const stretch = this.#feeder?.stretch;
    if (stretch === undefined) return;
    try {
      await this.show({ stretch, time: this.#o.clock.getSnapshot() }, generation);
    } catch (error) {
      this.fail(error, generation);
    }
  }

  /** Loads what is needed to show a place, so that going there takes no time. */
  async prefetch({ stretch, time }: Place): Promise<void> {
    await this.#loader?.prefetch(stretch, segmentAt(stretch, time), time + PREFETCH_AHEAD_MS);
  }

  fail(error: unknown, generation: number): void {
    if (this.isWanted(generation)) this.#o.onFailed(error);
  }

  /** The session grew: so does what is on the stage, if that is where it grew. */
  grow(): void {
    const feeder = this.#feeder;
    const model = this.#model;
    if (feeder === undefined || model === undefined) return;
    const grown = model.plan.grownFrom(feeder.stretch);
    if (grown === undefined) return;
    feeder.extend(grown);
    this.#o.state.update({ idle: model.idle(grown) });
    this.lookAhead();
  }

  publish(time: number): void {
    const { clock, state } = this.#o;
    clock.set(time);
    const { recordingId } = state.getSnapshot();
    if (recordingId !== undefined) state.update({ url: this.#model?.urlAt(recordingId, time) });
  }

  lookAhead(): void {
    const feeder = this.#feeder;
    if (feeder === undefined) return;
    const time = this.#o.clock.getSnapshot();
    feeder.lookTo(time + this.#aheadMs());
    const { buffered } = this.#o.state.getSnapshot();
    const to = feeder.knownUntil;
    if (buffered?.to !== to) {
      this.#o.state.update({ buffered: { from: Math.min(time, to), to } });
    }
  }

  #newFeeder({ stretch }: Place, sanitizer: Sanitizer, generation: number): WindowFeeder {
    const { loader, model } = this.#opened();
    const { recordingId } = stretch;
    const names = this.newNames();
    const feeder = new WindowFeeder({
      ...{ loader, sanitizer, stretch },
      masker: this.#o.masks && new EventMasker(this.#o.masks),
      onSegment: (index, events) => {
        this.#publishBlocked(sanitizer);
        if (model.learn(recordingId, index, events, names) && this.isWanted(generation)) {
          this.#o.state.update({ ...model.happenings, idle: model.idle(feeder.stretch) });
        }
      },
    });
    this.#feeder?.stop();
    this.#feeder = feeder;
    return feeder;
  }

  #publishBlocked({ blockedCount, blockedHosts }: Sanitizer): void {
    const { state } = this.#o;
    if (blockedCount !== state.getSnapshot().blockedCount)
      state.update({ blockedCount, blockedHosts });
  }

  /** A segment that cannot be read is a hole from now on; playback goes on beside it. */
  async #retry(error: UnusableSegmentError, place: Place, generation: number): Promise<void> {
    if (!this.isWanted(generation)) return;
    const { plan } = this.#markUnusable(error);
    const next = plan.at(place.time, place.stretch.recordingId);
    if (next === undefined && error.isTooLarge)
      throw new TooLargeError('it is a single huge event');
    if (next === undefined) throw new NoSnapshotError();
    this.#o.state.update({ isInHole: plan.isEmptyAt(place.time) });
    await this.show(next, generation);
  }

  #feed(feeder: WindowFeeder, generation: number, attempt = 0): void {
    const { window } = this;
    if (window === undefined || !this.isWanted(generation)) return;
    this.lookAhead();
    const onFed = (): void => {
      this.lookAhead();
      this.#o.onFed();
    };
    feeder.run(window, onFed).catch((error: unknown) => {
      if (!this.isWanted(generation)) return;
      const again = (): void => this.#feed(feeder, generation, attempt + 1);
      // Played for hours without a checkpoint, there may be too much only in this window.
      if (error instanceof TooLargeError && attempt === 0 && feeder !== this.#renewed) {
        return void this.#showAgain(this.begin()).then(() => (this.#renewed = this.#feeder));
      }
      if (error instanceof UnusableSegmentError) {
        if (this.#mayCome(error, attempt)) setTimeout(again, COMING_RETRY_MS);
        else void this.#cut(error);
        return;
      }
      const wait = feedRetryMs(error, attempt);
      if (wait === undefined) this.#o.onFailed(error);
      else setTimeout(again, wait);
    });
  }

  /** What is loaded ahead turned out to end early: play on to there, then over the hole. */
  async #cut(error: UnusableSegmentError): Promise<void> {
    const { plan } = this.#markUnusable(error);
    const place = plan.at(this.#o.clock.getSnapshot(), error.recordingId);
    if (place !== undefined) await this.go(place);
  }

  #mayCome(error: UnusableSegmentError, attempt: number): boolean {
    return mayCome(error, attempt, this.#o.state.getSnapshot().live);
  }

  #markUnusable({ recordingId, index }: UnusableSegmentError): SessionModel {
    const { model } = this.#opened();
    model.markUnusable(recordingId, index);
    const { unreadableCount } = model.happenings;
    this.#o.state.update({ holes: model.plan.holes, unreadableCount });
    return model;
  }

  #aheadMs(): number {
    return this.#o.aheadMs * Math.max(1, this.#o.state.getSnapshot().speed);
  }

  #opened(): { model: SessionModel; loader: SegmentLoader } {
    if (this.#model === undefined || this.#loader === undefined)
      throw new Error('no session is open');
    return { model: this.#model, loader: this.#loader };
  }
}
