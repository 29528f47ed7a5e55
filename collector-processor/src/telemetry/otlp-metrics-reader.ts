/**
 * Sends metrics by OTLP/HTTP every so often. What cannot be sent is not kept: counters are
 * cumulative, so the next request says it all.
 */
import type { Clock } from '../clock.js';
import type { Logger } from './logger.js';
import { encodeOtlpMetrics } from './otlp-metrics.js';
import type { MetricsSource } from './snapshot.js';

export interface OtlpMetricsReaderOptions {
  /** URL; without a path it gets `/v1/metrics`. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  intervalMs: number;
  /** Of one request. */
  timeoutMs: number;
  /** Attributes of the Resource: `service.name`, `service.version`, `service.instance.id`. */
  resource: Readonly<Record<string, string>>;
  version: string;
}

export interface OtlpMetricsReaderDeps {
  metrics: MetricsSource;
  clock: Clock;
  logger: Logger;
}

export interface OtlpMetricsReader {
  start(): Promise<undefined>;
  /** Sends a last time. */
  stop(deadlineMs: number): Promise<void>;
  /** Sends now; never throws. */
  send(timeoutMs?: number): Promise<void>;
}

const SCOPE = 'session-replay-processor';

export function createOtlpMetricsReader(
  options: OtlpMetricsReaderOptions,
  { clock, logger, metrics }: OtlpMetricsReaderDeps,
): OtlpMetricsReader {
  const url = new URL(options.endpoint);
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  const startTimeMs = clock.now() - process.uptime() * 1000;
  const scope = { name: SCOPE, version: options.version };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isAway = false;

  async function post(timeoutMs: number): Promise<void> {
    const snapshot = await metrics.snapshot();
    const times = { startTimeMs, timeMs: clock.now() };
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'User-Agent': SCOPE,
        ...options.headers,
        'Content-Type': 'application/x-protobuf',
      },
      body: encodeOtlpMetrics(snapshot, { resource: options.resource, scope, ...times }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
  }

  function send(timeoutMs = options.timeoutMs): Promise<void> {
    running ??= post(timeoutMs)
      .then(
        () => {
          if (isAway) logger.info('metrics are sent again', { endpoint: url.origin });
          isAway = false;
        },
        (error: unknown) => {
          if (!isAway) {
            logger.warn('metrics cannot be sent; tried again with every interval', {
              endpoint: url.origin,
              error: reasonOf(error),
            });
          }
          isAway = true;
        },
      )
      .finally(() => (running = undefined));
    return running;
  }

  return {
    send,
    start: () => {
      timer = setInterval(() => void send(), options.intervalMs);
      timer.unref();
      return Promise.resolve(undefined);
    },
    stop: async (deadlineMs) => {
      clearInterval(timer);
      await running;
      await send(Math.max(1, Math.min(deadlineMs, options.timeoutMs)));
    },
  };
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message === '' ? String((cause as NodeJS.ErrnoException).code) : cause.message;
}
