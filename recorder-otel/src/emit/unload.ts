/**
 * When the page may go away. Listeners are on `window`, in the capture phase: they run before the
 * user's batch processor, which listens on `document`, sends its spans, and both share one budget.
 * No `unload` or `beforeunload`: they keep pages out of the back/forward cache.
 */
import { listen } from '../listen.js';

export interface PageLifecycle {
  /** Hidden: may come back, may be killed without another word. */
  onHidden: () => void;
  /** The document goes away, or into the back/forward cache. */
  onPageHide: () => void;
  /** Back from the back/forward cache. */
  onRestore: () => void;
}

export function watchPage({ onHidden, onPageHide, onRestore }: PageLifecycle): () => void {
  let gone = false;
  return listen(window, 'visibilitychange pagehide pageshow', (event) => {
    const { type, persisted } = event as PageTransitionEvent;
    if (type === 'pagehide') {
      gone = true;
      onPageHide();
    } else if (type === 'pageshow') {
      gone = false;
      if (persisted) onRestore();
      // Of a page that is gone, everything is said.
    } else if (document.visibilityState === 'hidden' && !gone) onHidden();
  });
}
