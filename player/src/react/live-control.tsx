import type { ReactElement } from 'react';
import type { Playback } from '../engine/playback/playback.js';
import type { LiveStatus, PlaybackState } from '../engine/playback/state.js';

const LIVE_TEXT: Record<Exclude<LiveStatus, 'off'>, string> = {
  on: 'Live',
  interrupted: 'Reconnecting',
  ended: 'Session ended',
};

/** That the session is being recorded, and the way to what was recorded last. */
export function LiveControl({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement | null {
  const { isFollowing, live } = state;
  if (live === 'off') return null;
  const canGo = live !== 'ended' && !isFollowing;
  return (
    <span className="replay-live" data-testid="live" data-live={live} data-following={isFollowing}>
      <span role="status" className={canGo && live === 'on' ? 'replay-hidden' : undefined}>
        {LIVE_TEXT[live]}
      </span>
      {!canGo ? null : (
        <button
          type="button"
          className="replay-button"
          data-small
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
