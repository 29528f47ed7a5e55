/** Loads what is recorded besides the DOM when the page has a moment: no page waits for it. */
import { whenIdle } from '../shared.js';
import type { LateParts } from './late-parts.js';

/** Long enough for what the page shows first, short enough for what its user does first. */
const LATEST_MS = 2000;

/** Returns how to stop; `onSettled` when all that will listen does. */
export function loadCapture(parts: LateParts, onSettled: () => void): () => void {
  let stop: (() => void) | undefined;
  let stopped = false;
  const load = async (): Promise<void> => {
    try {
      const { startCapture } = await import('./start.js');
      if (!stopped) stop = startCapture(parts);
    } catch (error) {
      parts.recording.guard.report(error, 'capture');
    }
    onSettled();
  };
  const cancel = whenIdle(() => void load(), parts.first ? LATEST_MS : 1);
  return () => {
    stopped = true;
    cancel();
    stop?.();
  };
}
