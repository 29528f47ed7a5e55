/** Pages of the session list until there are enough. */
import type { ReplaySource, SessionQuery, SessionSummary } from '@otel-replay/player';
import { findById, readSearch } from './search';

/** The API gives no more than this at once. */
const PAGE_SIZE = 200;
/** A filter that only we can apply must not read the whole store. */
const MAX_PAGES = 10;

export interface ListRequest {
  /** Unix milliseconds. */
  from: number;
  to: number;
  /** None: all; several are sorted out here, because the API takes one. */
  services?: readonly string[];
  user?: string;
  url?: string;
  error?: boolean;
  /** As in the search box. */
  text?: string;
  limit: number;
}

export interface Listed {
  sessions: SessionSummary[];
  /** There are more than these. */
  hasMore: boolean;
}

export async function listSessions(
  source: ReplaySource,
  { services = [], text = '', limit, ...request }: ListRequest,
  signal?: AbortSignal,
): Promise<Listed> {
  const search = readSearch(text);
  const matches = (one: SessionSummary) =>
    services.length === 0 || services.some((name) => one.serviceNames.includes(name));
  if (search.kind === 'id') {
    // Who has an id wants that session, whatever the time range says.
    const sessions = (await findById(source, search.id, signal)).filter(matches);
    return { sessions: sessions.slice(0, limit), hasMore: sessions.length > limit };
  }
  const query: SessionQuery = definedOnly({
    ...request,
    ...(search.kind === 'filter' ? search.filter : {}),
    service: services.length === 1 ? services[0] : undefined,
  });
  const found: SessionSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && found.length < limit; page++) {
    const wanted = services.length > 1 ? PAGE_SIZE : Math.min(PAGE_SIZE, limit - found.length);
    const list = await source.listSessions(
      { ...query, limit: wanted, ...(cursor === undefined ? {} : { cursor }) },
      signal,
    );
    found.push(...list.sessions.filter(matches));
    cursor = list.nextCursor;
    if (cursor === undefined) {
      break;
    }
  }
  return { sessions: found.slice(0, limit), hasMore: cursor !== undefined || found.length > limit };
}

function definedOnly(query: {
  [K in keyof SessionQuery]: SessionQuery[K] | undefined;
}): SessionQuery {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ''),
  );
}
