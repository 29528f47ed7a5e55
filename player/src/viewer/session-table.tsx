/** One line for each session: who, where, what went wrong, how long, when. */
import type { MouseEvent, ReactElement } from 'react';
import type { SessionSummary } from '@otel-replay/protocol';
import { agoText, countText, durationText, momentText, pathText } from '../react/format.js';
import { Icon } from '../react/icons.js';
import { go, sessionPath } from './route.js';

export function SessionTable({ sessions }: { sessions: readonly SessionSummary[] }): ReactElement {
  const now = Date.now();
  return (
    <ul className="viewer-sessions" aria-label="Sessions">
      {sessions.map((session) => (
        <SessionRow key={session.sessionId} session={session} now={now} />
      ))}
    </ul>
  );
}

function SessionRow({ session, now }: { session: SessionSummary; now: number }): ReactElement {
  const path = sessionPath(session.sessionId);
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(path);
  };
  const { urls } = session;
  return (
    <li data-testid="session-row" data-session-id={session.sessionId}>
      <a className="viewer-session" href={path} onClick={open}>
        <span className="viewer-session-play" aria-hidden="true">
          <Icon name="play" />
        </span>
        <span className="viewer-session-who">
          <strong>{session.userId ?? session.userHash ?? 'Anonymous user'}</strong>
          <span className="viewer-session-sub">{session.serviceNames.join(', ')}</span>
        </span>
        <span className="viewer-session-where">
          <span title={urls.join('\n')}>
            {urls[0] === undefined ? 'Unknown page' : pathText(urls[0])}
          </span>
          <span className="viewer-session-sub">
            {countText(Math.max(1, urls.length), 'page')}
            {session.recordingCount > 1
              ? ` · ${countText(session.recordingCount, 'recording')}`
              : ''}
            {session.traceCount > 0 ? ` · ${countText(session.traceCount, 'trace')}` : ''}
          </span>
        </span>
        <span className="viewer-session-counts">
          {session.errorCount > 0 ? (
            <span className="replay-badge" data-kind="error">
              {countText(session.errorCount, 'error')}
            </span>
          ) : null}
          {session.rageClickCount > 0 ? (
            <span className="replay-badge" data-kind="rage">
              {countText(session.rageClickCount, 'rage click')}
            </span>
          ) : null}
          <span className="viewer-session-sub">{countText(session.clickCount, 'click')}</span>
        </span>
        <span className="viewer-session-when">
          <span title={momentText(session.firstTimestamp)}>
            {agoText(session.firstTimestamp, now)}
          </span>
          <span className="viewer-session-sub">
            {durationText(session.lastTimestamp - session.firstTimestamp)}
            {session.state === 'active' ? ' · active' : ''}
          </span>
        </span>
      </a>
    </li>
  );
}
