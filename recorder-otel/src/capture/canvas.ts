/**
 * Pictures of canvases that are unmasked, as the background of their element: an ordinary mutation,
 * so that every rrweb player shows it without running the page's drawing commands. Encoded by the
 * browser off the main thread; a canvas that does not change is looked at ever more seldom.
 */
import { CONTENT, createPrivacyPolicy, FULL_SNAPSHOT, INCREMENTAL, MUTATION } from '../shared.js';
import type { LateParts } from './late-parts.js';
import { encodePicture } from './picture.js';

/** A canvas that stays the same is looked at up to this many times more seldom. */
const MAX_SLOWDOWN = 8;

interface Seen {
  last?: string;
  /** Rounds between looks, and rounds until the next. */
  every: number;
  left: number;
  busy?: boolean;
  /** Holds pictures of another origin: the browser forbids to read it. */
  tainted?: boolean;
}

/** Returns how to stop. */
export function recordCanvas({ recording, options }: LateParts): () => void {
  const { guard, mirror } = recording;
  const canvasOptions = options.capture?.canvas;
  const { fps = 1, quality = 0.4 } = typeof canvasOptions === 'object' ? canvasOptions : {};
  const policy = createPrivacyPolicy(options.masking);
  const isShown = (canvas: HTMLCanvasElement): boolean => policy.of(canvas) >= CONTENT;
  let seen = new WeakMap<HTMLCanvasElement, Seen>();
  let stopped = false;

  async function take(canvas: HTMLCanvasElement, state: Seen): Promise<void> {
    const id = mirror.getId(canvas);
    if (id < 0 || !isShown(canvas)) return;
    const { width, height } = canvas;
    if (width === 0 || height === 0) return;
    state.busy = true;
    try {
      const picture = await encodePicture(canvas, canvas, quality);
      // While it was encoded, the page may have changed its mind.
      if (stopped || seen.get(canvas) !== state || !isShown(canvas)) return;
      const same = picture === state.last;
      state.every = same ? Math.min(MAX_SLOWDOWN, state.every * 2) : 1;
      state.last = picture;
      if (same || mirror.getId(canvas) !== id) return;
      const style = {
        'background-image': [`url("${picture}")`, 'important'],
        'background-size': ['100% 100%', 'important'],
      };
      recording.add({
        type: INCREMENTAL,
        timestamp: Date.now(),
        data: {
          source: MUTATION,
          texts: [],
          removes: [],
          adds: [],
          attributes: [{ id, attributes: { style } }],
        },
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'SecurityError') state.tainted = true;
      else throw error;
    } finally {
      state.busy = false;
    }
  }

  // Pictures are there at the end of a frame; later, WebGL has thrown its buffer away.
  const look = guard.wrap('canvas', () => {
    if (stopped || document.visibilityState !== 'visible' || !recording.isLive()) return;
    for (const canvas of document.querySelectorAll('canvas')) {
      const state = seen.get(canvas) ?? { every: 1, left: 0 };
      seen.set(canvas, state);
      if (state.busy || state.tainted || state.left-- > 0) continue;
      state.left = state.every - 1;
      take(canvas, state).catch((error: unknown) => guard.report(error, 'canvas'));
    }
  });
  const timer = setInterval(
    () => requestAnimationFrame(look),
    1000 / Math.min(Math.max(fps, 0.01), 30),
  );

  // A checkpoint shows canvases empty: every picture once more.
  const stopListening = recording.on('event', ({ type }) => {
    if (type === FULL_SNAPSHOT) seen = new WeakMap();
  });
  return () => {
    stopped = true;
    clearInterval(timer);
    stopListening();
  };
}
