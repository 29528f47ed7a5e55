/** When a session begins, rests and ends. Times in milliseconds. */
import type { ErrorListener } from '../guard.js';

export interface SessionOptions {
  /**
   * Nothing is recorded once nobody has touched the page for this long; the next activity goes on
   * in the same session, with a fresh start for playback; default 5 min.
   */
  pauseAfterMs?: number;
  /** While a page of it is open, a session ends after this long without activity; default 30 min. */
  idleTimeoutMs?: number;
  /** Once its last page is closed, a page opened within this time continues it; default 5 min. */
  continueWithinMs?: number;
  /** A session is never longer; the next begins at once if the user is there; default 4 h. */
  maxDurationMs?: number;
  /** Key in `localStorage`; default `otel-session`. Tabs with the same key share the session. */
  storageKey?: string;
}

const MINUTE = 60_000;
const DEFAULTS = {
  pauseAfterMs: 5 * MINUTE,
  idleTimeoutMs: 30 * MINUTE,
  continueWithinMs: 5 * MINUTE,
  maxDurationMs: 240 * MINUTE,
  storageKey: 'otel-session',
};

export type SessionRules = Readonly<typeof DEFAULTS>;

/** The options with their defaults, which also take the place of what is no time. */
export function sessionRules(options: SessionOptions = {}, onError?: ErrorListener): SessionRules {
  const rules = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    // What is not set falls back; a negative time, or NaN, would end every session at once.
    if (value === undefined || !(name in rules)) continue;
    if (name === 'storageKey' ? typeof value === 'string' : (value as number) > 0) {
      Object.assign(rules, { [name]: value });
    } else onError?.(new RangeError(`sessionOptions.${name}: ${value as number}`), 'options');
  }
  rules.pauseAfterMs = Math.min(rules.pauseAfterMs, rules.idleTimeoutMs);
  return rules;
}
