/**
 * Connections to PostgreSQL that come back alone. Nothing waits for a server that is away: callers
 * get {@link IndexUnavailableError} at once, until a probe finds it again.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import { createLimit } from '../limit.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { IndexLostError, IndexUnavailableError } from './index.js';
import { judge, readableCode } from './postgres-errors.js';

export interface PostgresServerOptions {
  /** `postgres://user:password@host:port/database`; what it says comes before the other keys. */
  url?: string;
  endpoint?: { host: string; port: number };
  username?: string;
  password?: string;
  database?: string;
  /** PEM texts and the like, as Node's TLS takes them; without it nothing is encrypted. */
  tls?: ConnectionOptions;
  /** Default 10. */
  maxConnections?: number;
  /** How long a statement may take; default 10 s. */
  statementTimeoutMs?: number;
  /** How long connecting may take; default 5 s. */
  connectTimeoutMs?: number;
  /** Longest pause between attempts to connect; default 5 s. */
  maxReconnectDelayMs?: number;
}

export interface PostgresConnectionDeps {
  logger: Logger;
  metrics: Metrics;
}

const FIRST_RECONNECT_DELAY_MS = 100;
/** A conflict with another transaction is over when it is repeated. */
const MAX_CONFLICTS = 5;
const UP = 'otelcol_processor_session_replay_index_up';

export class PostgresConnection {
  readonly #options: PostgresServerOptions;
  readonly #deps: PostgresConnectionDeps;
  readonly #limit;
  #pool: Pool | undefined;
  /** Why it is away; undefined while it is not. */
  #away: string | undefined = 'not connected yet';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PostgresServerOptions, deps: PostgresConnectionDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#limit = createLimit(options.maxConnections ?? 10);
  }

  /** Makes ready to connect; connects to nothing yet. */
  async open(): Promise<void> {
    if (this.#pool !== undefined) return;
    const { default: pg } = await import('pg');
    const pool = new pg.Pool(this.#poolConfig());
    // Whoever uses a connection that breaks, or needs an idle one that broke, finds out.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool = pool;
    this.#deps.metrics.set(UP, 0);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  /**
   * Runs statements on one connection. Throws {@link IndexUnavailableError}, or what the server
   * said when trying again cannot help.
   * @param options `probe`: also while it is away
   */
  run<T>(
    work: (client: PoolClient) => Promise<T>,
    { probe = false }: { probe?: boolean } = {},
  ): Promise<T> {
    return this.#limit(async () => {
      if (this.#away !== undefined && !probe) throw this.#unavailable(this.#away);
      const client = await this.#connect();
      let isBroken = false;
      try {
        const result = await work(client);
        this.#isBack();
        return result;
      } catch (error) {
        const verdict = judge(error);
        if (verdict === 'failed') throw error;
        if (verdict === 'lost') throw new IndexLostError(readableCode(error), { cause: error });
        if (verdict === 'away') {
          isBroken = true;
          this.#isAway(error);
        }
        throw this.#unavailable(readableCode(error), error);
      } finally {
        client.release(isBroken);
      }
    });
  }

  /** All or nothing; repeated when it is in the way of another one. */
  async transaction<T>(
    work: (client: PoolClient) => Promise<T>,
    options: { probe?: boolean } = {},
  ): Promise<T> {
    const attempt = async (client: PoolClient): Promise<T> => {
      await client.query('BEGIN');
      try {
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    };
    return this.run(async (client) => {
      for (let conflicts = 0; ; conflicts++) {
        try {
          return await attempt(client);
        } catch (error) {
          if (judge(error) !== 'conflict' || conflicts === MAX_CONFLICTS) throw error;
        }
      }
    }, options);
  }

  /** A connection of its own, beside those that are limited. Throws as {@link run}. */
  reserve(): Promise<PoolClient> {
    return this.#connect();
  }

  async #connect(): Promise<PoolClient> {
    if (this.#pool === undefined) throw this.#unavailable('it is not started');
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (judge(error) === 'failed') throw error;
      this.#isAway(error);
      throw this.#unavailable(readableCode(error), error);
    }
  }

  #isBack(): void {
    if (this.#away === undefined) return;
    this.#away = undefined;
    this.#deps.metrics.set(UP, 1);
    this.#deps.logger.info('connected to PostgreSQL', { server: this.#where });
  }

  #isAway(error: unknown): void {
    const wasUp = this.#away === undefined;
    this.#away = readableCode(error);
    if (!wasUp) return;
    this.#deps.metrics.set(UP, 0);
    this.#deps.logger.warn('PostgreSQL is away; replays are stored, and looked up on its return', {
      server: this.#where,
      reason: this.#away,
    });
    this.#probeIn(FIRST_RECONNECT_DELAY_MS);
  }

  #probeIn(delayMs: number): void {
    const { maxReconnectDelayMs = 5000 } = this.#options;
    clearTimeout(this.#timer);
    // Spread, so that a fleet does not come back in one moment.
    this.#timer = setTimeout(
      () => {
        if (this.#away === undefined || this.#pool === undefined) return;
        this.run((client) => client.query('SELECT 1'), { probe: true }).catch(() =>
          this.#probeIn(Math.min(2 * delayMs, maxReconnectDelayMs)),
        );
      },
      delayMs * (0.5 + Math.random() / 2),
    );
    this.#timer.unref();
  }

  #unavailable(reason: string, cause?: unknown): IndexUnavailableError {
    return new IndexUnavailableError(`PostgreSQL at ${this.#where} is away: ${reason}`, { cause });
  }

  /** Never with a password. */
  get #where(): string {
    const { endpoint, url } = this.#options;
    if (url !== undefined && URL.canParse(url)) return new URL(url).host;
    return endpoint === undefined ? 'its default address' : `${endpoint.host}:${endpoint.port}`;
  }

  #poolConfig(): PoolConfig {
    const o = this.#options;
    const { maxConnections = 10, statementTimeoutMs = 10_000, connectTimeoutMs = 5000 } = o;
    return {
      ...(o.endpoint === undefined ? {} : o.endpoint),
      ...(o.username === undefined ? {} : { user: o.username }),
      ...(o.password === undefined ? {} : { password: o.password }),
      ...(o.database === undefined ? {} : { database: o.database }),
      ...(o.tls === undefined ? {} : { ssl: o.tls }),
      ...(o.url === undefined ? {} : { connectionString: o.url }),
      // One more for whoever holds the lock of a rebuild.
      max: maxConnections + 1,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // A server that is alive but silent is away as well.
      query_timeout: 2 * statementTimeoutMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: 'session_replay',
    };
  }
}
