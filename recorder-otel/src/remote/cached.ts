/** What the processor last told this origin's recorders, read before anything is recorded. */
import type { RecorderConfig } from '@otel-replay/protocol';

/** In `localStorage`. */
export interface CachedConfig {
  config: RecorderConfig;
  /** Unix milliseconds. */
  fetchedAt: number;
  maxAgeMs: number;
}

export const CONFIG_KEY = 'otel-session.config';

/** A processor that is gone must not rule pages for ever. */
const MAX_STALE_MS = 24 * 3_600_000;

/** Undefined: nothing is known, or it is older than a day. */
export function readCachedConfig(): CachedConfig | undefined {
  try {
    const cached = JSON.parse(localStorage.getItem(CONFIG_KEY) ?? '') as CachedConfig;
    const age = Date.now() - cached.fetchedAt;
    return age >= 0 && age < MAX_STALE_MS && typeof cached.config.enabled === 'boolean'
      ? cached
      : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing is stored any more. */
export function forgetConfig(): void {
  localStorage.removeItem(CONFIG_KEY);
}
