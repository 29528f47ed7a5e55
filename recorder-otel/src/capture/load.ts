/** Loads what is recorded besides the DOM when the page has a moment: no page waits for it. */
import { metrics } from '@opentelemetry/api';
import { whenIdle } from '../idle.js';
import type { LateParts } from './late-parts.js';

/** Long enough for what the page shows first, short enough for what its user does first. */
const LATEST_MS = 2000;

/** Returns how to stop; `onSettled` when all that will listen does. */
export function loadCapture(parts: Omit<LateParts, 'metrics'>, onSettled: () => void): () => void {
  let stop: (() => void) | undefined;
  let stopped = false;
  const load = async (): Promise<void> => {
    try {
      const { startCapture } = await import('./start.js');
      if (!stopped) stop = startCapture({ ...parts, metrics });
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
