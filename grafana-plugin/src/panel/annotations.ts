/** The dashboard's annotations as moments on the time line. */
import type { DataFrame } from '@grafana/data';
import type { Mark } from '@otel-replay/player';
import { momentOf } from '../trace/times';

const MAX_MARKS = 200;
const MAX_LABEL = 200;

/**
 * @param shiftMs what turns the dashboard's time into that of the recorded browser
 */
export function annotationMarks(frames: readonly DataFrame[], shiftMs: number): Mark[] {
  const marks: Mark[] = [];
  for (const [frameIndex, { fields, length }] of frames.entries()) {
    const values = (name: string): ArrayLike<unknown> =>
      fields.find((field) => field.name === name)?.values ?? [];
    const [times, titles, texts] = [values('time'), values('title'), values('text')];
    for (let at = 0; at < length && marks.length < MAX_MARKS; at++) {
      const time = momentOf(times[at]);
      if (time === undefined) {
        continue;
      }
      const label = [titles[at], texts[at]]
        .map(plain)
        .filter((text) => text !== '')
        .join(': ');
      marks.push({
        id: `annotation/${frameIndex}/${at}`,
        kind: 'event',
        time: time + shiftMs,
        label: label === '' ? 'Annotation' : label,
      });
    }
  }
  return marks;
}

/** Annotations hold HTML, which is shown as text here. */
function plain(text: unknown): string {
  return typeof text === 'string'
    ? text
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, MAX_LABEL)
    : '';
}
