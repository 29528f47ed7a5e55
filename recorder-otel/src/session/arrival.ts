/** From `start` until there is somebody to see the page; the session is watched a little earlier. */
import type { Guard } from '../guard.js';
import { whenThere } from './activity.js';
import type { SessionTracker } from './tracker.js';

export interface ArrivalOptions {
  session: SessionTracker;
  /** Not before the page was in front. */
  visible: boolean;
  guard: Guard;
  onThere: () => void;
}

export interface Arrival {
  start(): void;
  /** Somebody is there, or was. */
  isThere(): boolean;
  stop(): void;
}

export function createArrival({ session, visible, guard, onThere }: ArrivalOptions): Arrival {
  let started = false;
  let there = false;
  let stops: (() => void)[] = [];
  const show = guard.wrap('start', () => {
    there = true;
    onThere();
  });
  const open = guard.wrap('start', () => {
    stops.push(session.start(), whenThere(visible, show));
  });
  return {
    start: () => {
      if (started) return;
      started = true;
      stops.push(whenThere(false, open));
    },
    isThere: () => there,
    stop: () => {
      for (const end of stops) guard.run('stop', end);
      stops = [];
      started = there = false;
    },
  };
}
