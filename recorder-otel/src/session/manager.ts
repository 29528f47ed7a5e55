/**
 * A session is a user's visit across pages and tabs. While a page of it is open, it lasts until
 * nobody has done anything for `idleTimeoutMs`; once its last page is closed, only a page that is
 * opened within `continueWithinMs` continues it. Everything is synchronous: a span that starts
 * while the page loads must already carry the right id.
 */
import { randomHex } from './id.js';
import type { SessionRules } from './options.js';

/** Anything that knows the session's id; OpenTelemetry's own session managers fit. */
export interface SessionProvider {
  getSessionId(): string | null | undefined;
}

interface StoredSession {
  id: string;
  /** Decided beforehand, so that tabs that wake at the same moment agree without a word. */
  nextId: string;
  previousId?: string | undefined;
  /** When there was no session before it; those that follow it keep it. */
  since?: number;
  startedAt: number;
  activeAt: number;
  /** A page was closed then, and no open one has objected. */
  leftAt?: number;
}

/** Writing on every keystroke would wake all tabs; idle times are minutes. */
const WRITE_INTERVAL_MS = 5000;
/** Clocks are corrected by seconds; one that is set back further ends the session. */
const CLOCK_SLACK_MS = 60_000;
/** A session does not follow one that is longer ago. */
const PREVIOUS_WITHIN_MS = 7 * 86_400_000;
const ID = /^[0-9a-f]{32}$/;

export interface SessionManager {
  /** Undefined before the first `touch`, and when the session is over. */
  sessionId(): string | undefined;
  /** The session before this one, if that was within a week. */
  previousId(): string | undefined;
  /** When the user was last seen, in any tab. */
  activeAt(): number;
  /**
   * Prolongs the session or, if it is over, begins the next.
   * @param seenAt when the user did something, Unix ms; 0 if the user did nothing
   */
  touch(seenAt: number): void;
  /** Follows what other tabs wrote, and says that a page is still open. */
  adopt: () => void;
  /** The page is closed. */
  leave: () => void;
  /** What this document stored was removed since, whatever was stored then. */
  isForgotten: () => boolean;
  /** Some tab has a session, and is open. */
  isOpen: () => boolean;
  /** Removes what is stored. */
  forget: () => void;
}

export function createSessionManager(rules: SessionRules): SessionManager {
  const { pauseAfterMs, idleTimeoutMs, continueWithinMs, maxDurationMs, storageKey } = rules;
  let session: StoredSession | undefined;
  let writtenAt = 0;
  let kept = false;

  function isAlive({ startedAt, activeAt, leftAt = 0 }: StoredSession): boolean {
    const now = Date.now();
    return (
      Math.max(startedAt, activeAt, leftAt) <= now + CLOCK_SLACK_MS &&
      now - activeAt < idleTimeoutMs &&
      now - startedAt < maxDurationMs &&
      (leftAt === 0 || now - leftAt < continueWithinMs)
    );
  }

  const alive = (): StoredSession | undefined =>
    session && isAlive(session) ? session : undefined;

  /** What is stored, over or not. */
  function read(): StoredSession | undefined {
    try {
      const stored = JSON.parse(localStorage.getItem(storageKey) ?? '') as StoredSession;
      return ID.test(stored.id) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  function write(): void {
    writtenAt = Date.now();
    try {
      localStorage.setItem(storageKey, JSON.stringify(session));
      kept = true;
    } catch {
      // Storage is off or full: the session then lives as long as the document.
    }
  }

  /** Of two sessions that are not over, that of the storage and ours, all tabs take the later one. */
  function sync(): void {
    const stored = read();
    const ours = alive();
    if (!stored || (ours && !isAlive(stored))) return;
    if (ours?.id === stored.id) {
      session = { ...stored, activeAt: Math.max(stored.activeAt, ours.activeAt) };
    } else if (!ours || ours.startedAt < stored.startedAt) session = stored;
    else if (ours.startedAt === stored.startedAt && ours.id < stored.id) session = stored;
  }

  /** The session after `before`; `known`: this document was part of that one. */
  function successor(before: Partial<StoredSession> = {}, known: boolean): StoredSession {
    const now = Date.now();
    const { id, nextId = '', previousId, since = now, startedAt = 0, activeAt = 0 } = before;
    return {
      // A copied profile must not begin with its original's next id: only who saw it may use it.
      id: known && ID.test(nextId) ? nextId : randomHex(16),
      nextId: randomHex(16),
      // Where nobody was seen, nothing was recorded.
      ...(now - activeAt < PREVIOUS_WITHIN_MS && {
        previousId: startedAt - activeAt < pauseAfterMs ? id : previousId,
      }),
      since,
      startedAt: now,
      // Nobody may be there: such a session begins with a pause.
      activeAt: now - pauseAfterMs,
    };
  }

  function touch(seenAt: number): void {
    const now = Date.now();
    let current = alive();
    if (
      !current ||
      current.leftAt ||
      Math.abs(now - writtenAt) >= WRITE_INTERVAL_MS ||
      seenAt - current.activeAt >= WRITE_INTERVAL_MS
    ) {
      const before = session?.id;
      sync();
      current = alive() ?? successor(session, session !== undefined && session.id === before);
      session = current;
      see(current, seenAt);
      delete current.leftAt;
      write();
    } else see(current, seenAt);
  }

  /** What comes from a clock that was wrong must not count as the future. */
  function see(current: StoredSession, seenAt: number): void {
    current.activeAt = Math.max(current.activeAt, Math.min(seenAt, Date.now()));
  }

  return {
    sessionId: () => alive()?.id,
    previousId: () => (ID.test(session?.previousId ?? '') ? session?.previousId : undefined),
    activeAt: () => session?.activeAt ?? 0,
    touch,
    adopt: () => {
      sync();
      const current = alive();
      if (!current?.leftAt) return;
      delete current.leftAt;
      write();
    },
    leave: () => {
      sync();
      const current = alive();
      if (!current) return;
      current.leftAt = Date.now();
      write();
    },
    isForgotten: () => kept && read()?.since !== session?.since,
    isOpen: () => {
      const stored = read();
      return !!stored && !stored.leftAt && isAlive(stored);
    },
    forget: () => {
      session = undefined;
      kept = false;
      try {
        localStorage.removeItem(storageKey);
      } catch {
        // Where there is no storage, nothing is stored.
      }
    },
  };
}
