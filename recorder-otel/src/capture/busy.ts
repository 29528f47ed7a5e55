/** When the page was busy, and when it was so busy that its user must have thought it dead. */
import type { LongTaskEvent } from '@otel-replay/protocol';
import type { Recording } from '../recording.js';
import { listen } from '../shared.js';
import { watchTimer } from '../trigger/freeze.js';
import { count } from './count.js';
import type { LateParts } from './late-parts.js';
import { isObservable, observe } from './observe.js';

/** Per segment; what is more is counted only. */
const MAX_MARKED = 50;
const FREEZE_MS = 5000;
/** Longer than that it was the computer that slept, or a breakpoint. */
const LONGEST_FREEZE_MS = 60_000;
const LONG_TASK_MS = 50;

interface AnimationFrame extends PerformanceEntry {
  blockingDuration: number;
  scripts: readonly { sourceURL: string; duration: number; pauseDuration: number }[];
}

export function recordBusyTimes({ recording, options, since }: LateParts): () => void {
  const { longTasks = true } = options.capture ?? {};
  const { freezeMs = FREEZE_MS } = options.triggers ?? {};
  let hiddenAt = document.visibilityState === 'hidden' ? performance.now() : -1;
  const stops = [
    listen(document, 'visibilitychange', () => {
      hiddenAt = performance.now();
    }),
  ];
  const frozen = (startTime: number, durationMs: number): void => {
    if (freezeMs === false || durationMs < freezeMs || durationMs > LONGEST_FREEZE_MS) return;
    // Hidden pages are slowed down and put to sleep by the browser.
    if (hiddenAt >= startTime) return;
    recording.mark('session_replay.freeze', { start: unixMs(startTime), durationMs });
    recording.trigger({ name: 'freeze' });
  };
  const busy = (entry: PerformanceEntry): void => {
    const task = taskOf(entry, recording);
    if (!task || entry.startTime + entry.duration < since) return;
    if (longTasks) markTask(task, recording);
    frozen(entry.startTime, (task.blockingMs ?? task.durationMs - LONG_TASK_MS) + LONG_TASK_MS);
  };
  const type = ['long-animation-frame', 'longtask'].find(isObservable);
  if (type && (longTasks || freezeMs !== false)) stops.push(observe(recording, type, busy));
  else if (freezeMs !== false) stops.push(watchTimer(recording.guard, frozen));
  return () => stops.forEach((stop) => stop());
}

const unixMs = (time: number): number => Math.round(performance.timeOrigin + time);

/** What is told of a long task or animation frame; undefined when the page was not busy in it. */
export function taskOf(
  entry: PerformanceEntry,
  { sanitizeUrl }: Pick<Recording, 'sanitizeUrl'>,
): LongTaskEvent | undefined {
  const { startTime, duration } = entry;
  const task: LongTaskEvent = { start: unixMs(startTime), durationMs: Math.round(duration) };
  const { blockingDuration, scripts } = entry as AnimationFrame;
  if (blockingDuration === undefined) return task;
  // What waits for the user (`alert`) or for the network is no work.
  const pauses = scripts.reduce((sum, { pauseDuration }) => sum + pauseDuration, 0);
  task.blockingMs = Math.max(0, Math.round(blockingDuration - pauses));
  // A frame may also be long because it waited.
  if (task.blockingMs === 0) return undefined;
  const [longest] = [...scripts].sort((a, b) => b.duration - a.duration);
  if (longest?.sourceURL) {
    const { sourceURL, duration: time } = longest;
    task.script = { url: sanitizeUrl(sourceURL), durationMs: Math.round(time) };
  }
  return task;
}

function markTask(task: LongTaskEvent, recording: Recording): void {
  if (count(recording, 'longTaskCount') <= MAX_MARKED)
    recording.mark('session_replay.long_task', task);
}
