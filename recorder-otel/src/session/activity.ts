/** What the user does. Spans and changes of the DOM are none of it: they keep no page awake. */
import { listen } from '../listen.js';

/** Moving the pointer is activity too, so the handler must cost next to nothing. */
const ACTIVITY_INTERVAL_MS = 1000;

/**
 * Calls `onActivity` at most once a second, `onInteraction` each time the user presses, touches,
 * types or turns a wheel; returns how to stop.
 */
export function watchActivity(onActivity: () => void, onInteraction: () => void): () => void {
  let seenAt = 0;
  let position = '';
  return listen(
    window,
    'pointerdown keydown touchstart wheel pointermove visibilitychange',
    (event) => {
      const { type, isTrusted, screenX, screenY } = event as PointerEvent;
      // A page that plays its own user is alone all the same.
      if (!isTrusted) return;
      if (type === 'pointermove') {
        // Where the page moves below a pointer that rests, browsers may say so, too.
        const before = position;
        position = `${screenX},${screenY}`;
        if (position === before) return;
      } else if (type !== 'visibilitychange') onInteraction();
      // Somebody has brought the page to the front.
      else if (document.visibilityState === 'hidden') return;
      const now = Date.now();
      // The clock may have been set back.
      if (Math.abs(now - seenAt) < ACTIVITY_INTERVAL_MS) return;
      seenAt = now;
      onActivity();
    },
  );
}

/**
 * Calls back once the page is one for somebody to see: not while it is prerendered, and with
 * `visible` not in a tab that was never in front. Returns how to stop waiting.
 */
export function whenThere(visible: boolean, callback: () => void): () => void {
  const isThere = (): boolean =>
    !(document as { prerendering?: boolean }).prerendering &&
    (!visible ||
      document.visibilityState === 'visible' ||
      // It was in front before this script came.
      performance.getEntriesByType('visibility-state').some(({ name }) => name === 'visible'));
  if (isThere()) {
    callback();
    return () => undefined;
  }
  const stop = listen(document, 'prerenderingchange visibilitychange', () => {
    if (!isThere()) return;
    stop();
    callback();
  });
  return stop;
}
