/** What dashboards and provisioning files store: changing a name breaks them. */
import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/** Settings of a data source instance that anyone may see. */
export interface ReplayOptions extends DataSourceJsonData {
  /** Address of the replay API as Grafana's server reaches it, without `/api/v1`. */
  url?: string;
}

/** Settings that only Grafana's server sees. */
export interface ReplaySecrets {
  /** `extensions.replay_api.auth.bearer_token` of the processor. */
  apiToken?: string;
}

/**
 * * `session`: names one session for the replay panel, by session, trace or span
 * * `sessions`: the list, newest first
 * * `errors`: what went wrong in the sessions of a time range, for tables and annotations
 */
export type ReplayQueryType = 'session' | 'sessions' | 'errors';

/** All texts may hold template variables. */
export interface ReplayQuery extends DataQuery {
  queryType?: ReplayQueryType;
  /** `session`: opens it; `errors`: only those of this session. */
  sessionId?: string;
  /** `session`: opens the session of this trace, at it. */
  traceId?: string;
  /** `session`: starts at this span. */
  spanId?: string;
  /** `session`: Unix milliseconds to start at. */
  time?: string;
  /** `sessions`, `errors`: one service's. */
  service?: string;
  /** `sessions`, `errors`: `user.id` or `user.hash`. */
  user?: string;
  /** `sessions`, `errors`: part of any page's address. */
  url?: string;
  /** `sessions`: a trace id, a session id, a user, or a part of an address; see `readSearch`. */
  text?: string;
  /** `sessions`: absent for all, else only those with or without errors. */
  errors?: 'with' | 'without';
  /** `sessions`: lines at most; default 100, at most 1000. */
  limit?: number;
}

/** What a dashboard variable asks for: the sessions of the time range, or what they name. */
export interface ReplayVariableQuery extends DataQuery {
  values?: 'sessions' | 'services' | 'users';
  service?: string;
  user?: string;
  url?: string;
}

export const QUERY_TYPES: readonly ReplayQueryType[] = ['session', 'sessions', 'errors'];
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;
