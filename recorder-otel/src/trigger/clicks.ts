/** Clicks in anger: several at one place in a short time. */
import type { Recording } from '../recording.js';
import type { RrwebEvent } from '../record/event-types.js';
import { MOUSE_INTERACTION } from '../shared.js';
import type { TriggerOptions } from './options.js';

const RAGE_CLICKS = 3;
const RAGE_WINDOW_MS = 1000;
const RAGE_DISTANCE_PX = 30;
const CLICK = 2;

export interface Click {
  x: number;
  y: number;
  timestamp: number;
  /** rrweb's, of the element. */
  id?: number;
}

/** The click that an event tells of. */
export function clickOf({ data, timestamp }: RrwebEvent): Click | undefined {
  if (data['source'] !== MOUSE_INTERACTION || data['type'] !== CLICK) return undefined;
  const [x, y, id] = [data['x'], data['y'], data['id']].map(Number);
  return { x: x!, y: y!, timestamp, ...(id! > 0 && { id: id! }) };
}

/** What is marked of a click. */
export function placeOf({ x, y, id }: Click): { x: number; y: number; id?: number } {
  return { x, y, ...(id !== undefined && { id }) };
}

/** Returns a function that is true for the click that makes a burst a rage click; once per burst. */
export function createRageDetector(): (click: Click) => boolean {
  let burst: Click[] = [];
  let told = false;
  return (click) => {
    burst = burst.filter(
      ({ x, y, timestamp }) =>
        click.timestamp - timestamp <= RAGE_WINDOW_MS &&
        Math.hypot(click.x - x, click.y - y) <= RAGE_DISTANCE_PX,
    );
    if (burst.push(click) === 1) told = false;
    if (told || burst.length < RAGE_CLICKS) return false;
    return (told = true);
  };
}

export function watchRageClicks(recording: Recording, { rageClick }: TriggerOptions): () => void {
  const isRage = createRageDetector();
  return recording.on('event', (event) => {
    const click = clickOf(event);
    if (!click || !isRage(click)) return;
    recording.activity().rageClickCount++;
    recording.mark('session_replay.rage_click', placeOf(click), click.timestamp);
    if (rageClick !== false) recording.trigger({ name: 'rage_click' });
  });
}
