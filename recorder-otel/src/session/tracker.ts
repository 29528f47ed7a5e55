/** Watches which session the page belongs to and whether the user is there, and tells of changes. */
import { LIMITS } from '@otel-replay/protocol/recording';
import type { Guard } from '../guard.js';
import { listen } from '../listen.js';
import { watchActivity } from './activity.js';
import { createSessionManager, type SessionProvider } from './manager.js';
import { sessionRules, type SessionOptions } from './options.js';

export interface SessionTrackerOptions {
  provider?: SessionProvider | undefined;
  session?: SessionOptions | undefined;
  guard: Guard;
  /** The page now belongs to another session, or the user is back (same id). */
  onChange: () => void;
  /** The user pressed, touched, typed or turned a wheel. */
  onInteraction: () => void;
}

export interface SessionTracker {
  /** Undefined before `start`, and when the session is over and nobody has come back. */
  sessionId: () => string | undefined;
  /** The session before it. */
  previousId(): string | undefined;
  /** Nobody has touched this page for a while: nothing worth recording happens. */
  isPaused: () => boolean;
  /** Asks for the session's id again. */
  refresh: () => void;
  /** The user did something. */
  touch: () => void;
  /** Begins to watch; returns how to stop. */
  start(): () => void;
  /** The page is closed, or put away. */
  leave: () => void;
  /** See `SessionManager`. */
  isForgotten: () => boolean;
  isOpen: () => boolean;
  /** Forgets the session, also what is stored of it. */
  forget: () => void;
}

export function createSessionTracker(options: SessionTrackerOptions): SessionTracker {
  const { provider, guard, onChange, onInteraction } = options;
  const rules = sessionRules(options.session, guard.report);
  const own = createSessionManager(rules);
  let running = false;
  let id: string | undefined;
  /** The id of before, also while there is none. */
  let lastId: string | undefined;
  let previousId: string | undefined;
  /** The id is that of our own session. */
  let isOwn = false;
  /** When the user was last seen in this page. */
  let seenAt = 0;

  // The clock may have been set back.
  const isIdle = (): boolean => Math.abs(Date.now() - seenAt) >= rules.pauseAfterMs;

  /** The user's provider where it has a usable id, else our own session. True: another id. */
  function ask(touchedAt?: number): boolean {
    const provided = guard.run('session', () => provider?.getSessionId());
    isOwn = !(
      typeof provided === 'string' &&
      provided !== '' &&
      provided.length <= LIMITS.SESSION_ID_LENGTH &&
      // A lone surrogate has no UTF-8 form.
      !/\p{Surrogate}/u.test(provided)
    );
    if (isOwn && touchedAt !== undefined) own.touch(touchedAt);
    id = isOwn ? own.sessionId() : provided!;
    if (id === undefined || id === lastId) return false;
    previousId = (isOwn && own.previousId()) || lastId;
    lastId = id;
    return true;
  }

  function refresh(): void {
    if (!running) return;
    // Over though the user is there: it is as long as one may be, or the clock was set back.
    const over = isOwn && !own.sessionId() && !isIdle();
    if (ask(over ? seenAt : undefined)) onChange();
  }

  function touch(): void {
    const woken = isIdle();
    seenAt = Date.now();
    if (ask(seenAt) || woken) onChange();
  }

  function start(): () => void {
    running = true;
    seenAt = Date.now();
    // A page that loads itself again and again is alone, until it is touched.
    const load = performance.getEntriesByType('navigation')[0];
    const alone = load?.type === 'reload' && !navigator.userActivation?.hasBeenActive;
    ask(alone ? 0 : seenAt);
    if (alone && isOwn) seenAt = own.activeAt();
    const stops = [
      watchActivity(guard.wrap('activity', touch), guard.wrap('activity', onInteraction)),
      listen(
        window,
        'storage',
        guard.wrap('storage', (event) => {
          if ((event as StorageEvent).key !== rules.storageKey) return;
          own.adopt();
          refresh();
        }),
      ),
    ];
    return () => {
      running = false;
      id = undefined;
      for (const stop of stops) stop();
    };
  }

  return {
    sessionId: () => id,
    previousId: () => previousId,
    isPaused: () => {
      if (isIdle()) return true;
      if (isOwn && !own.sessionId()) refresh();
      return false;
    },
    refresh,
    touch,
    start,
    leave: own.leave,
    isForgotten: own.isForgotten,
    isOpen: own.isOpen,
    forget: () => {
      own.forget();
      lastId = previousId = undefined;
    },
  };
}
