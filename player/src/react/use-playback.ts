/** The engine behind the component: made for a source, opened at what is asked for. */
import { useCallback, useEffect, useState, type RefObject } from 'react';
import type { OpenRequest } from '../engine/playback/open-session.js';
import { Playback } from '../engine/playback/playback.js';
import { INITIAL_STATE, type PlaybackState } from '../engine/playback/state.js';
import { Store } from '../engine/store.js';
import { useLatest, useStore } from './hooks.js';
import type { ReplayPlayerProps } from './player-props.js';

/** As the replay API asks for by `Retry-After`. */
const NOT_YET_RETRY_MS = 2000;

/** Before the engine exists, which needs the stage's element. */
const IDLE = new Store<PlaybackState>(INITIAL_STATE);

export interface OpenPlayback {
  /** Undefined until the stage's element exists. */
  playback: Playback | undefined;
  state: PlaybackState;
  /** Opens again what was open, at the same moment. */
  retry: () => void;
}

export function usePlayback(
  props: ReplayPlayerProps,
  stageRef: RefObject<HTMLElement | null>,
): OpenPlayback {
  const { source, sessionId, traceId, recordingId, time, onOpened, allowHosts, masking } = props;
  const [playback, setPlayback] = useState<Playback>();
  const onPlayback = useLatest(props.onPlayback);
  useEffect(() => {
    if (stageRef.current === null) return undefined;
    const created = new Playback({
      source,
      stage: stageRef.current,
      ...(allowHosts && { allowHosts }),
      ...(masking && { masking }),
    });
    setPlayback(created);
    onPlayback.current?.(created);
    return () => {
      onPlayback.current?.(undefined);
      created.stop();
    };
  }, [source, allowHosts, masking, stageRef, onPlayback]);
  useEffect(() => {
    void playback?.open(request({ sessionId, traceId, recordingId, time }));
  }, [playback, sessionId, traceId, recordingId, time]);
  const state = useStore(playback?.state ?? IDLE);
  const { session, status, error } = state;
  useEffect(() => {
    if (session !== undefined && status !== 'loading') onOpened?.(state);
    // Once for each session: the state as such changes all the time.
  }, [session, status === 'loading']);
  const retry = useCallback(() => {
    const opened = playback?.state.getSnapshot().session;
    const at = opened && { sessionId: opened.sessionId, time: playback?.clock.getSnapshot() };
    void playback?.open(request({ sessionId, traceId, recordingId, time, ...at }));
  }, [playback, sessionId, traceId, recordingId, time]);
  useEffect(() => {
    // Who follows a link at once is early: what happened is still on its way.
    if (error?.reason !== 'not_yet') return undefined;
    const timer = setTimeout(retry, NOT_YET_RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, retry]);
  return { playback, state, retry };
}

function request(given: { [K in keyof OpenRequest]: OpenRequest[K] | undefined }): OpenRequest {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
