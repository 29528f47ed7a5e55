/** What went wrong in the sessions of a time range. */
import { ReplaySourceError, type ReplaySource, type SessionManifest } from '@otel-replay/player';
import type { SessionSignal } from './frames';
import { listSessions, type ListRequest } from './list-sessions';

/** Each needs a request of its own. */
const MAX_SESSIONS = 60;
/** Browsers open six connections to a server. */
const PARALLEL = 5;

export interface SessionErrors {
  errors: SessionSignal[];
  /** There were more sessions with errors than were read. */
  isPartial: boolean;
}

/** All signals, as they are in the time range, oldest first. */
export async function findErrors(
  source: ReplaySource,
  request: Omit<ListRequest, 'limit' | 'error' | 'text'> & { sessionId?: string },
  signal?: AbortSignal,
): Promise<SessionErrors> {
  const { sessionId, ...filters } = request;
  const ids: string[] = [];
  let isPartial = false;
  if (sessionId !== undefined && sessionId !== '') {
    ids.push(sessionId);
  } else {
    const listed = await listSessions(
      source,
      { ...filters, error: true, limit: MAX_SESSIONS },
      signal,
    );
    ids.push(...listed.sessions.map((one) => one.sessionId));
    isPartial = listed.hasMore;
  }
  const errors: SessionSignal[] = [];
  for (let at = 0; at < ids.length; at += PARALLEL) {
    const manifests = await Promise.all(
      ids.slice(at, at + PARALLEL).map((id) => manifestOf(source, id, signal)),
    );
    for (const session of manifests) {
      errors.push(...signalsIn(session, request));
    }
  }
  errors.sort((a, b) => a.signal.timestamp - b.signal.timestamp);
  return { errors, isPartial };
}

/** A session may expire between the list and its manifest. */
async function manifestOf(
  source: ReplaySource,
  id: string,
  signal?: AbortSignal,
): Promise<SessionManifest | undefined> {
  try {
    return await source.manifest(id, signal);
  } catch (error) {
    if (error instanceof ReplaySourceError && error.kind === 'no_replay') {
      return undefined;
    }
    throw error;
  }
}

function signalsIn(
  session: SessionManifest | undefined,
  { from, to }: { from: number; to: number },
): SessionSignal[] {
  if (session === undefined) {
    return [];
  }
  return session.signals
    .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
    .map((signal) => ({ session, signal }));
}
