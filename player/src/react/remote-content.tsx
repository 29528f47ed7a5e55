/** What of the recorded page was not loaded, and the way to load it. */
import { useState, type ReactElement } from 'react';
import type { PlaybackState } from '../engine/playback/state.js';
import { countText } from './format.js';
import { Icon } from './icons.js';

const MAX_HOSTS = 3;

export function RemoteContent({
  state,
  onAllowHost,
}: {
  state: PlaybackState;
  onAllowHost: ((host: string) => void) | undefined;
}): ReactElement | null {
  const [isHidden, setHidden] = useState(false);
  const { blockedHosts, session } = state;
  if (isHidden || session === undefined || blockedHosts.length === 0) return null;
  const more = blockedHosts.length - MAX_HOSTS;
  return (
    <div
      className="replay-remote"
      role="group"
      aria-label="Not loaded"
      data-testid="remote-content"
    >
      <span className="replay-remote-icon">
        <Icon name="shield" />
      </span>
      <ul>
        {blockedHosts.slice(0, MAX_HOSTS).map(({ host, count }) => (
          <li key={host}>
            <span className="replay-remote-text">
              {countText(count, 'resource')} of <strong>{host}</strong>{' '}
              {count === 1 ? 'was' : 'were'} not loaded
            </span>
            {onAllowHost === undefined ? null : (
              <button
                type="button"
                className="replay-button"
                data-small
                title={`${host} then learns that, when and from where this replay is watched`}
                onClick={() => onAllowHost(host)}
              >
                Load
              </button>
            )}
          </li>
        ))}
        {more > 0 ? <li>and {countText(more, 'other host')}</li> : null}
      </ul>
      <button
        type="button"
        className="replay-icon-button"
        data-small
        aria-label="Hide this note"
        onClick={() => setHidden(true)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
