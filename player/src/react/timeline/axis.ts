/** From moments to places on the time line. */
import type { Mark } from '../../engine/timeline/marks.js';
import { MARK_LOOKS, weightOf } from '../mark-kinds.js';

export interface Axis {
  /** Unix milliseconds. */
  from: number;
  to: number;
}

/** 0 to 100. */
export function shareOf(time: number, { from, to }: Axis): number {
  if (to <= from) return 0;
  return Math.min(100, Math.max(0, ((time - from) / (to - from)) * 100));
}

export function percent(time: number, axis: Axis): string {
  return `${shareOf(time, axis)}%`;
}

export function range(start: number, end: number, axis: Axis): { left: string; width: string } {
  const left = shareOf(start, axis);
  return { left: `${left}%`, width: `${shareOf(end, axis) - left}%` };
}

/** Marks that would lie upon one another. */
export interface Cluster {
  /** The heaviest; of equal ones the first. */
  mark: Mark;
  marks: readonly Mark[];
  /** Of the first, Unix milliseconds. */
  time: number;
}

/** @param gapMs marks of one lane closer than this are drawn as one */
export function clusters(
  marks: readonly Mark[],
  lane: 'problems' | 'events',
  gapMs: number,
): Cluster[] {
  const found: { mark: Mark; marks: Mark[]; time: number }[] = [];
  for (const mark of marks) {
    if (MARK_LOOKS[mark.kind].lane !== lane) continue;
    const open = found.at(-1);
    if (open === undefined || mark.time - open.time > gapMs) {
      found.push({ mark, marks: [mark], time: mark.time });
    } else {
      open.marks.push(mark);
      if (weightOf(mark) < weightOf(open.mark)) open.mark = mark;
    }
  }
  return found;
}

/**
 * The outline of a strip of bars, 0 to 1 wide for each, as the path of an SVG.
 * @param values from 0 on; the largest is as high as the strip
 */
export function outline(values: readonly number[], max: number): string {
  if (max <= 0) return '';
  // Rare peaks would flatten all the rest.
  const height = (value: number): number => Math.sqrt(value / max);
  const points = values.map((value, at) => {
    const y = (1 - height(value)).toFixed(3);
    return `L${at} ${y}L${at + 1} ${y}`;
  });
  return `M0 1${points.join('')}L${values.length} 1Z`;
}
