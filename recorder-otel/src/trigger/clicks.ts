/** Clicks, and clicks in anger: several at one place in a short time. */

const RAGE_CLICKS = 3;
const RAGE_WINDOW_MS = 1000;
const RAGE_DISTANCE_PX = 30;

export interface Click {
  x: number;
  y: number;
  timestamp: number;
}

/** Returns a function that is true for the click that makes a burst a rage click; once per burst. */
export function createRageDetector(): (click: Click) => boolean {
  let burst: Click[] = [];
  return (click) => {
    burst = burst.filter(
      ({ x, y, timestamp }) =>
        click.timestamp - timestamp <= RAGE_WINDOW_MS &&
        Math.hypot(click.x - x, click.y - y) <= RAGE_DISTANCE_PX,
    );
    return burst.push(click) === RAGE_CLICKS;
  };
}
