/** Waits between retries; keys and defaults are those of the Collector's `retry_on_failure`. */
export interface RetryOptions {
  /** Default true. */
  enabled: boolean;
  /** Default 5 s. */
  initialIntervalMs: number;
  /** Default 1.5. */
  multiplier: number;
  /** Default 30 s. */
  maxIntervalMs: number;
  /** Since the first attempt; then the request is given up. 0 = never. Default 300 s. */
  maxElapsedMs: number;
  /** Share of a wait that is random, 0 .. 1. Default 0.5. */
  randomizationFactor: number;
}

export const DEFAULT_RETRY: RetryOptions = {
  enabled: true,
  initialIntervalMs: 5_000,
  multiplier: 1.5,
  maxIntervalMs: 30_000,
  maxElapsedMs: 300_000,
  randomizationFactor: 0.5,
};

/**
 * Milliseconds before retry number `retry` (0 is the first), never shorter than what the next hop
 * asked for.
 */
export function retryDelayMs(
  options: RetryOptions,
  retry: number,
  retryAfterMs: number,
  random: () => number,
): number {
  const interval = Math.min(
    options.maxIntervalMs,
    options.initialIntervalMs * options.multiplier ** retry,
  );
  const jitter = 1 + options.randomizationFactor * (2 * random() - 1);
  return Math.max(retryAfterMs, interval * jitter);
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or date, as milliseconds from `now`; 0 when absent. */
export function parseRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
