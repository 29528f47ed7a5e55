/** The viewer's addresses. */
import { useSyncExternalStore } from 'react';

export type Route =
  | { page: 'list'; search: URLSearchParams }
  | { page: 'trace'; traceId: string }
  | { page: 'session'; sessionId: string; time: number | undefined }
  | { page: 'file' }
  | { page: 'unknown' };

export function parseRoute(pathname: string, search: string): Route {
  const query = new URLSearchParams(search);
  const [, kind, id, ...more] = pathname.split('/');
  if (kind === '' || kind === undefined) return { page: 'list', search: query };
  if (more.length > 0 || id === undefined || id === '') return { page: 'unknown' };
  const decoded = decode(id);
  if (decoded === undefined) return { page: 'unknown' };
  if (kind === 'traces') return { page: 'trace', traceId: decoded.toLowerCase() };
  if (kind !== 'sessions') return { page: 'unknown' };
  const time = Number(query.get('t') ?? Number.NaN);
  return { page: 'session', sessionId: decoded, time: Number.isFinite(time) ? time : undefined };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function tracePath(traceId: string): string {
  return `/traces/${encodeURIComponent(traceId)}`;
}

/** @param time Unix milliseconds, not an offset: it stays right when more of the session arrives */
export function sessionPath(sessionId: string, time?: number): string {
  const path = `/sessions/${encodeURIComponent(sessionId)}`;
  return time === undefined ? path : `${path}?t=${Math.round(time)}`;
}

const CHANGED = 'replay-route';

export function go(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** Path and query of the page, as one string. */
export function useAddress(): string {
  return useSyncExternalStore(subscribe, () => location.pathname + location.search);
}
