/** Keys: space, arrows, Home and End, `e` for the next error, `f` for full screen. */
import type { Playback } from '../engine/playback/playback.js';
import type { Mark } from '../engine/timeline/marks.js';
import { beforeMark } from './timeline.js';

const SEEK_MS = 10_000;

/** What `event` means, or undefined when it belongs to a control that has the focus. */
export function keyAction(
  event: KeyboardEvent,
  playback: Playback,
  marks: readonly Mark[],
  fullscreen: () => void,
): (() => void) | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (belongsToControl(event)) return undefined;
  const { from, to } = playback.state.getSnapshot();
  switch (event.key) {
    case ' ':
      return () => playback.toggle();
    case 'ArrowLeft':
      return () => void playback.seekBy(-SEEK_MS);
    case 'ArrowRight':
      return () => void playback.seekBy(SEEK_MS);
    case 'Home':
      return () => void playback.seek(from);
    case 'End':
      return () => void playback.seek(to);
    case 'e':
      return () => {
        const mark = nextError(marks, playback.clock.getSnapshot());
        if (mark !== undefined) void playback.seek(beforeMark(mark));
      };
    case 'f':
      return fullscreen;
    default:
      return undefined;
  }
}

/** The next error after `time`; the first one after the last. */
export function nextError(marks: readonly Mark[], time: number): Mark | undefined {
  const errors = marks.filter((mark) => mark.kind === 'error');
  return errors.find((mark) => beforeMark(mark) > time + 50) ?? errors[0];
}

function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return event.key === ' ';
  if (target.matches('input, textarea, select')) return true;
  return event.key === ' ' && target.matches('button, a, [role="tab"]');
}
