/** Recent sessions, newest first. */
import { useEffect, useMemo, useRef, useState, type FormEvent, type ReactElement } from 'react';
import type { SessionSummary } from '@otel-replay/protocol';
import type { ReplaySource, SessionQuery } from '../engine/client/source.js';
import { Icon } from '../react/icons.js';
import { Failure, Loading, StateMessage } from '../react/state-message.js';
import { go, tracePath } from './route.js';
import { SessionTable } from './session-table.js';
import { useSessions } from './use-sessions.js';

export interface ListPageProps {
  source: ReplaySource;
  /** `q` and `errors`. */
  search: URLSearchParams;
  onToken: (token: string) => void;
  onFile: (file: Blob) => void;
  fileProblem: string | undefined;
}

const PAGE_SIZE = 50;

export function ListPage({
  source,
  search,
  onToken,
  onFile,
  fileProblem,
}: ListPageProps): ReactElement {
  const text = search.get('q') ?? '';
  const onlyErrors = search.get('errors') === '1';
  const query = useMemo(() => toQuery(text, onlyErrors), [text, onlyErrors]);
  const { sessions, hasMore, status, error, loadMore, reload } = useSessions(source, query);
  useEffect(() => {
    document.title = 'Sessions · OTel Replay';
  }, []);
  const filtered = text !== '' || onlyErrors;
  return (
    <>
      <header className="viewer-head">
        <Logo />
        <h1 className="viewer-title">Sessions</h1>
        <span className="viewer-space" />
        <OpenFile onFile={onFile} />
      </header>
      <main className="viewer-list">
        <Search key={`${text}|${onlyErrors}`} text={text} onlyErrors={onlyErrors} />
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

function Search({ text, onlyErrors }: { text: string; onlyErrors: boolean }): ReactElement {
  const [value, setValue] = useState(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const trimmed = value.trim();
    if (isTraceId(trimmed)) go(tracePath(trimmed.toLowerCase()));
    else apply(trimmed, onlyErrors);
  };
  return (
    <form className="viewer-search" role="search" onSubmit={submit}>
      <label className="viewer-search-box">
        <span className="replay-hidden">Search sessions</span>
        <Icon name="search" />
        <input
          type="search"
          className="replay-input"
          placeholder="Trace id, user id, or part of a page’s address"
          value={value}
          spellCheck={false}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
      <label className="replay-check">
        <input
          type="checkbox"
          checked={onlyErrors}
          onChange={(event) => apply(value.trim(), event.target.checked)}
        />
        Errors only
      </label>
      <button type="submit" className="replay-button">
        Search
      </button>
    </form>
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

function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

function apply(text: string, onlyErrors: boolean): void {
  const search = new URLSearchParams();
  if (text !== '') search.set('q', text);
  if (onlyErrors) search.set('errors', '1');
  const query = search.toString();
  go(query === '' ? '/' : `/?${query}`, { replace: true });
}

/** What holds a slash or a dot-and-letters like an address does is one; anything else is a user. */
function toQuery(text: string, onlyErrors: boolean): SessionQuery {
  const query: SessionQuery = { limit: PAGE_SIZE };
  if (text.includes('/') || (text.includes('.') && !text.includes('@'))) query.url = text;
  else if (text !== '') query.user = text;
  if (onlyErrors) query.error = true;
  return query;
}
