/** What happened beside the picture: six lists, one search. */
import {
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import { failuresOf } from '../engine/timeline/failures.js';
import { requestsOf } from '../engine/timeline/requests.js';
import { Icon } from './icons.js';
import { ConsoleList } from './lists/console-list.js';
import { ErrorList } from './lists/error-list.js';
import { EventList } from './lists/event-list.js';
import type { ListContext } from './lists/list-context.js';
import { NetworkList } from './lists/network-list.js';
import { SessionDetails } from './lists/session-details.js';
import { SpanList } from './lists/span-list.js';
import type { PlayerTab } from './player-props.js';

export interface SidePanelProps {
  playback: Playback;
  state: PlaybackState;
  tab: PlayerTab;
  onTab: (tab: PlayerTab) => void;
  searchRef: RefObject<HTMLInputElement | null>;
  /** Address of a span in the trace backend. */
  spanHref?: ((traceId: string, spanId: string) => string) | undefined;
}

export const TAB_NAMES: Readonly<Record<PlayerTab, string>> = {
  spans: 'Spans',
  network: 'Network',
  console: 'Console',
  errors: 'Errors',
  events: 'Events',
  details: 'Details',
};
export const TABS = Object.keys(TAB_NAMES) as PlayerTab[];

export function SidePanel(props: SidePanelProps): ReactElement {
  const { playback, state, tab, onTab, spanHref } = props;
  const id = useId();
  const [search, setSearch] = useState('');
  const [follows, setFollows] = useState(true);
  const [wanted, setWanted] = useState<string>();
  const context: ListContext = {
    playback,
    state,
    spanHref,
    follows,
    query: search.trim().toLowerCase(),
    onStopFollowing: () => setFollows(false),
    showSpan: (traceId, spanId) => {
      setSearch('');
      setWanted(`${traceId}/${spanId}`);
      onTab('spans');
    },
    showTab: onTab,
  };
  return (
    <aside className="replay-side" aria-label="Beside the replay">
      <Tabs
        {...{ id, state, tab }}
        onTab={(next) => {
          setWanted(undefined);
          onTab(next);
        }}
      />
      <div className="replay-search">
        <span className="replay-search-box">
          <Icon name="search" />
          <input
            ref={props.searchRef}
            className="replay-input"
            type="search"
            aria-label={`Search in ${TAB_NAMES[tab].toLowerCase()}`}
            placeholder={`Search ${TAB_NAMES[tab].toLowerCase()}`}
            title="Search (/)"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              if (search === '') event.currentTarget.blur();
              setSearch('');
            }}
          />
        </span>
        <button
          type="button"
          className="replay-icon-button"
          data-testid="follow"
          aria-label="Follow the playhead"
          title="Follow the playhead; scrolling in a list stops it"
          aria-pressed={follows}
          onClick={() => setFollows(!follows)}
        >
          <Icon name="follow" />
        </button>
      </div>
      <div
        className="replay-tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-tab-${tab}`}
      >
        {list(tab, context, wanted)}
      </div>
    </aside>
  );
}

function list(tab: PlayerTab, context: ListContext, wanted: string | undefined): ReactNode {
  switch (tab) {
    case 'spans':
      return <SpanList context={context} wanted={wanted} />;
    case 'network':
      return <NetworkList context={context} />;
    case 'console':
      return <ConsoleList context={context} />;
    case 'errors':
      return <ErrorList context={context} />;
    case 'events':
      return <EventList context={context} />;
    case 'details':
      return <SessionDetails context={context} />;
  }
}

function Tabs(props: {
  id: string;
  state: PlaybackState;
  tab: PlayerTab;
  onTab: (tab: PlayerTab) => void;
}): ReactElement {
  const { id, state, tab, onTab } = props;
  const buttons = useRef(new Map<PlayerTab, HTMLButtonElement>());
  const counts = useCounts(state);
  useEffect(() => {
    const button = buttons.current.get(tab);
    const bar = button?.parentElement;
    if (button === undefined || bar === null || bar === undefined) return;
    const { offsetLeft, offsetWidth } = button;
    if (
      offsetLeft < bar.scrollLeft ||
      offsetLeft + offsetWidth > bar.scrollLeft + bar.clientWidth
    ) {
      bar.scrollLeft = offsetLeft - 24;
    }
  }, [tab]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    onTab(next);
    buttons.current.get(next)?.focus();
  };
  return (
    <div className="replay-tabs" role="tablist" aria-label="Beside the replay">
      {TABS.map((name) => (
        <button
          key={name}
          ref={(element) => {
            if (element === null) buttons.current.delete(name);
            else buttons.current.set(name, element);
          }}
          type="button"
          role="tab"
          id={`${id}-tab-${name}`}
          aria-controls={`${id}-panel`}
          aria-selected={name === tab}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onTab(name)}
          onKeyDown={onKeyDown}
        >
          {TAB_NAMES[name]}
          {counts[name] === undefined || counts[name] === 0 ? null : (
            <span className="replay-tab-count" data-kind={name}>
              {counts[name].toLocaleString()}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

/** Of what is known so far. */
function useCounts({
  spans,
  marks,
  requests,
  logs,
}: PlaybackState): Partial<Record<PlayerTab, number>> {
  return useMemo(
    () => ({
      spans: spans.length,
      network: requestsOf(requests, spans).length,
      console: logs.length,
      errors: failuresOf(marks, spans).length,
      events: marks.length,
    }),
    [spans, marks, requests, logs],
  );
}
