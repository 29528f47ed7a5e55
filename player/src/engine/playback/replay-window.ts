/**
 * One rrweb Replayer over the events from a checkpoint on. It is only ever fed forward: rrweb
 * applies events older than its playhead to the current DOM, so going back takes a new window.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Replayer } from 'rrweb';
import type { eventWithTime } from '@rrweb/types';
import { ElementStates } from './element-states.js';
import { mendMoves, type Mendable } from './mend-moves.js';
import { EVENT_TYPE, SOURCE } from '../rrweb-events.js';

export type ReplayerConstructor = typeof Replayer;

export interface Viewport {
  width: number;
  height: number;
}

export interface ReplayWindowOptions {
  Replayer: ReplayerConstructor;
  slot: HTMLElement;
  /** Sanitized; the first two are Meta and FullSnapshot. The window owns them from here on. */
  events: ReplayEvent[];
  /** Where to start, Unix milliseconds. */
  time: number;
  speed: number;
  /** Only while the window is shown. */
  onViewport: (viewport: Viewport) => void;
}

/** rrweb ends, and forgets where it was, when its last event is played; this one never is. */
const SENTINEL_DISTANCE_MS = 365 * 24 * 3_600_000;
/** rrweb applies what is strictly before an offset; what happened at a moment belongs to it. */
const INCLUSIVE_MS = 0.001;
const MOUSE_TAIL = { duration: 500, lineCap: 'round', lineWidth: 3, strokeStyle: '#4f6bed' };
const STYLE_RULES = [
  'video::-webkit-media-controls{display:none!important}',
  // What browsers draw themselves, where the page says nothing else.
  ':where([data-replay-focus-visible]){outline:auto 1px -webkit-focus-ring-color}',
  '[data-replay-dots]{-webkit-text-security:disc}',
  '[data-replay-blocked]{background:#8a94a6!important;min-width:1em;min-height:1em}',
  // Without scripts a canvas is laid out as a span.
  ':where(canvas){display:inline-block;width:calc(var(--replay-width,300)*1px);aspect-ratio:var(--replay-width,300)/var(--replay-height,150);background-repeat:no-repeat;overflow:clip}',
  // Its content is what keeps it from shrinking.
  ':where(canvas)::before{content:"";display:block;width:calc(var(--replay-width,300)*1px)}',
];

export class ReplayWindow {
  readonly #replayer: Replayer;
  readonly #slot: HTMLElement;
  readonly #base: number;
  #playing = false;
  #isShown = false;
  #failedCount = 0;
  #viewport: Viewport;

  constructor(options: ReplayWindowOptions) {
    const { events, time, slot } = options;
    const first = events[0]!;
    this.#base = first.timestamp;
    this.#slot = slot;
    this.#viewport = viewportAt(events, time);
    // rrweb announces the first Meta's size once more after the start: let it be the right one.
    Object.assign(first.data as object, this.#viewport);
    const last = Math.max(time, events.at(-1)!.timestamp);
    const sentinel = { type: EVENT_TYPE.CUSTOM, timestamp: last + SENTINEL_DISTANCE_MS };
    const all = [...events, { ...sentinel, data: { tag: 'session_replay.end', payload: null } }];
    const states = new ElementStates();
    this.#replayer = new options.Replayer(all as unknown as eventWithTime[], {
      root: slot,
      speed: options.speed,
      showWarning: false,
      mouseTail: false,
      triggerFocus: false,
      insertStyleRules: STYLE_RULES,
      plugins: [states.plugin],
    });
    states.attach(this.#replayer);
    this.#guard();
    mendMoves(this.#replayer as unknown as Mendable);
    this.#replayer.iframe.title = 'Replayed page';
    this.#replayer.iframe.tabIndex = -1;
    this.#replayer.on('resize', (size) => {
      this.#viewport = size as Viewport;
      if (this.#isShown) options.onViewport(this.#viewport);
    });
    // Strictly before: a snapshot exactly at the start would not be applied.
    const snapshot = events.find((event) => event.type === EVENT_TYPE.FULL_SNAPSHOT);
    const shown = Math.max(time, (snapshot?.timestamp ?? this.#base) + 1);
    this.#replayer.pause(shown - this.#base + INCLUSIVE_MS);
    this.#settle();
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** Unix milliseconds. */
  get time(): number {
    return this.#base + this.#replayer.getCurrentTime();
  }

  /** Events that could not be applied: the picture may differ from what the person saw. */
  get failedCount(): number {
    return this.#failedCount;
  }

  /** What the person watching sees of the recorded page; reachable for tools and tests. */
  get document(): Document | null {
    return this.#replayer.iframe.contentDocument;
  }

  nodeOf(id: number): Node | null {
    return this.#replayer.getMirror().getNode(id);
  }

  /** Events later than those before; call {@link seekForward} no earlier than the next task. */
  append(events: readonly ReplayEvent[]): void {
    for (const event of events) this.#replayer.addEvent(event as unknown as eventWithTime);
  }

  play(): void {
    if (this.#playing) return;
    this.#playing = true;
    this.#replayer.setConfig({ mouseTail: MOUSE_TAIL });
    this.#replayer.play(this.#offsetAfterLast(this.#replayer.getCurrentTime()));
  }

  pause(): void {
    if (!this.#playing) return;
    this.#playing = false;
    this.#replayer.pause();
    this.#replayer.setConfig({ mouseTail: false });
  }

  /** Applies all up to `time` at once; `time` must not be before the playhead. */
  seekForward(time: number): void {
    const offset = this.#offsetAfterLast(time - this.#base + INCLUSIVE_MS);
    if (this.#playing) this.#replayer.play(offset);
    else this.#replayer.pause(offset);
    this.#settle();
  }

  setSpeed(speed: number): void {
    this.#replayer.setConfig({ speed });
  }

  show(): void {
    this.#isShown = true;
    delete this.#slot.dataset['hidden'];
  }

  /** Forgets events that were played: rrweb itself keeps every one for ever. */
  prune(): void {
    const { events, lastPlayedEvent } = this.#replayer.service.state.context;
    const played = lastPlayedEvent === null ? -1 : events.indexOf(lastPlayedEvent);
    // The first two stay: offsets count from the first, and rrweb looks for a Meta.
    if (played > 200) events.splice(2, played - 2);
  }

  destroy(): void {
    this.#replayer.destroy();
    this.#slot.remove();
  }

  /**
   * One event that rrweb cannot apply must not end playback: an exception inside its timer would
   * stop the clock for good. There is no hook for this, so the method is wrapped (rrweb 2.2).
   */
  #guard(): void {
    const replayer = this.#replayer as unknown as {
      applyIncremental: (event: unknown, isSync: boolean) => void;
    };
    const apply = replayer.applyIncremental.bind(replayer);
    replayer.applyIncremental = (event, isSync) => {
      try {
        apply(event, isSync);
      } catch {
        this.#failedCount++;
      }
    };
  }

  /**
   * What came in by an animation came in long ago: it would begin here, and stay at its first frame
   * while playback rests. Those without an end go on.
   */
  #settle(): void {
    for (const animation of this.document?.getAnimations() ?? []) {
      const { endTime } = animation.effect?.getComputedTiming() ?? {};
      if (Number.isFinite(Number(endTime))) animation.finish();
    }
  }

  /** Going to or before the last played event would make rrweb rebuild from the start. */
  #offsetAfterLast(offset: number): number {
    const last = this.#replayer.service.state.context.lastPlayedEvent;
    if (last === null) return offset;
    return Math.max(offset, last.timestamp - this.#base + 0.001);
  }
}

/** The recorded window's size at `time`, from Meta and resize events before it. */
export function viewportAt(events: readonly ReplayEvent[], time: number): Viewport {
  let viewport: Viewport = { width: 1024, height: 768 };
  for (const event of events) {
    if (event.timestamp > time && event.type !== EVENT_TYPE.META) break;
    const data = event.data as { source?: number; width?: unknown; height?: unknown } | undefined;
    const sized =
      event.type === EVENT_TYPE.META ||
      (event.type === EVENT_TYPE.INCREMENTAL && data?.source === SOURCE.VIEWPORT_RESIZE);
    if (sized && typeof data?.width === 'number' && typeof data.height === 'number') {
      viewport = { width: data.width, height: data.height };
    }
  }
  return viewport;
}
