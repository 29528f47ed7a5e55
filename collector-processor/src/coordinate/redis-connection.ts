/**
 * One connection to Redis that comes back alone. Nothing waits for it: while it is away, or when an
 * answer takes too long, callers get {@link CoordinationUnavailableError}.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Redis, RedisOptions } from 'ioredis';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { CoordinationConfigError, CoordinationUnavailableError } from './index.js';

/** Redis 7 brought `PEXPIRE … GT`; every Valkey has it. */
const MIN_MAJOR_VERSION = 7;

const COMMAND_TIMEOUT_MS = 1000;

export interface RedisServerOptions {
  endpoint: { host: string; port: number };
  username?: string;
  password?: string;
  /** PEM texts and the like, as Node's TLS takes them; `{}` trusts the system's authorities. */
  tls?: ConnectionOptions;
  /** Default 0. */
  database?: number;
  /** How long the answer to one batch may take; default 1000 ms. */
  commandTimeoutMs?: number;
  /** How long connecting may take; default 2000 ms. */
  connectTimeoutMs?: number;
  /** Longest pause between attempts to connect; default 2000 ms. */
  maxReconnectDelayMs?: number;
}

export interface RedisConnectionDeps {
  /** In logs, in metrics and in `CLIENT LIST`. */
  name: string;
  logger: Logger;
  metrics: Metrics;
  /** Each time the connection stands. */
  onUp(): void;
  onDown?(): void;
  onMessage?(text: string): void;
}

export class RedisConnection {
  readonly #options: RedisServerOptions;
  readonly #deps: RedisConnectionDeps;
  #client: Redis | undefined;
  #lastError = 'not connected yet';
  /** Undefined before the first attempt has ended: the first failure is news as well. */
  #up: boolean | undefined;

  constructor(options: RedisServerOptions, deps: RedisConnectionDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get isUp(): boolean {
    return this.#client?.status === 'ready';
  }

  /**
   * Resolves after the first attempt, successful or not: it goes on trying.
   * Throws {@link CoordinationConfigError} when Redis refuses user or password, or is too old.
   */
  async start(): Promise<void> {
    const { Redis: Client } = await import('ioredis');
    const client = (this.#client = new Client(this.#clientOptions()));
    client.on('error', (error: Error) => (this.#lastError = error.message));
    client.on('ready', () => this.#changed(true));
    client.on('close', () => this.#changed(false));
    client.on('message', (_channel: string, text: string) => this.#deps.onMessage?.(text));
    try {
      await client.connect();
      await this.#checkVersion(client);
    } catch (error) {
      if (!(error instanceof CoordinationConfigError) && !isRefusal(this.#lastError)) return;
      this.stop();
      throw error instanceof CoordinationConfigError
        ? error
        : new CoordinationConfigError(
            `Redis at ${this.#where} refused us: ${this.#lastError}. Check username and password under processors.session_replay.coordination.redis`,
          );
    }
  }

  stop(): void {
    this.#client?.removeAllListeners('ready').removeAllListeners('close');
    this.#client?.disconnect();
    this.#client = undefined;
  }

  /** Runs commands; every failure is a {@link CoordinationUnavailableError}. */
  async run<T>(send: (client: Redis) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client?.status !== 'ready') {
      throw new CoordinationUnavailableError(
        `Redis at ${this.#where} is away (${this.#lastError}); it is tried again`,
      );
    }
    try {
      return await within(this.#options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS, send(client));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CoordinationUnavailableError(`Redis at ${this.#where} did not do it: ${why}`, {
        cause: error,
      });
    }
  }

  get #where(): string {
    const { host, port } = this.#options.endpoint;
    return `${host}:${port}`;
  }

  #changed(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    const { logger, metrics, name } = this.#deps;
    const gauge = 'otelcol_processor_session_replay_coordination_up';
    const fields = { connection: name, endpoint: this.#where };
    if (up) {
      logger.info('connected to Redis', fields);
      metrics.set(gauge, 1, { connection: name });
      this.#deps.onUp();
    } else {
      const reason = this.#lastError;
      logger.warn('Redis is away; decisions are made locally until it returns', {
        ...fields,
        reason,
      });
      metrics.set(gauge, 0, { connection: name });
      this.#deps.onDown?.();
    }
  }

  async #checkVersion(client: Redis): Promise<void> {
    // Users may be forbidden to ask; then the first command says it.
    const info = await client.info('server').catch(() => '');
    const version = /^redis_version:(\d+)\S*/m.exec(info);
    if (version === null || Number(version[1]) >= MIN_MAJOR_VERSION) return;
    throw new CoordinationConfigError(
      `Redis at ${this.#where} is ${version[0]}; coordination needs Redis ${MIN_MAJOR_VERSION}.0 or later, or Valkey`,
    );
  }

  #clientOptions() {
    const o = this.#options;
    const { maxReconnectDelayMs = 2000, commandTimeoutMs = COMMAND_TIMEOUT_MS } = o;
    return {
      ...o.endpoint,
      ...(o.username === undefined ? {} : { username: o.username }),
      ...(o.password === undefined ? {} : { password: o.password }),
      ...(o.tls === undefined ? {} : { tls: o.tls }),
      db: o.database ?? 0,
      connectionName: `session_replay_${this.#deps.name}`,
      // RESP2 is what every proxy and every Valkey speaks.
      protocol: 2 as const,
      lazyConnect: true,
      // Fail fast: what waits is kept by the coordinator, bounded, not in the client.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      // A server that accepts but does not answer is away as well.
      socketTimeout: 2 * commandTimeoutMs,
      connectTimeout: o.connectTimeoutMs ?? 2000,
      keepAlive: 10_000,
      // After a failover the old primary is read-only: look the name up again.
      reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
      // Spread, so that a fleet does not come back in one moment.
      retryStrategy: (times: number) =>
        Math.min(50 * 2 ** Math.min(times, 10), maxReconnectDelayMs) * (0.5 + Math.random() / 2),
    } satisfies RedisOptions;
  }
}

/** One timer for a batch; the client's own would be one for each command in it. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Redis's own words for credentials it does not take. */
function isRefusal(message: string): boolean {
  return /WRONGPASS|NOAUTH|NOPERM|invalid username-password|invalid password/i.test(message);
}
