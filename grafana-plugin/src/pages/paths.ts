/** Addresses of the app's pages, as links and pages share them. Without Grafana's own sub path. */
import { locationUtil } from '@grafana/data';
import { APP_PATH } from '../plugin-ids';

export const SESSIONS_PATH = `${APP_PATH}/sessions`;

export interface Moment {
  /** Unix milliseconds, browser clock. */
  time?: number;
  traceId?: string;
  spanId?: string;
  datasourceUid?: string;
  /** Of the data source that has the trace, for the way back. */
  traceSourceUid?: string;
}

/** The page of a session, at a moment or at a trace. */
export function sessionPath(sessionId: string, moment: Moment = {}): string {
  return `${SESSIONS_PATH}/${encodeURIComponent(sessionId)}${searchOf(moment)}`;
}

/** The page of whatever session a trace belongs to. */
export function tracePath(traceId: string, moment: Omit<Moment, 'traceId'> = {}): string {
  return `${APP_PATH}/traces/${encodeURIComponent(traceId)}${searchOf(moment)}`;
}

function searchOf({ time, traceId, spanId, datasourceUid, traceSourceUid }: Moment): string {
  const search = new URLSearchParams();
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') {
      search.set(name, value);
    }
  };
  set('t', time === undefined || !Number.isFinite(time) ? undefined : String(Math.round(time)));
  set('traceId', traceId);
  set('spanId', spanId);
  set('ds', datasourceUid);
  set('traceDs', traceSourceUid);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export type Page =
  | { page: 'sessions' }
  | { page: 'session'; sessionId: string; moment: Moment }
  | { page: 'trace'; traceId: string; moment: Moment }
  | { page: 'unknown' };

/** What an address of the app stands for. */
export function readPage(pathname: string, search: string): Page {
  const at = pathname.indexOf(APP_PATH);
  const rest = at < 0 ? pathname : pathname.slice(at + APP_PATH.length);
  const [kind, id, ...more] = rest.split('/').filter((part) => part !== '');
  if (more.length > 0) {
    return { page: 'unknown' };
  }
  if (id === undefined) {
    return kind === undefined || kind === 'sessions' ? { page: 'sessions' } : { page: 'unknown' };
  }
  const decoded = decode(id);
  if (decoded === undefined) {
    return { page: 'unknown' };
  }
  const moment = readMoment(new URLSearchParams(search));
  if (kind === 'sessions') {
    return { page: 'session', sessionId: decoded, moment };
  }
  return kind === 'traces'
    ? { page: 'trace', traceId: decoded.toLowerCase(), moment }
    : { page: 'unknown' };
}

function readMoment(search: URLSearchParams): Moment {
  const text = (name: string) => search.get(name) || undefined;
  const t = text('t');
  const time = t === undefined ? Number.NaN : Number(t);
  return {
    time: Number.isFinite(time) ? time : undefined,
    traceId: text('traceId'),
    spanId: text('spanId'),
    datasourceUid: text('ds'),
    traceSourceUid: text('traceDs'),
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** For `href`: with the sub path under which Grafana is served. */
export const hrefOf = (path: string): string => locationUtil.assureBaseUrl(path);
