/**
 * A session is a user's visit across pages and tabs. Everything is synchronous: a span that starts
 * while the page loads must already carry the right id. Activity is what the user does, never
 * spans or DOM changes, so that a page that updates itself goes idle.
 */
import { randomHex } from './id.js';

/** Anything that knows the session's id; OpenTelemetry's own session managers fit. */
export interface SessionProvider {
  getSessionId(): string | null | undefined;
}

export interface SessionOptions {
  /** A new session begins with the first activity after this long without any; default 30 min. */
  idleTimeoutMs?: number;
  /** A new session begins with the first activity after this long; default 4 h. */
  maxDurationMs?: number;
  /** Key in `localStorage`; default `otel-session`. Tabs with the same key share the session. */
  storageKey?: string;
}

interface StoredSession {
  id: string;
  startedAt: number;
  activeAt: number;
}

export const DEFAULT_STORAGE_KEY = 'otel-session';

/** Writing on every keystroke would wake all tabs; idle times are minutes. */
const WRITE_INTERVAL_MS = 5000;

export interface SessionManager {
  /** The current id, without counting as activity: an expired session stays until `touch`. */
  getSessionId(): string;
  /** No user activity in any tab for the idle time, or the session is as long as one may be. */
  isExpired: () => boolean;
  /** The user did something: prolongs the session or begins the next one. */
  touch(): string;
  /** Another tab wrote to the storage: follow it. */
  adopt(): string;
}

export function createSessionManager(options: SessionOptions = {}): SessionManager {
  const { idleTimeoutMs = 30 * 60_000, maxDurationMs = 4 * 3_600_000 } = options;
  const key = options.storageKey ?? DEFAULT_STORAGE_KEY;
  let session: StoredSession | undefined;
  let writtenAt = 0;

  const isAlive = ({ startedAt, activeAt }: StoredSession): boolean =>
    Date.now() - activeAt < idleTimeoutMs && Date.now() - startedAt < maxDurationMs;

  /** The session in storage, if it is one and not over. */
  function read(): StoredSession | undefined {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(key) ?? '');
      const stored = value as StoredSession;
      // A clock that was set back must not keep a session alive for ever.
      const { startedAt, activeAt } = stored;
      const known = Math.max(startedAt, activeAt) <= Date.now() + 60_000;
      return /^[0-9a-f]{32}$/.test(stored.id) && known && isAlive(stored) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  function touch(): string {
    const now = Date.now();
    if (session && now - writtenAt < WRITE_INTERVAL_MS && isAlive(session)) {
      session.activeAt = now;
      return session.id;
    }
    const known = read() ?? (session && isAlive(session) ? session : undefined);
    session = { id: known?.id ?? randomHex(16), startedAt: known?.startedAt ?? now, activeAt: now };
    writtenAt = now;
    try {
      localStorage.setItem(key, JSON.stringify(session));
    } catch {
      // Storage is off or full: the session then lives as long as the document.
    }
    return session.id;
  }

  const getSessionId = (): string => session?.id ?? touch();

  return {
    getSessionId,
    isExpired: () => session !== undefined && !isAlive(session),
    touch,
    adopt: () => {
      session = read() ?? session;
      return getSessionId();
    },
  };
}
