/** Empty, loading and error states: what is the matter, why, and what to do. */
import { useState, type ReactElement, type ReactNode } from 'react';
import type { NoReplayReason } from '@otel-replay/protocol';
import type { PlaybackError } from '../engine/playback/state.js';
import { Icon, type IconName } from './icons.js';

export interface StateMessageProps {
  icon: IconName;
  title: string;
  /** Machine-readable, for tests and tools. */
  reason: string;
  children?: ReactNode;
  /** Announce at once: for failures. */
  isError?: boolean;
}

export function StateMessage(props: StateMessageProps): ReactElement {
  return (
    <div
      className="replay-message"
      data-testid="state-message"
      data-reason={props.reason}
      role={props.isError === true ? 'alert' : 'status'}
    >
      <span className="replay-message-icon" data-error={props.isError === true || undefined}>
        <Icon name={props.icon} />
      </span>
      <p className="replay-message-title">{props.title}</p>
      <div className="replay-message-text">{props.children}</div>
    </div>
  );
}

const NO_REPLAY: Record<NoReplayReason, { title: string; why: string; todo: string }> = {
  never_recorded: {
    title: 'Nothing was recorded here',
    why: 'No browser that took part in this was recording: the recorder is not installed on that page, the person did not consent, or the request did not start in a browser.',
    todo: 'Check that the page adds SessionReplaySpanProcessor, and that its requests reach this processor.',
  },
  sampled_out: {
    title: 'This session was not kept',
    why: 'It was recorded, but nothing happened in it that your policies keep: no error, no slow request, no match.',
    todo: 'To keep more sessions like it, widen the policies in the processor’s configuration.',
  },
  shed: {
    title: 'This session was not kept',
    why: 'The processor was under pressure and gave up some sessions, each of them whole, so that the others stay complete.',
    todo: 'Raise the limit that was too small, or add an instance; the processor’s log and metrics say since when.',
  },
  expired: {
    title: 'This replay has expired',
    why: 'It was kept for as long as the retention time says, and then removed.',
    todo: 'To keep replays longer, raise the retention in the processor’s configuration.',
  },
  deleted: {
    title: 'This replay was deleted',
    why: 'Someone removed it, usually because the recorded person asked for it.',
    todo: 'It cannot be brought back.',
  },
  not_yet: {
    title: 'Not there yet',
    why: 'The session is still being recorded, and its first part has not arrived.',
    todo: 'It opens by itself in a few seconds.',
  },
};

/** Of `sampled_out`, where a policy prevented it. */
const DROPPED = {
  title: 'This session was not kept',
  why: 'It was recorded, and a policy drops sessions like it, whatever happens in them.',
  todo: 'To keep such sessions, change that policy in the processor’s configuration.',
};

export interface FailureProps {
  error: PlaybackError;
  onRetry: () => void;
  /** Shown for `unauthorized`; without it the message alone is. */
  onToken?: ((token: string) => void) | undefined;
}

/** The right message for any failure of the source or of playback. */
export function Failure({ error, onRetry, onToken }: FailureProps): ReactElement {
  const retry = (
    <button type="button" className="replay-button" onClick={onRetry}>
      <Icon name="restart" /> Try again
    </button>
  );
  if (error.reason !== undefined) {
    const { title, why, todo } = error.droppedBy === undefined ? NO_REPLAY[error.reason] : DROPPED;
    return (
      <StateMessage icon="eye-off" title={title} reason={error.reason}>
        <p>{why}</p>
        {error.policies === undefined ? null : (
          <p data-testid="asked-policies">
            Policies that were asked: <strong>{error.policies.join(', ')}</strong>.
          </p>
        )}
        {error.droppedBy === undefined ? null : (
          <p data-testid="dropped-by">
            Dropped by <strong>{error.droppedBy.policy}</strong>: {error.droppedBy.reason}.
          </p>
        )}
        {error.limit === undefined ? null : (
          <p data-testid="short-limit">
            Limit that was too small: <strong>{error.limit}</strong>.
          </p>
        )}
        <p>{todo}</p>
        {error.reason === 'not_yet' ? retry : null}
      </StateMessage>
    );
  }
  if (error.kind === 'unauthorized') {
    return (
      <StateMessage icon="lock" title="A token is needed" reason="unauthorized" isError>
        <p>{error.message}</p>
        {onToken === undefined ? retry : <TokenForm onToken={onToken} />}
      </StateMessage>
    );
  }
  const title = {
    unreachable: 'The replay service does not answer',
    no_replay: 'There is no replay',
    bad_request: 'That could not be asked',
    server: 'The replay service failed',
    corrupt: 'This replay is damaged',
    no_snapshot: 'This part has no picture',
    too_large: 'This moment is too large to be shown',
    internal: 'The player failed',
  }[error.kind];
  return (
    <StateMessage icon="error" title={title} reason={error.kind} isError>
      <p>{error.message}</p>
      {retry}
    </StateMessage>
  );
}

function TokenForm({ onToken }: { onToken: (token: string) => void }): ReactElement {
  const [token, setToken] = useState('');
  return (
    <form
      className="replay-token"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== '') onToken(token.trim());
      }}
    >
      <label>
        <span>Bearer token</span>
        <input
          className="replay-input"
          type="password"
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <button type="submit" className="replay-button" data-primary>
        Continue
      </button>
      <p className="replay-hint">It stays in this tab and is forgotten when the tab closes.</p>
    </form>
  );
}

export function Loading({ label }: { label: string }): ReactElement {
  return (
    <div className="replay-loading" role="status" data-testid="state-message" data-reason="loading">
      <span className="replay-spinner" aria-hidden="true" />
      {label}
    </div>
  );
}
