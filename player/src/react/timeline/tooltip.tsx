/** The moment under the pointer, and what happened there. */
import type { ReactElement } from 'react';
import type { PlaybackState } from '../../engine/playback/state.js';
import type { Mark } from '../../engine/timeline/marks.js';
import { clockText, pathText } from '../format.js';
import { MARK_LOOKS, weightOf } from '../mark-kinds.js';
import { percent, shareOf } from './axis.js';
import { MarkGlyph } from './mark-glyph.js';

export interface TooltipProps {
  state: PlaybackState;
  /** Unix milliseconds. */
  time: number;
  /** Of the time line, CSS pixels. */
  width: number;
}

const REACH_PX = 7;
const MAX_MARKS = 6;

export function Tooltip({ state, time, width }: TooltipProps): ReactElement {
  const { from, to, holes, idle } = state;
  const reachMs = width === 0 ? 0 : ((to - from) / width) * REACH_PX;
  const near = state.marks
    .filter((mark) => MARK_LOOKS[mark.kind].lane !== undefined)
    .filter((mark) => Math.abs(mark.time - time) <= reachMs)
    .sort((a, b) => weightOf(a) - weightOf(b) || a.time - b.time);
  const within = (ranges: readonly { from: number; to: number }[]): boolean =>
    ranges.some((r) => r.from <= time && time < r.to);
  const share = shareOf(time, state);
  return (
    <div
      className="replay-tooltip"
      data-testid="tooltip"
      aria-hidden="true"
      data-side={share > 66 ? 'right' : share < 33 ? 'left' : undefined}
      style={{ left: percent(time, state) }}
    >
      <strong>{clockText(time - from, true)}</strong>
      {within(holes) ? ' · nothing is recorded' : within(idle) ? ' · nobody is active' : ''}
      {near.slice(0, MAX_MARKS).map((mark) => (
        <span key={mark.id} className="replay-tooltip-mark">
          <MarkGlyph kind={mark.kind} />
          <span className="replay-tooltip-label">{textOf(mark)}</span>
          <span>
            {mark.approximate === true ? '~' : ''}
            {clockText(mark.time - from)}
          </span>
        </span>
      ))}
      {near.length > MAX_MARKS ? <span>and {near.length - MAX_MARKS} more</span> : null}
    </div>
  );
}

/** Says what kind it is, where its own words do not. */
function textOf({ kind, label }: Mark): string {
  const { name } = MARK_LOOKS[kind];
  const text = kind === 'navigation' ? pathText(label) : label;
  return text.toLowerCase().startsWith(name.toLowerCase()) ? text : `${name}: ${text}`;
}
