/** What keys mean, and the list of them that is shown. */
import type { Playback } from '../engine/playback/playback.js';
import { SPEED_RANGE } from '../engine/playback/options.js';
import type { Mark } from '../engine/timeline/marks.js';
import { MARK_LOOKS } from './mark-kinds.js';
import { beforeMark, nextError, previousError } from './moments.js';

const SEEK_MS = 10_000;
const NUDGE_MS = 1000;

/** What a key may do besides playback. */
export interface KeyTargets {
  playback: Playback;
  marks: readonly Mark[];
  onFullscreen: () => void;
  onSearch: () => void;
  onHelp: () => void;
  onRealSize: () => void;
  /** Shows or hides them. */
  onLists: () => void;
  /** Of the lists, from 1. */
  onTab: (position: number) => void;
}

export const KEYS: readonly { keys: readonly string[]; what: string }[] = [
  { keys: ['Space', 'K'], what: 'Play or pause' },
  { keys: ['←', '→'], what: '10 seconds back or forward' },
  { keys: [',', '.'], what: '1 second back or forward' },
  { keys: ['Shift ←', 'Shift →'], what: 'Marker before or after' },
  { keys: ['E', 'Shift E'], what: 'Next or previous error' },
  { keys: ['Home', 'End'], what: 'Start or end' },
  { keys: ['<', '>'], what: 'Slower or faster' },
  { keys: ['S'], what: 'Skip inactivity' },
  { keys: ['Z'], what: 'Real size, or fit' },
  { keys: ['F'], what: 'Full screen' },
  { keys: ['L'], what: 'Show or hide the lists' },
  { keys: ['1 … 6'], what: 'Spans … Details' },
  { keys: ['/'], what: 'Search in the list' },
  { keys: ['↑', '↓', 'Enter'], what: 'In a list: move, go there' },
  { keys: ['?'], what: 'Marks and keys' },
];

/** What `event` means, or undefined when it belongs to a control that has the focus. */
export function keyAction(event: KeyboardEvent, targets: KeyTargets): (() => void) | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (belongsToControl(event)) return undefined;
  const { playback } = targets;
  const { from, to, skipInactivity } = playback.state.getSnapshot();
  const seekTo = (mark: Mark | undefined) => () => {
    if (mark !== undefined) void playback.seek(beforeMark(mark));
  };
  const time = playback.clock.getSnapshot();
  switch (event.key) {
    case ' ':
    case 'k':
      return () => playback.toggle();
    case 'ArrowLeft':
      if (event.shiftKey) return seekTo(neighbour(targets.marks, time, -1));
      return () => void playback.seekBy(-SEEK_MS);
    case 'ArrowRight':
      if (event.shiftKey) return seekTo(neighbour(targets.marks, time, 1));
      return () => void playback.seekBy(SEEK_MS);
    case ',':
      return () => void playback.seekBy(-NUDGE_MS);
    case '.':
      return () => void playback.seekBy(NUDGE_MS);
    case 'Home':
      return () => void playback.seek(from);
    case 'End':
      return () => void playback.seek(to);
    case 'e':
      return seekTo(nextError(targets.marks, time));
    case 'E':
      return seekTo(previousError(targets.marks, time));
    case '<':
      return () => changeSpeed(playback, 0.5);
    case '>':
      return () => changeSpeed(playback, 2);
    case 's':
      return () => playback.setSkipInactivity(!skipInactivity);
    case 'z':
      return targets.onRealSize;
    case 'f':
      return targets.onFullscreen;
    case 'l':
      return targets.onLists;
    case '/':
      return targets.onSearch;
    case '?':
      return targets.onHelp;
    default:
      return /^[1-6]$/.test(event.key) ? () => targets.onTab(Number(event.key)) : undefined;
  }
}

function changeSpeed(playback: Playback, factor: number): void {
  const speed = playback.state.getSnapshot().speed * factor;
  if (speed >= SPEED_RANGE.min && speed <= SPEED_RANGE.max) playback.setSpeed(speed);
}

/** The marker on the time line before or after `time`. */
export function neighbour(
  marks: readonly Mark[],
  time: number,
  direction: 1 | -1,
): Mark | undefined {
  const drawn = marks.filter((mark) => MARK_LOOKS[mark.kind].lane !== undefined);
  return direction === 1
    ? drawn.find((mark) => beforeMark(mark) > time + 50)
    : drawn.findLast((mark) => beforeMark(mark) < time - 50);
}

function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return event.key === ' ';
  if (target.matches('input, textarea, select')) return true;
  return event.key === ' ' && target.matches('button, a, [role="tab"]');
}
