/** The time axis: how much happened, what happened, the slider, pages and tabs, and spans. */
import { useRef, useState, type PointerEvent, type ReactElement } from 'react';
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import { useElementWidth } from '../hooks.js';
import { DensityStrip } from './density-strip.js';
import { MarkLanes } from './mark-lanes.js';
import { RecordingLanes, SpanLanes } from './lanes.js';
import { Slider } from './slider.js';
import { Tooltip } from './tooltip.js';

export interface TimelineProps {
  playback: Playback;
  state: PlaybackState;
  /** A second marker, Unix milliseconds. */
  hoverTime?: number | undefined;
  /** Told of the moment under the pointer. */
  onHoverTime?: ((time: number | undefined) => void) | undefined;
}

export function Timeline(props: TimelineProps): ReactElement {
  const { playback, state, onHoverTime } = props;
  const ref = useRef<HTMLDivElement>(null);
  const width = useElementWidth(ref);
  const [hover, setHover] = useState<number>();
  const onPointer = (event: PointerEvent): void => {
    const box = ref.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const time = state.from + share * (state.to - state.from);
    setHover(time);
    onHoverTime?.(time);
  };
  const onLeave = (): void => {
    setHover(undefined);
    onHoverTime?.(undefined);
  };
  return (
    <div className="replay-timeline" ref={ref} onPointerMove={onPointer} onPointerLeave={onLeave}>
      <DensityStrip density={state.density} />
      <MarkLanes playback={playback} state={state} width={width} />
      <Slider playback={playback} state={state} hoverTime={props.hoverTime} />
      <RecordingLanes playback={playback} state={state} />
      <SpanLanes playback={playback} state={state} />
      {hover === undefined ? null : <Tooltip state={state} time={hover} width={width} />}
    </div>
  );
}
