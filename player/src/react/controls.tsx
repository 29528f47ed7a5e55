/** Everything one presses while watching. */
import { useRef, useState, type ReactElement } from 'react';
import type { ReplaySource } from '../engine/client/source.js';
import type { Playback } from '../engine/playback/playback.js';
import type { LiveStatus, PlaybackState } from '../engine/playback/state.js';
import { clockText, momentText, pathText } from './format.js';
import { useClockEffect } from './hooks.js';
import { Icon } from './icons.js';
import { ToolsMenu } from './tools-menu.js';

export interface ControlsProps {
  source: ReplaySource;
  playback: Playback;
  state: PlaybackState;
  onFullscreen: () => void;
  /** Address of the moment at the playhead; without it there is no button for it. */
  linkAt?: ((time: number) => string) | undefined;
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
        aria-label="Forward 10 seconds"
        title="Forward 10 s (→)"
        onClick={() => void playback.seekBy(10_000)}
      >
        <Icon name="forward" />
      </button>
      <TimeDisplay playback={playback} state={state} />
      <LiveControl playback={playback} state={state} />
      <span className="replay-controls-space" />
      <RecordingSelect playback={playback} state={state} />
      <label className="replay-check" title="Jump over times in which nothing was done">
        <input
          type="checkbox"
          checked={state.skipInactivity}
          onChange={(event) => playback.setSkipInactivity(event.target.checked)}
        />
        Skip inactivity
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
      <ToolsMenu playback={playback} state={state} source={source} linkAt={linkAt} />
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

const LIVE_TEXT: Record<Exclude<LiveStatus, 'off'>, string> = {
  on: 'Live',
  interrupted: 'Live, reconnecting',
  ended: 'Session ended',
};

/** That the session is being recorded, and the way to what was recorded last. */
function LiveControl({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement | null {
  const { isFollowing, live } = state;
  if (live === 'off') return null;
  return (
    <span className="replay-live" data-testid="live" data-live={live} data-following={isFollowing}>
      <span role="status">{LIVE_TEXT[live]}</span>
      {live === 'ended' || isFollowing ? null : (
        <button
          type="button"
          className="replay-button"
          data-testid="go-live"
          title="Play what is being recorded, a few seconds behind"
          onClick={() => void playback.goLive()}
        >
          Go to live
        </button>
      )}
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
    <label className="replay-select" title="Pages and tabs of this session">
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

function CopyLink({
  playback,
  linkAt,
}: {
  playback: Playback;
  linkAt: (time: number) => string;
}): ReactElement {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(linkAt(Math.round(playback.clock.getSnapshot())));
      setOutcome('copied');
    } catch {
      setOutcome('failed'); // No permission, or not a secure context.
    }
    setTimeout(() => setOutcome(undefined), 2000);
  };
  return (
    <>
      <button
        type="button"
        className="replay-icon-button"
        aria-label="Copy link to this moment"
        title="Copy link to this moment"
        onClick={() => void copy()}
      >
        <Icon name={outcome === 'copied' ? 'check' : 'link'} />
      </button>
      <span className="replay-hidden" role="status">
        {outcome === 'copied'
          ? 'Link copied'
          : outcome === 'failed'
            ? 'The browser refused to copy'
            : ''}
      </span>
    </>
  );
}
