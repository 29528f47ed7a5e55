/** The whole player as one component: stage, time line, controls, spans and moments. */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent as ReactKeyboardEvent,
  type ReactElement,
} from 'react';
import type { OpenRequest } from '../engine/playback/open-session.js';
import { Playback } from '../engine/playback/playback.js';
import { INITIAL_STATE, type PlaybackState } from '../engine/playback/state.js';
import { Store } from '../engine/store.js';
import { clockSkewOf, mergeSpans } from '../engine/timeline/spans.js';
import type { Mark } from '../engine/timeline/marks.js';
import { Controls } from './controls.js';
import { useLatest, useStore } from './hooks.js';
import { keyAction } from './keyboard.js';
import type { ReplayPlayerProps } from './player-props.js';
import { SidePanel } from './side-panel.js';
import { Stage } from './stage.js';
import { Failure } from './state-message.js';
import { Timeline } from './timeline.js';

export function ReplayPlayer(props: ReplayPlayerProps): ReactElement {
  const {
    source,
    sessionId,
    traceId,
    recordingId,
    time,
    onToken,
    onOpened,
    theme = 'auto',
  } = props;
  const hostRef = useRef<HTMLDivElement>(null);
  const rootRef = useRef<HTMLDivElement>(null);
  const [playback, setPlayback] = useState<Playback>();
  const onPlayback = useLatest(props.onPlayback);
  useEffect(() => {
    if (hostRef.current === null) return undefined;
    const created = new Playback({ source, stage: hostRef.current });
    setPlayback(created);
    onPlayback.current?.(created);
    return () => {
      onPlayback.current?.(undefined);
      created.stop();
    };
  }, [source]);
  useEffect(() => {
    void playback?.open(request({ sessionId, traceId, recordingId, time }));
  }, [playback, sessionId, traceId, recordingId, time]);
  const state = useHostsKnowledge(useStore(playback?.state ?? IDLE), props);
  const { session, status } = state;
  useEffect(() => {
    if (session !== undefined && status !== 'loading') onOpened?.(state);
    // Once for each session: the state as such changes all the time.
  }, [session, status === 'loading']);
  const retry = useCallback(() => {
    const opened = playback?.state.getSnapshot().session;
    const at = opened && { sessionId: opened.sessionId, time: playback?.clock.getSnapshot() };
    void playback?.open(request({ sessionId, traceId, recordingId, time, ...at }));
  }, [playback, sessionId, traceId, recordingId, time]);
  const { error } = state;
  useEffect(() => {
    // Who follows a link at once is early: what happened is still on its way.
    if (error?.reason !== 'not_yet') return undefined;
    const timer = setTimeout(retry, NOT_YET_RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, retry]);
  const fullscreen = useCallback(() => toggleFullscreen(rootRef.current), []);
  const onKeyDown = useKeyboard(playback, state.marks, fullscreen, props.keyboard ?? 'page');
  const linkTo = props.linkTo;
  const linkAt =
    linkTo === undefined || session === undefined
      ? undefined
      : (at: number) => linkTo(session.sessionId, at);
  const failed = status === 'error' && state.error !== undefined;
  return (
    <div
      className="replay-player"
      data-theme={theme}
      ref={rootRef}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="replay-main">
        <Stage
          state={state}
          hostRef={hostRef}
          onToggle={() => playback?.toggle()}
          message={
            failed && state.error !== undefined
              ? (props.failure?.(state.error, retry) ?? (
                  <Failure
                    error={state.error}
                    onRetry={retry}
                    onToken={
                      onToken &&
                      ((token) => {
                        onToken(token);
                        retry();
                      })
                    }
                  />
                ))
              : null
          }
        />
        {playback === undefined || failed ? null : (
          <div className="replay-deck">
            <Timeline
              playback={playback}
              state={state}
              hoverTime={props.hoverTime}
              onHoverTime={props.onHoverTime}
            />
            <Controls
              playback={playback}
              state={state}
              onFullscreen={fullscreen}
              linkAt={linkAt}
              source={source}
            />
          </div>
        )}
      </div>
      {playback === undefined || failed ? null : (
        <SidePanel
          playback={playback}
          state={state}
          spanHref={props.spanHref}
          initialTab={props.initialTab}
        />
      )}
    </div>
  );
}

/** As the replay API asks for by `Retry-After`. */
const NOT_YET_RETRY_MS = 2000;

/** Before the engine exists, which needs the stage's element. */
const IDLE = new Store<PlaybackState>(INITIAL_STATE);

function request(given: { [K in keyof OpenRequest]: OpenRequest[K] | undefined }): OpenRequest {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The state as views see it: with the spans and moments that the host adds. */
function useHostsKnowledge(
  state: PlaybackState,
  { extraSpans = [], extraMarks = [] }: ReplayPlayerProps,
): PlaybackState {
  const { session } = state;
  const skewMs = session === undefined ? 0 : clockSkewOf(session);
  const spans = useMemo(
    () => mergeSpans(state.spans, extraSpans, skewMs),
    [state.spans, extraSpans, skewMs],
  );
  const marks = useMemo(
    () =>
      extraMarks.length === 0
        ? state.marks
        : [...state.marks, ...extraMarks].sort((a, b) => a.time - b.time),
    [state.marks, extraMarks],
  );
  return useMemo(() => ({ ...state, spans, marks }), [state, spans, marks]);
}

/** Listens on the page, or returns what the player's own element shall listen with. */
function useKeyboard(
  playback: Playback | undefined,
  marks: readonly Mark[],
  fullscreen: () => void,
  scope: 'page' | 'focus',
): (event: ReactKeyboardEvent) => void {
  const latest = useLatest((event: KeyboardEvent): boolean => {
    const action = playback && keyAction(event, playback, marks, fullscreen);
    if (action === undefined) return false;
    event.preventDefault();
    action();
    return true;
  });
  useEffect(() => {
    if (scope === 'focus') return undefined;
    const onKeyDown = (event: KeyboardEvent): void => void latest.current(event);
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [scope, latest]);
  return useCallback(
    (event) => {
      // The host's own shortcuts listen further out.
      if (scope === 'focus' && latest.current(event.nativeEvent)) event.stopPropagation();
    },
    [scope, latest],
  );
}

function toggleFullscreen(element: HTMLElement | null): void {
  const done =
    document.fullscreenElement === null ? element?.requestFullscreen() : document.exitFullscreen();
  done?.catch(() => undefined); // Refused by the browser or by an embedding page: nothing to do.
}
