/** Loads what is recorded besides the DOM when the page has a moment: no page waits for it. */
import type { LateParts } from './late-parts.js';

/** Long enough for what the page shows first, short enough for what its user does first. */
const LATEST_MS = 2000;

/** Returns how to stop; `onSettled` when all that will listen does. */
export function loadCapture(parts: LateParts, onSettled: () => void): () => void {
  const { guard } = parts.recording;
  let stop: (() => void) | undefined;
  let stopped = false;
  const load = async (): Promise<void> => {
    try {
      const { startCapture } = stopped ? {} : await import('./start.js');
      if (!stopped) stop = startCapture?.(parts);
    } catch (error) {
      guard.report(error, 'capture');
    }
    onSettled();
  };
  // Safari has no idle callbacks.
  if (!parts.first) void load();
  else if ('requestIdleCallback' in window)
    requestIdleCallback(() => void load(), { timeout: LATEST_MS });
  else setTimeout(() => void load(), 0);
  return () => {
    stopped = true;
    stop?.();
  };
}
