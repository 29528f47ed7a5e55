/** What happened beside the picture: spans, and moments. */
import { useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { MomentList } from './moment-list.js';
import type { PlayerTab } from './player-props.js';
import { SpanList, type SpanListProps } from './span-list.js';

const TABS = ['Spans', 'Moments'] as const;

export interface SidePanelProps extends SpanListProps {
  initialTab?: PlayerTab | undefined;
}

export function SidePanel(props: SidePanelProps): ReactElement {
  const [tab, setTab] = useState(
    props.initialTab === 'events' || props.initialTab === 'errors' ? 1 : 0,
  );
  const id = useId();
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const errors = props.state.marks.filter((mark) => mark.kind === 'error').length;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    const next = (tab + 1) % TABS.length;
    setTab(next);
    buttons.current[next]?.focus();
  };
  return (
    <aside className="replay-side" aria-label="Spans and moments">
      <div className="replay-tabs" role="tablist" aria-label="Beside the replay">
        {TABS.map((name, at) => (
          <button
            key={name}
            ref={(element) => {
              buttons.current[at] = element;
            }}
            type="button"
            role="tab"
            id={`${id}-tab-${at}`}
            aria-controls={`${id}-panel`}
            aria-selected={at === tab}
            tabIndex={at === tab ? 0 : -1}
            onClick={() => setTab(at)}
            onKeyDown={onKeyDown}
          >
            {name}
            <span className="replay-tab-count">
              {at === 0 ? props.state.spans.length : props.state.marks.length}
            </span>
            {at === 1 && errors > 0 ? (
              <span className="replay-badge" data-kind="error">
                {errors === 1 ? '1 error' : `${errors} errors`}
              </span>
            ) : null}
          </button>
        ))}
      </div>
      <div
        className="replay-tab-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-tab-${tab}`}
      >
        {tab === 0 ? (
          <SpanList {...props} />
        ) : (
          <MomentList playback={props.playback} state={props.state} />
        )}
      </div>
    </aside>
  );
}
