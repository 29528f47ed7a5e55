/** Everything one presses while watching. */
import { useRef, type ReactElement } from 'react';
import type { ReplaySource } from '../engine/client/source.js';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import { isFailure, type Mark } from '../engine/timeline/marks.js';
import { CopyLink } from './copy-link.js';
import { clockText, momentText, pathText } from './format.js';
import { useClockEffect } from './hooks.js';
import { Icon } from './icons.js';
import { KeyHelp } from './key-help.js';
import { LiveControl } from './live-control.js';
import { beforeMark, nextError, previousError } from './moments.js';
import { ToolsMenu } from './tools-menu.js';

export interface ControlsProps {
  source: ReplaySource;
  playback: Playback;
  state: PlaybackState;
  onFullscreen: () => void;
  isHelpOpen: boolean;
  onHelp: (isOpen: boolean) => void;
  /** Address of the moment at the playhead; without it there is no button for it. */
  linkAt?: ((time: number) => string) | undefined;
  oneFileUrl?: string | undefined;
  /** Absent where there are none. */
  lists: { isOpen: boolean; onToggle: () => void } | undefined;
}

const SPEEDS = [0.5, 1, 2, 4, 8, 16];

export function Controls(props: ControlsProps): ReactElement {
  const { playback, state, source, onFullscreen, linkAt } = props;
  const playing = state.wantsToPlay;
  return (
    <div className="replay-controls" role="group" aria-label="Playback">
      <button
        type="button"
        className="replay-icon-button"
        data-rank="2"
        aria-label="Back 10 seconds"
        title="Back 10 s (←)"
        onClick={() => void playback.seekBy(-10_000)}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        className="replay-icon-button"
        data-primary
        data-testid="play-toggle"
        aria-label={playing ? 'Pause' : state.status === 'ended' ? 'Play again' : 'Play'}
        title={playing ? 'Pause (space)' : 'Play (space)'}
        onClick={() => playback.toggle()}
      >
        <Icon name={playing ? 'pause' : state.status === 'ended' ? 'restart' : 'play'} />
      </button>
      <button
        type="button"
        className="replay-icon-button"
        data-rank="2"
        aria-label="Forward 10 seconds"
        title="Forward 10 s (→)"
        onClick={() => void playback.seekBy(10_000)}
      >
        <Icon name="forward" />
      </button>
      <ErrorButtons playback={playback} marks={state.marks} />
      <TimeDisplay playback={playback} state={state} />
      <LiveControl playback={playback} state={state} />
      <span className="replay-controls-space" />
      <RecordingSelect playback={playback} state={state} />
      <label className="replay-check" title="Jump over times in which nothing was done (s)">
        <input
          type="checkbox"
          disabled={state.buffered === undefined}
          checked={state.skipInactivity}
          onChange={(event) => playback.setSkipInactivity(event.target.checked)}
        />
        <Icon name="skip" />
        <span>Skip inactivity</span>
      </label>
      <label className="replay-select">
        <span className="replay-hidden">Speed</span>
        <select
          value={state.speed}
          onChange={(event) => playback.setSpeed(Number(event.target.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      {linkAt === undefined ? null : <CopyLink playback={playback} linkAt={linkAt} />}
      <ToolsMenu {...{ playback, state, source, linkAt, oneFileUrl: props.oneFileUrl }} />
      <KeyHelp marks={state.marks} isOpen={props.isHelpOpen} onOpen={props.onHelp} />
      <ListsButton lists={props.lists} />
      <button
        type="button"
        className="replay-icon-button"
        aria-label="Full screen"
        title="Full screen (f)"
        onClick={onFullscreen}
      >
        <Icon name="fullscreen" />
      </button>
    </div>
  );
}

function ListsButton({ lists }: Pick<ControlsProps, 'lists'>): ReactElement | null {
  if (lists === undefined) return null;
  const name = lists.isOpen ? 'Hide the lists' : 'Show the lists';
  return (
    <button
      type="button"
      className="replay-icon-button"
      data-testid="lists"
      aria-label="Lists"
      aria-expanded={lists.isOpen}
      title={`${name} (l)`}
      onClick={lists.onToggle}
    >
      <Icon name="lists" />
    </button>
  );
}

function ErrorButtons({
  playback,
  marks,
}: {
  playback: Playback;
  marks: readonly Mark[];
}): ReactElement {
  const none = !marks.some(isFailure);
  const go = (find: typeof nextError) => () => {
    const mark = find(marks, playback.clock.getSnapshot());
    if (mark !== undefined) void playback.seek(beforeMark(mark));
  };
  return (
    <>
      <button
        type="button"
        className="replay-icon-button"
        data-rank="2"
        aria-label="Previous error"
        title="Previous error (Shift+E)"
        disabled={none}
        onClick={go(previousError)}
      >
        <Icon name="previous-error" />
      </button>
      <button
        type="button"
        className="replay-icon-button"
        data-testid="next-error"
        aria-label="Next error"
        title="Next error (E)"
        disabled={none}
        onClick={go(nextError)}
      >
        <Icon name="next-error" />
      </button>
    </>
  );
}

function TimeDisplay({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement {
  const ref = useRef<HTMLSpanElement>(null);
  const { from, to } = state;
  useClockEffect(playback.clock, (time) => {
    const element = ref.current;
    if (element === null) return;
    element.dataset['time'] = String(Math.round(time));
    element.textContent = clockText(time - from, true);
    element.title = momentText(time);
  });
  return (
    <span className="replay-time">
      <span ref={ref} className="replay-time-now" data-testid="replay-time" />
      <span className="replay-time-total">/ {clockText(to - from)}</span>
    </span>
  );
}

/** Pages and tabs of the session; a person knows them by address and start. */
function RecordingSelect({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement | null {
  const recordings = state.session?.recordings ?? [];
  if (recordings.length < 2) return null;
  return (
    <label className="replay-select replay-pages" title="Pages and tabs of this session">
      <span className="replay-hidden">Page or tab</span>
      <select
        data-testid="recording-select"
        value={state.recordingId ?? ''}
        onChange={(event) => void playback.selectRecording(event.target.value)}
      >
        {recordings.map((recording, at) => {
          const url = recording.segments.find((segment) => segment.url !== undefined)?.url;
          return (
            <option key={recording.recordingId} value={recording.recordingId}>
              {`${at + 1}/${recordings.length} · ${clockText(recording.firstTimestamp - state.from)} · ${url === undefined ? 'page' : pathText(url)}`}
            </option>
          );
        })}
      </select>
    </label>
  );
}
