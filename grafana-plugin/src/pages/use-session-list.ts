/** The pages of a session list, as far as they were asked for. */
import type { ApiSource, SessionSummary } from '@otel-replay/player';
import { useCallback, useEffect, useState } from 'react';
import { listSessions, type ListRequest } from '../datasource/list-sessions';

const PAGE_SIZE = 50;

export interface SessionList {
  sessions: readonly SessionSummary[];
  hasMore: boolean;
  isLoading: boolean;
  error: Error | undefined;
  loadMore: () => void;
}

interface Answer {
  /** What was asked; another request makes this one old. */
  key: string;
  limit: number;
  sessions: SessionSummary[];
  hasMore: boolean;
  error?: Error;
}

/** @param attempt asks again when it changes */
export function useSessionList(
  source: ApiSource,
  request: Omit<ListRequest, 'limit'>,
  attempt: number,
): SessionList {
  const key = JSON.stringify([request, attempt]);
  const [wanted, setWanted] = useState({ key, limit: PAGE_SIZE });
  const [answer, setAnswer] = useState<Answer>();
  const limit = wanted.key === key ? wanted.limit : PAGE_SIZE;
  useEffect(() => {
    const controller = new AbortController();
    const [asked] = JSON.parse(key) as [Omit<ListRequest, 'limit'>];
    listSessions(source, { ...asked, limit }, controller.signal).then(
      ({ sessions, hasMore }) => setAnswer({ key, limit, sessions, hasMore }),
      (error: unknown) => {
        if (!controller.signal.aborted) {
          setAnswer({ key, limit, sessions: [], hasMore: false, error: asError(error) });
        }
      },
    );
    return () => controller.abort();
  }, [source, key, limit]);
  const current = answer?.key === key ? answer : undefined;
  return {
    // While a list is asked for anew, the one before stays readable.
    sessions: (current ?? answer)?.sessions ?? [],
    hasMore: current?.hasMore ?? false,
    isLoading: current?.limit !== limit,
    error: current?.error,
    loadMore: useCallback(() => setWanted({ key, limit: limit + PAGE_SIZE }), [key, limit]),
  };
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
