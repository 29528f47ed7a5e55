/** The whole player as one component: stage, time line, controls, and the lists beside them. */
import { useCallback, useRef, useState, type ReactElement } from 'react';
import { Controls } from './controls.js';
import type { PlayerTab, ReplayPlayerProps } from './player-props.js';
import { SidePanel, TABS } from './side-panel.js';
import { Stage } from './stage.js';
import { Failure } from './state-message.js';
import { Timeline } from './timeline/timeline.js';
import { useHostsKnowledge } from './use-hosts-knowledge.js';
import { useKeyboard } from './use-keyboard.js';
import { useLists } from './use-lists.js';
import { usePlayback } from './use-playback.js';

export function ReplayPlayer(props: ReplayPlayerProps): ReactElement {
  const { source, onToken, linkTo, theme = 'auto' } = props;
  const hostRef = useRef<HTMLDivElement>(null);
  const rootRef = useRef<HTMLDivElement>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const { playback, state: own, retry } = usePlayback(props, hostRef);
  const state = useHostsKnowledge(own, props);
  const { session, error } = state;
  const [tab, setTab] = useState<PlayerTab>(props.initialTab ?? 'spans');
  const lists = useLists(props.lists ?? 'auto', rootRef);
  const [isRealSize, setRealSize] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const fullscreen = useCallback(() => toggleFullscreen(rootRef.current), []);
  const realSize = useCallback(() => setRealSize((is) => !is), []);
  const onKeyDown = useKeyboard(
    playback && {
      playback,
      marks: state.marks,
      onFullscreen: fullscreen,
      onSearch: () => {
        lists.show();
        // Once they are there.
        requestAnimationFrame(() => searchRef.current?.focus());
      },
      onHelp: () => setHelpOpen((is) => !is),
      onRealSize: realSize,
      onLists: lists.toggle,
      onTab: (position) => {
        lists.show();
        setTab(TABS[position - 1] ?? tab);
      },
    },
    props.keyboard ?? 'page',
  );
  const failed = state.status === 'error' ? error : undefined;
  const linkAt =
    linkTo && session ? (at: number): string => linkTo(session.sessionId, at) : undefined;
  const enterToken =
    onToken &&
    ((token: string): void => {
      onToken(token);
      retry();
    });
  return (
    <div
      className="replay-player"
      data-theme={theme}
      data-low={lists.low}
      data-lists={lists.isOpen ? 'open' : 'closed'}
      style={lists.style}
      ref={rootRef}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="replay-layout">
        <div className="replay-main">
          <Stage
            state={state}
            hostRef={hostRef}
            isRealSize={isRealSize}
            onRealSize={realSize}
            onToggle={() => playback?.toggle()}
            onAllowHost={
              props.remoteContent === 'tell' ? undefined : (host) => void playback?.allowHost(host)
            }
            message={
              failed === undefined
                ? null
                : (props.failure?.(failed, retry) ?? (
                    <Failure error={failed} onRetry={retry} onToken={enterToken} />
                  ))
            }
          />
          {playback === undefined || failed !== undefined ? null : (
            <div className="replay-deck">
              <Timeline
                playback={playback}
                state={state}
                hoverTime={props.hoverTime}
                onHoverTime={props.onHoverTime}
              />
              <Controls
                {...{ playback, state, source, linkAt, isHelpOpen }}
                onFullscreen={fullscreen}
                oneFileUrl={props.oneFileUrl}
                onHelp={setHelpOpen}
                lists={lists.exist ? { isOpen: lists.isOpen, onToggle: lists.toggle } : undefined}
              />
            </div>
          )}
        </div>
        {playback === undefined || failed !== undefined || !lists.isOpen ? null : (
          <SidePanel
            {...{ playback, state, tab, searchRef }}
            onTab={setTab}
            spanHref={props.spanHref}
          />
        )}
      </div>
    </div>
  );
}

function toggleFullscreen(element: HTMLElement | null): void {
  const done =
    document.fullscreenElement === null ? element?.requestFullscreen() : document.exitFullscreen();
  done?.catch(() => undefined); // Refused by the browser or by an embedding page: nothing to do.
}
