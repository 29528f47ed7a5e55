/** One session: a head line that says whose and when, and the player. */
import { useEffect, useState, type ReactElement } from 'react';
import { ONE_FILE_URL } from 'virtual:one-file';
import type { SessionManifest } from '@otel-replay/protocol';
import type { ReplaySource } from '../engine/client/source.js';
import { countText, durationText, momentText } from '../react/format.js';
import { Icon } from '../react/icons.js';
import { ReplayPlayer } from '../react/replay-player.js';
import { DecisionFact } from './decision-fact.js';
import { sessionPath } from './route.js';

export interface ReplayPageProps {
  source: ReplaySource;
  sessionId?: string;
  traceId?: string;
  time?: number | undefined;
  /** The session comes from a file: there is no address of it. */
  isFile?: boolean;
  onToken?: (token: string) => void;
  /** Absent where there is no list. */
  onBack?: () => void;
  /** Address of a moment, where it is another one than the viewer's. */
  linkTo?: (sessionId: string, time: number) => string;
}

export function ReplayPage(props: ReplayPageProps): ReactElement {
  const { source, sessionId, traceId, time, onToken, onBack } = props;
  const [session, setSession] = useState<SessionManifest>();
  useEffect(() => {
    const who = session?.userId ?? session?.sessionId ?? traceId ?? sessionId ?? '';
    document.title = `${who.slice(0, 24)} · OTel Replay`;
  }, [session, traceId, sessionId]);
  return (
    <>
      <header className="viewer-head">
        {onBack === undefined ? null : <Back onBack={onBack} />}
        <h1 className="viewer-title">
          {session === undefined
            ? 'Replay'
            : (session.userId ?? session.userHash ?? 'Anonymous user')}
        </h1>
        {session === undefined ? null : (
          <Facts session={session} traceId={traceId} hasAddress={props.isFile !== true} />
        )}
        <span className="viewer-space" />
        {props.isFile === true ? <span className="replay-hint">Opened from a file</span> : null}
      </header>
      <main className="viewer-replay">
        <ReplayPlayer
          source={source}
          sessionId={sessionId}
          traceId={traceId}
          time={time}
          onToken={onToken}
          linkTo={props.linkTo ?? (props.isFile === true ? undefined : linkTo)}
          oneFileUrl={ONE_FILE_URL}
          // The page's policy forbids all loads from elsewhere.
          remoteContent="tell"
          onOpened={(state) => setSession(state.session)}
        />
      </main>
    </>
  );
}

function Facts({
  session,
  traceId,
  hasAddress,
}: {
  session: SessionManifest;
  traceId: string | undefined;
  hasAddress: boolean;
}): ReactElement {
  return (
    <p className="viewer-facts" tabIndex={0} role="group" aria-label="About this session">
      <span>{momentText(session.firstTimestamp)}</span>
      <span>{durationText(session.lastTimestamp - session.firstTimestamp)}</span>
      <span>{session.serviceNames.join(', ')}</span>
      {session.errorCount > 0 ? (
        <span className="replay-badge" data-kind="error">
          {countText(session.errorCount, 'error')}
        </span>
      ) : null}
      {traceId === undefined ? null : (
        <span>
          trace <code title={traceId}>{traceId.slice(0, 12)}…</code>
        </span>
      )}
      {session.decision === undefined ? null : (
        <DecisionFact decision={session.decision} hasAddress={hasAddress} />
      )}
      {session.state === 'active' ? <span className="replay-badge">still active</span> : null}
    </p>
  );
}

function Back({ onBack }: { onBack: () => void }): ReactElement {
  return (
    <a
      className="viewer-back"
      href="/"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onBack();
      }}
    >
      <Icon name="arrow-left" />
      <span>Sessions</span>
    </a>
  );
}

function linkTo(sessionId: string, time: number): string {
  return location.origin + sessionPath(sessionId, time);
}
