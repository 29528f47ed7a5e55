/** One search box for everything a session is known by. */
import {
  ReplaySourceError,
  type ReplaySource,
  type SessionQuery,
  type SessionSummary,
} from '@otel-replay/player';

/** What a text in the search box stands for. */
export type Search =
  | { kind: 'all' }
  /** Trace ids have this form, and the session ids of some recorders too. */
  | { kind: 'id'; id: string }
  | { kind: 'filter'; filter: Pick<SessionQuery, 'url' | 'user'> };

/**
 * 32 hex digits or a UUID are an id; what holds a slash, or a dot without an `@`, is a part of an
 * address; anything else is a user.
 */
export function readSearch(text: string): Search {
  const wanted = text.trim();
  if (wanted === '') {
    return { kind: 'all' };
  }
  if (
    /^[0-9a-f]{32}$/i.test(wanted) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted)
  ) {
    return { kind: 'id', id: wanted };
  }
  const isAddress = wanted.includes('/') || (wanted.includes('.') && !wanted.includes('@'));
  return { kind: 'filter', filter: isAddress ? { url: wanted } : { user: wanted } };
}

/** The sessions of a trace, or the session of that id; none when there is neither. */
export async function findById(
  source: ReplaySource,
  id: string,
  signal?: AbortSignal,
): Promise<SessionSummary[]> {
  const lookup = /^[0-9a-f]{32}$/i.test(id)
    ? await source.findTrace(id.toLowerCase(), signal).catch(noneIfNoReplay)
    : undefined;
  const ids =
    lookup === undefined ? [id] : [...new Set(lookup.sessions.map((one) => one.sessionId))];
  const manifests = await Promise.all(
    ids.map((one) => source.manifest(one, signal).catch(noneIfNoReplay)),
  );
  return manifests.filter((one) => one !== undefined);
}

function noneIfNoReplay(error: unknown): undefined {
  if (error instanceof ReplaySourceError && error.kind === 'no_replay') {
    return undefined;
  }
  throw error;
}
