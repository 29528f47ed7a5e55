/** Pages of the session list, and whatever went wrong with them. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SessionSummary } from '@otel-replay/protocol';
import { isAbort, type ReplaySource, type SessionQuery } from '../engine/client/source.js';
import { playbackError } from '../engine/playback/failure.js';
import type { PlaybackError } from '../engine/playback/state.js';

export interface Sessions {
  sessions: readonly SessionSummary[];
  hasMore: boolean;
  status: 'loading' | 'ready';
  error: PlaybackError | undefined;
  loadMore: () => void;
  reload: () => void;
}

export function useSessions(source: ReplaySource, query: SessionQuery): Sessions {
  const [sessions, setSessions] = useState<readonly SessionSummary[]>([]);
  const [cursor, setCursor] = useState<string>();
  const [status, setStatus] = useState<Sessions['status']>('loading');
  const [error, setError] = useState<PlaybackError>();
  const [attempt, setAttempt] = useState(0);
  const running = useRef<AbortController>(undefined);

  const load = useCallback(
    async (after: string | undefined): Promise<void> => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setStatus('loading');
      try {
        const wanted = after === undefined ? query : { ...query, cursor: after };
        const list = await source.listSessions(wanted, controller.signal);
        if (controller.signal.aborted) return;
        setSessions((shown) =>
          after === undefined ? list.sessions : [...shown, ...list.sessions],
        );
        setCursor(list.nextCursor);
        setError(undefined);
      } catch (failure) {
        if (isAbort(failure) || controller.signal.aborted) return;
        setError(playbackError(failure));
      }
      setStatus('ready');
    },
    [source, query],
  );

  useEffect(() => {
    setSessions([]);
    void load(undefined);
    return () => running.current?.abort();
  }, [load, attempt]);

  return {
    sessions,
    hasMore: cursor !== undefined,
    status,
    error,
    loadMore: useCallback(() => void load(cursor), [load, cursor]),
    reload: useCallback(() => setAttempt((n) => n + 1), []),
  };
}
