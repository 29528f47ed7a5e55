/** Where to go for a moment. */
import { isFailure, type Mark } from '../engine/timeline/marks.js';

/** What leads to a moment is part of it: shown from a second before. */
export const LEAD_IN_MS = 1000;

export function beforeMark(mark: Mark): number {
  return mark.kind === 'navigation' ? mark.time : mark.time - LEAD_IN_MS;
}

/** The next failure after `time`; the first one after the last. */
export function nextError(marks: readonly Mark[], time: number): Mark | undefined {
  const errors = marks.filter(isFailure);
  return errors.find((mark) => beforeMark(mark) > time + 50) ?? errors[0];
}

/** The failure before the one that `time` is at; the last one before the first. */
export function previousError(marks: readonly Mark[], time: number): Mark | undefined {
  const errors = marks.filter(isFailure);
  return errors.findLast((mark) => beforeMark(mark) < time - 50) ?? errors.at(-1);
}
