/** What was reached, and must not be lost again. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Row } from './matrix.js';

interface Floor {
  ink: number;
  dom: number;
  /** What bare rrweb reached in the same run. */
  rrweb: { ink: number; dom: number };
}

export type Floors = Readonly<Record<string, Floor>>;

export const FLOORS_FILE = fileURLToPath(new URL('./floors.json', import.meta.url));
/** Two runs differ by this: edges of text, a blinking caret, a frame of a transition. */
const TOLERANCE = 0.03;

export function readFloors(): Floors {
  return existsSync(FLOORS_FILE) ? (JSON.parse(readFileSync(FLOORS_FILE, 'utf8')) as Floors) : {};
}

/** In words, one for each feature that is below its floor, or below bare rrweb. */
export function failuresOf(rows: readonly Row[], floors: Floors): string[] {
  return rows.flatMap(({ feature: { name }, bare: measured, ours }) => {
    const floor = floors[name] ?? { ink: 0, dom: 0, rrweb: { ink: 0, dom: 0 } };
    const bare = measured ?? floor.rrweb;
    return (['ink', 'dom'] as const).flatMap((kind) => {
      const reached = `${name}: ${kind} ${ours[kind].toFixed(3)}`;
      if (ours[kind] < bare[kind] - TOLERANCE)
        return [`${reached}, bare rrweb ${bare[kind].toFixed(3)}`];
      return ours[kind] < floor[kind] - TOLERANCE ? [`${reached}, floor ${floor[kind]}`] : [];
    });
  });
}
