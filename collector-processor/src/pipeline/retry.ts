/** Repeats store and index work until it succeeds, cannot succeed, or the processor stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ContractError } from '@otel-replay/protocol';
import { ReleasedError } from '../journal/journal.js';
import { StoreError } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';

export interface RetryOptions {
  /** Wait before the first retry; default 1 s. */
  initialMs?: number;
  /** Longest wait; default 30 s. */
  maxMs?: number;
}

export interface Retry {
  /** Throws what cannot be repeated, and the last error once `signal` is aborted. */
  run<T>(operation: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createRetry(options: RetryOptions, logger: Logger, metrics: Metrics): Retry {
  const { initialMs = 1000, maxMs = 30_000 } = options;
  return {
    async run(operation, work, signal) {
      for (let attempt = 0; ; attempt++) {
        try {
          const result = await work();
          if (attempt > 0) logger.info('store works again', { operation, attempts: attempt + 1 });
          return result;
        } catch (error) {
          metrics.add('otelcol_processor_session_replay_store_errors', 1, { operation });
          if (isPermanent(error) || signal.aborted) throw error;
          if (attempt === 0) {
            logger.warn('store failed; trying again, the journal holds the data', {
              operation,
              error,
            });
          }
          await sleep(Math.min(initialMs * 2 ** attempt, maxMs), undefined, { signal }).catch(
            () => undefined, // aborted: one last attempt
          );
        }
      }
    },
  };
}

/** Trying again cannot help. */
export function isPermanent(error: unknown): boolean {
  return error instanceof StoreError
    ? !error.retryable
    : error instanceof ContractError || error instanceof ReleasedError;
}
