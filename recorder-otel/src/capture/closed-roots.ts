/** Content of shadow roots that were handed over when their elements were recorded already. */
import { closedRoots } from '../shared.js';
import type { Recording } from '../recording.js';

/** Roots of one task are handed over one after the other. */
const SETTLE_MS = 100;
/** What is handed over meanwhile waits for the next checkpoint. */
const EVERY_MS = 10_000;

/** Returns how to stop. */
export function recordClosedRoots(recording: Recording): () => void {
  const { guard } = recording;
  const before = closedRoots.tell;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let takenAt = -Infinity;
  const tell = (): void => {
    const wait = Math.max(SETTLE_MS, takenAt + EVERY_MS - performance.now());
    timer ??= setTimeout(() => {
      timer = undefined;
      closedRoots.isMissing = false;
      takenAt = performance.now();
      if (!recording.isLive()) return;
      // What was changed in it until now is not recorded: who plays on takes the checkpoint.
      recording.activity().droppedEvents++;
      guard.run('shadow', recording.checkpoint);
    }, wait);
  };
  closedRoots.tell = tell;
  if (closedRoots.isMissing) tell();
  return () => {
    clearTimeout(timer);
    closedRoots.tell = before;
  };
}
