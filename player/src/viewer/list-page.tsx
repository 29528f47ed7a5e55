/** Recent sessions, newest first. */
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import type { SessionSummary } from '@otel-replay/protocol';
import type { ReplaySource } from '../engine/client/source.js';
import { Icon } from '../react/icons.js';
import { Failure, Loading, StateMessage } from '../react/state-message.js';
import { FilterBar } from './filter-bar.js';
import { readFilters, toQuery } from './filters.js';
import { go } from './route.js';
import { SessionTable } from './session-table.js';
import { useSessions } from './use-sessions.js';

export interface ListPageProps {
  source: ReplaySource;
  /** The filters, see `filters.ts`. */
  search: URLSearchParams;
  onToken: (token: string) => void;
  onFile: (file: Blob) => void;
  fileProblem: string | undefined;
}

export function ListPage({
  source,
  search,
  onToken,
  onFile,
  fileProblem,
}: ListPageProps): ReactElement {
  const address = search.toString();
  const filters = useMemo(() => readFilters(new URLSearchParams(address)), [address]);
  const query = useMemo(() => toQuery(filters, Date.now()), [filters]);
  const { sessions, hasMore, status, error, loadMore, reload } = useSessions(source, query);
  useEffect(() => {
    document.title = 'Sessions · OTel Replay';
  }, []);
  const filtered = address !== '';
  const services = useSeenServices(sessions, filters.service);
  return (
    <>
      <header className="viewer-head">
        <Logo />
        <h1 className="viewer-title">Sessions</h1>
        <span className="viewer-space" />
        <OpenFile onFile={onFile} />
      </header>
      <main className="viewer-list">
        <FilterBar key={address} filters={filters} services={services} />
        {fileProblem === undefined ? null : (
          <p className="viewer-problem" role="alert">
            {fileProblem}
          </p>
        )}
        {error !== undefined ? (
          <Failure
            error={error}
            onRetry={reload}
            onToken={(token) => {
              onToken(token);
              reload();
            }}
          />
        ) : sessions.length > 0 ? (
          <Found
            sessions={sessions}
            hasMore={hasMore}
            isBusy={status === 'loading'}
            onMore={loadMore}
          />
        ) : status === 'loading' ? (
          <Loading label="Loading sessions" />
        ) : (
          <Nothing filtered={filtered} />
        )}
      </main>
    </>
  );
}

function Found(props: {
  sessions: readonly SessionSummary[];
  hasMore: boolean;
  isBusy: boolean;
  onMore: () => void;
}): ReactElement {
  return (
    <>
      <SessionTable sessions={props.sessions} />
      {props.hasMore ? (
        <button
          type="button"
          className="replay-button viewer-more"
          disabled={props.isBusy}
          onClick={props.onMore}
        >
          {props.isBusy ? 'Loading …' : 'Show older sessions'}
        </button>
      ) : null}
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }): ReactElement {
  if (filtered) {
    return (
      <StateMessage icon="search" title="No session matches" reason="no_match">
        <p>Search takes a trace id, a user id, or a part of a page’s address.</p>
        <button type="button" className="replay-button" onClick={() => go('/')}>
          Show all sessions
        </button>
      </StateMessage>
    );
  }
  return (
    <StateMessage icon="clock" title="No sessions yet" reason="empty">
      <p>
        Sessions appear here a few seconds after a page with <code>SessionReplaySpanProcessor</code>{' '}
        sends its first spans to this processor.
      </p>
      <p>
        Nothing after a minute? Check the exporter’s address, and this processor’s CORS origins.
      </p>
    </StateMessage>
  );
}

function OpenFile({ onFile }: { onFile: (file: Blob) => void }): ReactElement {
  const ref = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="replay-button"
        title="Play a downloaded session; or drop the file anywhere"
        onClick={() => ref.current?.click()}
      >
        <Icon name="upload" />
        <span>Open file</span>
      </button>
      <input
        ref={ref}
        type="file"
        hidden
        data-testid="file-input"
        aria-label="Session export"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onFile(file);
          event.target.value = '';
        }}
      />
    </>
  );
}

function Logo(): ReactElement {
  return (
    <svg className="viewer-logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--replay-accent)" />
      <path d="M12 9v14l11-7z" fill="var(--replay-accent-text)" />
    </svg>
  );
}

/** Of the sessions that were listed: a filter narrows the list, but not the choice. */
function useSeenServices(
  sessions: readonly SessionSummary[],
  chosen: string | undefined,
): readonly string[] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    setSeen((known) => {
      const all = new Set(known);
      for (const { serviceNames } of sessions) for (const name of serviceNames) all.add(name);
      return all.size === known.size ? known : all;
    });
  }, [sessions]);
  return [...new Set([...seen, ...(chosen === undefined ? [] : [chosen])])].sort();
}
