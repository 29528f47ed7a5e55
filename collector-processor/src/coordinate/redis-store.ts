/** The connection that commands go through: many keys go in batches, and every operation is counted. */
import type { Redis } from 'ioredis';
import type { Metrics } from '../telemetry/metrics.js';
import {
  RedisConnection,
  type RedisConnectionDeps,
  type RedisServerOptions,
} from './redis-connection.js';

export type Operation =
  | 'publish'
  | 'decisions'
  | 'link_traces'
  | 'mark_signals'
  | 'seen'
  | 'end'
  | 'tell_outcomes'
  | 'outcomes'
  | 'sessions_of'
  | 'watch'
  | 'watched'
  | 'erase'
  | 'erased';

/** Keys of one batch: long enough to be cheap, short enough not to hold up the others. */
export const BATCH = 500;

export class RedisStore {
  readonly #connection: RedisConnection;
  readonly #metrics: Metrics;

  constructor(options: RedisServerOptions, deps: Omit<RedisConnectionDeps, 'name' | 'onMessage'>) {
    this.#metrics = deps.metrics;
    this.#connection = new RedisConnection(options, { ...deps, name: 'commands' });
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  /** See {@link RedisConnection.start}. */
  start(): Promise<void> {
    return this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  /** See {@link RedisConnection.run}. */
  async run<T>(operation: Operation, work: (redis: Redis) => Promise<T>): Promise<T> {
    let outcome = 'failed';
    try {
      const result = await this.#connection.run(work);
      outcome = 'ok';
      return result;
    } finally {
      this.#metrics.add('otelcol_processor_session_replay_coordination_operations', 1, {
        operation,
        outcome,
      });
    }
  }

  /** One operation on many items; the answers of all batches, in the order asked. */
  async runBatches<T, R>(
    operation: Operation,
    items: readonly T[],
    work: (redis: Redis, batch: readonly T[]) => Promise<readonly R[]>,
  ): Promise<R[]> {
    return this.run(operation, async (redis) => {
      const answers = await Promise.all(batches(items).map((batch) => work(redis, batch)));
      return answers.flatMap((some) => some);
    });
  }

  /** A connection that died in silence is noticed by asking. */
  async ping(): Promise<void> {
    await this.#connection.run((redis) => redis.ping()).catch(() => undefined);
  }
}

export function batches<T>(items: readonly T[]): (readonly T[])[] {
  const out: (readonly T[])[] = [];
  for (let i = 0; i < items.length; i += BATCH) out.push(items.slice(i, i + BATCH));
  return out;
}
