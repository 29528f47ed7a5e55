/**
 * What is due by time while segments wait for a trigger: checkpoints, so that the pre-roll can be
 * cut, and the end of what follows a trigger. Events notice what a timer was late for, as timers of
 * hidden pages are.
 */
import type { Guard } from '../guard.js';
import type { Checkpoints } from '../record/checkpoints.js';
import type { Outlet } from './outlet.js';

export interface RhythmOptions {
  outlet: Outlet;
  checkpoints: Checkpoints;
  guard: Guard;
  /** Has all that happened so far come by. */
  settle: () => void;
  /** Nothing leaves any more: a new recording begins, with the checkpoint that follows. */
  onWait: () => void;
}

export interface Rhythm {
  /** An event comes by: what is over must not be found out by it. */
  hurry(): void;
  /** It is recorded. */
  beat(timestamp: number): void;
  /** Something else is due. */
  replan(): void;
  stop(): void;
}

/** What could not be done when it was due is tried again after this. */
const RETRY_MS = 1000;

export function createRhythm({
  outlet,
  checkpoints,
  guard,
  settle,
  onWait,
}: RhythmOptions): Rhythm {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The page has not changed since. */
  let lastAt = 0;
  const wake = guard.wrap('rhythm', () => {
    timer = undefined;
    settle();
    hurry();
    const dueAt = checkpoints.dueAt();
    if (outlet.waiting() && dueAt !== undefined && dueAt <= Date.now()) {
      checkpoints.take(Math.max(dueAt, lastAt));
    }
    plan();
  });

  function hurry(): void {
    const until = outlet.sendsUntil();
    if (until === undefined || Date.now() < until) return;
    onWait();
    outlet.wait();
    checkpoints.take();
  }

  function plan(): void {
    const at = outlet.sendsUntil() ?? (outlet.waiting() && checkpoints.dueAt());
    if (at === undefined) return;
    const inMs = at - Date.now();
    timer ??= setTimeout(wake, inMs > 0 ? inMs : RETRY_MS);
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    hurry,
    beat: (timestamp) => {
      lastAt = Math.max(lastAt, timestamp);
      if (timer === undefined) plan();
    },
    replan: () => {
      stop();
      plan();
    },
    stop,
  };
}
