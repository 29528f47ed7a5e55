/** The filters of the list, as they stand in its address and as the replay API takes them. */
import type { SessionQuery } from '../engine/client/source.js';

const HOUR_MS = 3_600_000;

/** How far back to look. */
export const SPANS = {
  '1h': { label: 'Last hour', ms: HOUR_MS },
  '24h': { label: 'Last 24 hours', ms: 24 * HOUR_MS },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * HOUR_MS },
} as const;

export type Since = keyof typeof SPANS;

export interface Filters {
  /** User id, or part of a page's address. */
  text: string;
  onlyErrors: boolean;
  since: Since | undefined;
  service: string | undefined;
}

const PAGE_SIZE = 50;

export function readFilters(search: URLSearchParams): Filters {
  const since = search.get('since') ?? '';
  return {
    text: search.get('q') ?? '',
    onlyErrors: search.get('errors') === '1',
    since: isSince(since) ? since : undefined,
    service: search.get('service') ?? undefined,
  };
}

export function isSince(text: string): text is Since {
  return Object.hasOwn(SPANS, text);
}

/** Path and query of the list. */
export function listPath({ text, onlyErrors, since, service }: Filters): string {
  const search = new URLSearchParams();
  if (text !== '') search.set('q', text);
  if (onlyErrors) search.set('errors', '1');
  if (since !== undefined) search.set('since', since);
  if (service !== undefined) search.set('service', service);
  const query = search.toString();
  return query === '' ? '/' : `/?${query}`;
}

/**
 * What holds a slash or a dot-and-letters like an address does is one; anything else is a user.
 * @param now Unix milliseconds
 */
export function toQuery({ text, onlyErrors, since, service }: Filters, now: number): SessionQuery {
  const query: SessionQuery = { limit: PAGE_SIZE };
  if (text.includes('/') || (text.includes('.') && !text.includes('@'))) query.url = text;
  else if (text !== '') query.user = text;
  if (onlyErrors) query.error = true;
  if (since !== undefined) query.from = now - SPANS[since].ms;
  if (service !== undefined) query.service = service;
  return query;
}
