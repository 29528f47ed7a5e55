/** The whole player as one component: stage, time line, controls, spans and moments. */
import { useCallback, useEffect, useRef, useState, type ReactElement } from 'react';
import type { ReplaySource } from '../engine/client/source.js';
import type { OpenRequest } from '../engine/playback/open-session.js';
import { Playback } from '../engine/playback/playback.js';
import { INITIAL_STATE, type PlaybackState } from '../engine/playback/state.js';
import { Store } from '../engine/store.js';
import { Controls } from './controls.js';
import { useStore } from './hooks.js';
import { keyAction } from './keyboard.js';
import { SidePanel } from './side-panel.js';
import { Stage } from './stage.js';
import { Failure } from './state-message.js';
import { Timeline } from './timeline.js';

export interface ReplayPlayerProps {
  /** Keep the object between renders: another one opens the replay anew. */
  source: ReplaySource;
  sessionId?: string | undefined;
  /** Opens at this trace, and shows its spans first. */
  traceId?: string | undefined;
  recordingId?: string | undefined;
  /** Unix milliseconds to open at. */
  time?: number | undefined;
  /** `auto` follows the system. Default `auto`. */
  theme?: 'light' | 'dark' | 'auto' | undefined;
  /** Address of a moment of a session, for "copy link". */
  linkTo?: ((sessionId: string, time: number) => string) | undefined;
  /** Address of a span in the trace backend. */
  spanHref?: ((traceId: string, spanId: string) => string) | undefined;
  /** Called with what was entered when the source wants a bearer token; the source must use it then. */
  onToken?: ((token: string) => void) | undefined;
  /** Told when a session is open, for titles and the like. */
  onOpened?: ((state: PlaybackState) => void) | undefined;
}

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
  useEffect(() => {
    if (hostRef.current === null) return undefined;
    const created = new Playback({ source, stage: hostRef.current });
    setPlayback(created);
    return () => created.stop();
  }, [source]);
  useEffect(() => {
    void playback?.open(request({ sessionId, traceId, recordingId, time }));
  }, [playback, sessionId, traceId, recordingId, time]);
  const state = useStore(playback?.state ?? IDLE);
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
  useKeyboard(playback, fullscreen);
  const linkTo = props.linkTo;
  const linkAt =
    linkTo === undefined || session === undefined
      ? undefined
      : (at: number) => linkTo(session.sessionId, at);
  const failed = status === 'error' && state.error !== undefined;
  return (
    <div className="replay-player" data-theme={theme} ref={rootRef}>
      <div className="replay-main">
        <Stage
          state={state}
          hostRef={hostRef}
          onToggle={() => playback?.toggle()}
          message={
            failed && state.error !== undefined ? (
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
            ) : null
          }
        />
        {playback === undefined || failed ? null : (
          <div className="replay-deck">
            <Timeline playback={playback} state={state} />
            <Controls playback={playback} state={state} onFullscreen={fullscreen} linkAt={linkAt} />
          </div>
        )}
      </div>
      {playback === undefined || failed ? null : (
        <SidePanel playback={playback} state={state} spanHref={props.spanHref} />
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

function useKeyboard(playback: Playback | undefined, fullscreen: () => void): void {
  useEffect(() => {
    if (playback === undefined) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      const action = keyAction(event, playback, fullscreen);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [playback, fullscreen]);
}

function toggleFullscreen(element: HTMLElement | null): void {
  const done =
    document.fullscreenElement === null ? element?.requestFullscreen() : document.exitFullscreen();
  done?.catch(() => undefined); // Refused by the browser or by an embedding page: nothing to do.
}
