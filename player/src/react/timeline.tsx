/** The time axis: markers above, the slider, and a lane of spans below. */
import {
  memo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
} from 'react';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import type { Mark } from '../engine/timeline/marks.js';
import { clockText, momentText } from './format.js';
import { useClockEffect } from './hooks.js';

export interface TimelineProps {
  playback: Playback;
  state: PlaybackState;
  /** A second marker, Unix milliseconds. */
  hoverTime?: number | undefined;
  /** Told of the moment under the pointer. */
  onHoverTime?: ((time: number | undefined) => void) | undefined;
}

const STEP_MS = 5000;
const PAGE_MS = 30_000;
/** A scrub is a row of seeks; this many milliseconds lie between two of them. */
const SCRUB_INTERVAL_MS = 120;

export function Timeline(props: TimelineProps): ReactElement {
  const { playback, state } = props;
  return (
    <div className="replay-timeline">
      <Marks playback={playback} state={state} />
      <Slider {...props} />
      <SpanLanes playback={playback} state={state} />
    </div>
  );
}

function Slider({ playback, state, hoverTime, onHoverTime }: TimelineProps): ReactElement {
  const { from, to } = state;
  const sliderRef = useRef<HTMLDivElement>(null);
  const playedRef = useRef<HTMLDivElement>(null);
  const lastScrub = useRef(0);
  const [hover, setHover] = useState<number>();
  useClockEffect(playback.clock, (time) => {
    const slider = sliderRef.current;
    if (slider === null || playedRef.current === null) return;
    playedRef.current.style.width = percent(time, from, to);
    slider.setAttribute('aria-valuenow', String(Math.round((time - from) / 1000)));
    slider.setAttribute('aria-valuetext', `${clockText(time - from)} of ${clockText(to - from)}`);
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
        void playback.seek(timeAt(event));
      }}
      onPointerMove={(event) => {
        setHover(timeAt(event));
        onHoverTime?.(timeAt(event));
        const scrubs = event.currentTarget.hasPointerCapture(event.pointerId);
        if (!scrubs || event.timeStamp - lastScrub.current < SCRUB_INTERVAL_MS) return;
        lastScrub.current = event.timeStamp;
        void playback.seek(timeAt(event));
      }}
      onPointerUp={(event) => void playback.seek(timeAt(event))}
      onPointerLeave={() => {
        setHover(undefined);
        onHoverTime?.(undefined);
      }}
    >
      <div className="replay-track">
        {state.idle.map(({ from: start, to: end }) => (
          <span key={start} className="replay-track-idle" style={range(start, end, from, to)} />
        ))}
        {state.buffered === undefined ? null : (
          <span
            className="replay-track-buffered"
            style={range(state.buffered.from, state.buffered.to, from, to)}
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
            style={range(hole.from, hole.to, from, to)}
          />
        ))}
      </div>
      {hoverTime === undefined || hoverTime < from || hoverTime > to ? null : (
        <span
          className="replay-track-ghost"
          data-testid="hover-time"
          style={{ left: percent(hoverTime, from, to) }}
        />
      )}
      {hover === undefined ? null : (
        <span className="replay-track-hover" style={{ left: percent(hover, from, to) }}>
          {clockText(hover - from)}
        </span>
      )}
    </div>
  );
}

/** Pointer only: the list of moments offers the same to the keyboard. */
const Marks = memo(function Marks({ playback, state }: TimelineProps): ReactElement {
  const { from, to } = state;
  return (
    <div className="replay-marks" aria-hidden="true">
      {state.marks.map((mark) => (
        <span
          key={mark.id}
          className="replay-mark"
          data-testid="marker"
          data-kind={mark.kind}
          data-approximate={mark.approximate}
          title={`${clockText(mark.time - from)} ${mark.label}`}
          style={{ left: percent(mark.time, from, to) }}
          onClick={() => void playback.seek(beforeMark(mark))}
        />
      ))}
    </div>
  );
}, sameTimeline);

const SpanLanes = memo(function SpanLanes({ playback, state }: TimelineProps): ReactElement | null {
  const { from, to, spans, traceId } = state;
  if (spans.length === 0) return null;
  return (
    <div className="replay-lanes" aria-hidden="true">
      {(['browser', 'backend'] as const).map((origin) => (
        <div key={origin} className="replay-lane" data-origin={origin}>
          {spans
            .filter(
              (span) => span.origin === origin && span.endTime >= from && span.startTime <= to,
            )
            .map((span) => (
              <span
                key={`${span.traceId}/${span.spanId}`}
                className="replay-lane-span"
                data-testid="lane-span"
                data-status={span.status}
                data-origin={origin}
                data-other={traceId !== undefined && span.traceId !== traceId ? true : undefined}
                title={`${span.serviceName}: ${span.name} (${momentText(span.startTime)})`}
                style={range(span.startTime, span.endTime, from, to)}
                onClick={() => void playback.seek(span.startTime)}
              />
            ))}
        </div>
      ))}
    </div>
  );
}, sameTimeline);

/** What leads to a moment is part of it: shown from a second before. */
export function beforeMark(mark: Mark): number {
  return mark.kind === 'navigation' ? mark.time : mark.time - 1000;
}

function sameTimeline(a: TimelineProps, b: TimelineProps): boolean {
  return (
    a.state.marks === b.state.marks &&
    a.state.spans === b.state.spans &&
    a.state.from === b.state.from &&
    a.state.to === b.state.to &&
    a.state.traceId === b.state.traceId
  );
}

function percent(time: number, from: number, to: number): string {
  if (to <= from) return '0%';
  return `${Math.min(100, Math.max(0, ((time - from) / (to - from)) * 100))}%`;
}

function range(
  start: number,
  end: number,
  from: number,
  to: number,
): { left: string; width: string } {
  const left = Math.max(start, from);
  const share = to <= from ? 0 : Math.max(0, Math.min(end, to) - left) / (to - from);
  return { left: percent(left, from, to), width: `${share * 100}%` };
}
