/** The slider, and what is known of the time it covers. */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import { clockText } from '../format.js';
import { useClockEffect } from '../hooks.js';
import { MARK_LOOKS } from '../mark-kinds.js';
import { LEAD_IN_MS } from '../moments.js';
import { percent, range } from './axis.js';

const STEP_MS = 5000;
const PAGE_MS = 30_000;

export interface SliderProps {
  playback: Playback;
  state: PlaybackState;
  hoverTime?: number | undefined;
}

export function Slider({ playback, state, hoverTime }: SliderProps): ReactElement {
  const { from, to } = state;
  const sliderRef = useRef<HTMLDivElement>(null);
  const playedRef = useRef<HTMLDivElement>(null);
  useClockEffect(playback.clock, (time) => {
    const slider = sliderRef.current;
    if (slider === null || playedRef.current === null) return;
    playedRef.current.style.width = percent(time, { from, to });
    slider.setAttribute('aria-valuenow', String(Math.round((time - from) / 1000)));
    slider.setAttribute('aria-valuetext', valueText(time, state));
  });
  const timeAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return from + share * (to - from);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const delta = { ArrowUp: STEP_MS, ArrowDown: -STEP_MS, PageUp: PAGE_MS, PageDown: -PAGE_MS }[
      event.key
    ];
    if (delta === undefined) return;
    event.preventDefault();
    void playback.seekBy(delta);
  };
  return (
    <div
      ref={sliderRef}
      className="replay-slider"
      data-testid="timeline"
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-valuemin={0}
      aria-valuemax={Math.round((to - from) / 1000)}
      aria-valuenow={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        playback.scrub(timeAt(event));
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) playback.scrub(timeAt(event));
      }}
    >
      <div className="replay-track">
        {state.idle.map(({ from: start, to: end }) => (
          <span
            key={start}
            className="replay-track-idle"
            data-testid="idle"
            style={range(start, end, state)}
          />
        ))}
        {state.buffered === undefined ? null : (
          <span
            className="replay-track-buffered"
            style={range(state.buffered.from, state.buffered.to, state)}
          />
        )}
        <div className="replay-track-played" ref={playedRef}>
          <span className="replay-track-thumb" />
        </div>
        {state.holes.map((hole) => (
          <span
            key={`${hole.recordingId}/${hole.from}`}
            className="replay-track-hole"
            data-testid="hole"
            style={range(hole.from, hole.to, state)}
          />
        ))}
      </div>
      {hoverTime === undefined || hoverTime < from || hoverTime > to ? null : (
        <span
          className="replay-track-ghost"
          data-testid="hover-time"
          style={{ left: percent(hoverTime, state) }}
        />
      )}
    </div>
  );
}

/** Who goes to a mark comes to a moment before it. */
const NEAR_MS = LEAD_IN_MS + 100;
const MAX_NAMES = 3;

function valueText(time: number, { from, to, holes, idle, marks }: PlaybackState): string {
  const within = (ranges: readonly { from: number; to: number }[]): boolean =>
    ranges.some((r) => r.from <= time && time < r.to);
  const kind = within(holes)
    ? ', nothing is recorded here'
    : within(idle)
      ? ', nobody is active'
      : '';
  const near = marks.filter(
    (mark) =>
      MARK_LOOKS[mark.kind].lane !== undefined && mark.time >= time && mark.time <= time + NEAR_MS,
  );
  const names = [...new Set(near.map((mark) => MARK_LOOKS[mark.kind].name.toLowerCase()))];
  const marked = names.length === 0 ? '' : `, ${names.slice(0, MAX_NAMES).join(', ')}`;
  return `${clockText(time - from)} of ${clockText(to - from)}${kind}${marked}`;
}
