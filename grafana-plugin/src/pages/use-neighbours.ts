/** The sessions before and after one: of the same user where the user is known, else of anyone. */
import type { ApiSource, SessionSummary } from '@otel-replay/player';
import { useEffect, useState } from 'react';

const DAY_MS = 24 * 3600_000;
/** What the API gives at once. */
const LIMIT = 200;

export interface Neighbours {
  /** Ids. */
  older?: string;
  newer?: string;
  /** For people: whose sessions they are. */
  scope: string;
}

export function useNeighbours(source: ApiSource, session: SessionSummary): Neighbours {
  const { sessionId, firstTimestamp } = session;
  const user = session.userId ?? session.userHash;
  const [found, setFound] = useState<Omit<Neighbours, 'scope'>>({});
  useEffect(() => {
    const controller = new AbortController();
    const around = user === undefined ? DAY_MS : 30 * DAY_MS;
    const range = { from: Math.max(0, firstTimestamp - around), to: firstTimestamp + around };
    source
      .listSessions(
        { ...range, ...(user === undefined ? {} : { user }), limit: LIMIT },
        controller.signal,
      )
      .then(({ sessions }) => setFound(neighboursOf(sessions, { sessionId, firstTimestamp })))
      // Without neighbours the page is whole all the same.
      .catch(() => undefined);
    return () => controller.abort();
  }, [source, sessionId, firstTimestamp, user]);
  return { ...found, scope: user === undefined ? 'of anyone' : 'of the same user' };
}

export function neighboursOf(
  sessions: ReadonlyArray<Pick<SessionSummary, 'sessionId' | 'firstTimestamp'>>,
  { sessionId, firstTimestamp }: Pick<SessionSummary, 'sessionId' | 'firstTimestamp'>,
): Omit<Neighbours, 'scope'> {
  const others = sessions
    .filter((one) => one.sessionId !== sessionId)
    .sort((a, b) => a.firstTimestamp - b.firstTimestamp);
  const older = others.filter((one) => one.firstTimestamp <= firstTimestamp).at(-1);
  const newer = others.find((one) => one.firstTimestamp > firstTimestamp);
  return {
    ...(older === undefined ? {} : { older: older.sessionId }),
    ...(newer === undefined ? {} : { newer: newer.sessionId }),
  };
}
