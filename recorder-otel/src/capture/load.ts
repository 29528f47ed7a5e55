/** Begins with what is recorded besides the DOM when the page has a moment: no page waits for it. */
import { whenIdle } from '../shared.js';
import type { LateParts } from './late-parts.js';
import { startCapture } from './start.js';

/** Long enough for what the page shows first, short enough for what its user does first. */
const LATEST_MS = 2000;

/** Returns how to stop; `onSettled` when all that will listen does. */
export function loadCapture(parts: LateParts, onSettled: () => void): () => void {
  let stop: (() => void) | undefined;
  const { guard } = parts.recording;
  const start = (): void => {
    stop = guard.run('capture', () => startCapture(parts));
    onSettled();
  };
  const cancel = whenIdle(start, parts.first ? LATEST_MS : 1);
  return () => {
    cancel();
    stop?.();
  };
}
