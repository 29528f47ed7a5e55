/** Builds the window at a moment and keeps it fed: from the checkpoint before, and then ahead. */
import type { ReplayEvent } from '@otel-replay/protocol';
import type { SegmentLoader } from '../plan/segment-loader.js';
import { requestStepAfter } from '../plan/request-step.js';
import { checkpointBefore, segmentAt, type Stretch } from '../plan/stretches.js';
import { MAX_WINDOW_BYTES, TooLargeError } from '../plan/too-large.js';
import type { EventMasker } from '../mask/event-masker.js';
import { EVENT_TYPE } from '../rrweb-events.js';
import type { Sanitizer } from '../sanitize/sanitizer.js';
import type { ReplayWindow } from './replay-window.js';

/** Events handed to the replayer before the page may paint again. */
const SLICE_EVENTS = 100;

export interface WindowFeederOptions {
  loader: SegmentLoader;
  sanitizer: Sanitizer;
  /** Stricter rules than those it was recorded under. */
  masker: EventMasker | undefined;
  stretch: Stretch;
  /** Every decoded segment, before anything is taken out of it. */
  onSegment: (index: number, events: readonly ReplayEvent[]) => void;
}

export class WindowFeeder {
  #stretch: Stretch;
  readonly #options: WindowFeederOptions;
  /** Position of the next segment to load. */
  #next = 0;
  #healing = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #horizon = -Infinity;

  constructor(options: WindowFeederOptions) {
    this.#options = options;
    this.#stretch = options.stretch;
  }

  /** What is fed; it grows while its session is recorded. */
  get stretch(): Stretch {
    return this.#stretch;
  }

  /** Everything up to here is loaded, Unix milliseconds; the stretch's end when it is complete. */
  get knownUntil(): number {
    return this.stretch.segments[this.#next]?.firstTimestamp ?? this.stretch.to;
  }

  get isComplete(): boolean {
    return this.#next >= this.stretch.segments.length;
  }

  /** Sanitized events from the checkpoint before `time` up to and with the segment at `time`. */
  async open(time: number, horizon: number): Promise<ReplayEvent[]> {
    const { loader, masker, sanitizer } = this.#options;
    const ahead = requestStepAfter(horizon);
    const made = await loader.opening(this.stretch, segmentAt(this.stretch, time), ahead);
    if (this.#stopped) return [];
    const opening = made?.events ?? [];
    const start = masker?.mask(opening) ?? opening;
    const first =
      made === undefined
        ? checkpointBefore(this.stretch, time)
        : this.stretch.segments.findIndex(({ index }) => index === made.nextIndex);
    const count = segmentAt(this.stretch, time) - first + 1;
    this.#next = first;
    const bytes = this.stretch.segments
      .slice(first, first + count)
      .reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
    if (bytes > MAX_WINDOW_BYTES) {
      throw new TooLargeError(`${Math.round(bytes / 1e6)} MB of changes lead to it`);
    }
    const loaded: ReplayEvent[] = [];
    // Counted, because the stretch may grow meanwhile.
    for (let n = 0; n < count; n++, this.#next++) {
      for (const event of await this.#load(this.#next, horizon)) loaded.push(event);
      if (this.#stopped) return [];
    }
    // Files that came along are known by now.
    const events = start.flatMap((event) => sanitizer.sanitize(event) ?? []);
    for (const event of loaded) {
      // What is not drawn must not tell the sanitizer what the page is like.
      if (events.length >= 2 && this.#isCheckpoint(event)) continue;
      const safe = sanitizer.sanitize(event);
      if (safe !== undefined) events.push(safe);
    }
    this.#checkSize();
    return events.sort((a, b) => a.timestamp - b.timestamp);
  }

  /**
   * Feeds `window` until {@link stop} was called, never further than {@link lookTo} allows. When
   * the stretch is complete it waits: it may be extended.
   */
  async run(window: ReplayWindow, onFed: () => void): Promise<void> {
    while (!this.#stopped) {
      if (this.isComplete || this.knownUntil > this.#horizon) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const events = await this.#load(this.#next, this.#horizon);
      await this.#append(window, events);
      if (this.#stopped) return;
      this.#next++;
      // The replayer takes events in microtasks: by then they are in.
      await Promise.resolve();
      onFed();
    }
  }

  /** @param stretch the same one with more segments, at either end */
  extend(stretch: Stretch): void {
    const first = this.#stretch.segments[0]!.index;
    this.#next += stretch.segments.findIndex((segment) => segment.index === first);
    this.#stretch = stretch;
    this.lookTo(this.#horizon);
  }

  /** How far ahead to load, Unix milliseconds. */
  lookTo(horizon: number): void {
    this.#horizon = horizon;
    if (!this.isComplete && this.knownUntil <= horizon) this.#resume();
  }

  stop(): void {
    this.#stopped = true;
    this.#resume();
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  async #load(position: number, horizon: number): Promise<ReplayEvent[]> {
    const { loader, masker, onSegment } = this.#options;
    const { index } = this.stretch.segments[position]!;
    const decoded = await loader.events(this.stretch, position, requestStepAfter(horizon));
    const events = masker?.mask(decoded) ?? decoded;
    if (!this.#stopped) onSegment(index, events);
    return events;
  }

  /**
   * Checkpoints are left out: each would rebuild the whole page during playback. Only after the
   * recorder had to drop events the next one is used, because the page may differ since.
   */
  async #append(window: ReplayWindow, events: readonly ReplayEvent[]): Promise<void> {
    const { sanitizer } = this.#options;
    const heals = this.#healing;
    const slice: ReplayEvent[] = [];
    for (const event of events) {
      const isCheckpoint = this.#isCheckpoint(event);
      if (isCheckpoint && !heals) continue;
      if (isCheckpoint) this.#healing = false;
      const safe = sanitizer.sanitize(event);
      this.#checkSize();
      if (safe !== undefined) slice.push(safe);
      if (slice.length >= SLICE_EVENTS) {
        window.append(slice.splice(0));
        await new Promise((resolve) => setTimeout(resolve));
        if (this.#stopped) return;
      }
    }
    window.append(slice);
    if (this.stretch.segments[this.#next]!.droppedEvents > 0) this.#healing = true;
  }

  #checkSize(): void {
    if (!this.#options.sanitizer.isOverfull) return;
    throw new TooLargeError('the page has, or had since the last checkpoint, too many elements');
  }

  #isCheckpoint(event: ReplayEvent): boolean {
    return event.type === EVENT_TYPE.META || event.type === EVENT_TYPE.FULL_SNAPSHOT;
  }
}
