/** Watches which session the page belongs to, and tells when that changes. */
import { LIMITS } from '@otel-replay/protocol';
import type { Guard } from '../guard.js';
import { listen } from '../listen.js';
import {
  createSessionManager,
  DEFAULT_STORAGE_KEY,
  type SessionOptions,
  type SessionProvider,
} from './manager.js';

/** Moving the pointer is activity too, so the handler must cost next to nothing. */
const ACTIVITY_INTERVAL_MS = 1000;

export interface SessionTrackerOptions {
  provider?: SessionProvider | undefined;
  session?: SessionOptions | undefined;
  guard: Guard;
  /** The page now belongs to another session, or wakes up from an idle one (same id). */
  onChange: () => void;
}

export interface SessionTracker {
  sessionId: () => string;
  /** Nobody has touched the page for the idle time: nothing worth recording happens. */
  isIdle(): boolean;
  /** Asks for the session's id again. `active` says that the user did something. */
  refresh(active?: boolean): void;
  /** Begins to watch; returns how to stop. */
  start(): () => void;
}

export function createSessionTracker(options: SessionTrackerOptions): SessionTracker {
  const { provider, session, guard, onChange } = options;
  const own = createSessionManager(session);
  const key = session?.storageKey ?? DEFAULT_STORAGE_KEY;
  let id: string | undefined;
  let checkedAt = 0;

  /** The user's provider where it has a usable id, else our own session. */
  function ask(active?: boolean): string {
    const ownId = active ? own.touch() : own.getSessionId();
    const provided = guard.run('session', () => provider?.getSessionId());
    return typeof provided === 'string' &&
      provided !== '' &&
      provided.length <= LIMITS.SESSION_ID_LENGTH &&
      // A lone surrogate has no UTF-8 form.
      !/\p{Surrogate}/u.test(provided)
      ? provided
      : ownId;
  }

  function refresh(active?: boolean): void {
    const woken = active && own.isExpired();
    const before = id;
    id = ask(active);
    if (id !== before || woken) onChange();
  }

  function start(): () => void {
    id = ask(true);
    const onActivity = guard.wrap('activity', () => {
      const now = Date.now();
      // The clock may have been set back.
      if (Math.abs(now - checkedAt) < ACTIVITY_INTERVAL_MS) return;
      checkedAt = now;
      refresh(true);
    });
    const onStorage = guard.wrap('storage', (event: Event) => {
      if ((event as StorageEvent).key !== key) return;
      own.adopt();
      refresh();
    });
    const stops = [
      listen(window, 'pointerdown keydown pointermove wheel touchstart', onActivity),
      listen(window, 'storage', onStorage),
    ];
    return () => stops.forEach((stop) => stop());
  }

  return { sessionId: () => (id ??= ask()), isIdle: own.isExpired, refresh, start };
}
