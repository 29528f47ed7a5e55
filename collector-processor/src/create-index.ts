import { join } from 'node:path';
import type { Config, PostgresConfig } from './config/index.js';
import type { SessionIndex } from './index/index.js';
import { createPostgresIndex } from './index/postgres.js';
import { createSqliteIndex } from './index/sqlite.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';
import { tlsOptions } from './tls-options.js';

export interface IndexDeps {
  logger: Logger;
  metrics: Metrics;
  /** Stable name of who asks. */
  instance: string;
}

/** The index that is configured. Throws when a file of `tls` cannot be read. */
export function createIndex(
  config: Config,
  { instance, logger, metrics }: IndexDeps,
): SessionIndex {
  const postgres = sharedIndexOf(config);
  if (postgres === undefined) {
    const file = join(config.extensions.file_storage.directory, 'index.sqlite');
    return createSqliteIndex({ file, logger });
  }
  const { database, endpoint, password, schema, timeout, tls, url, username } = postgres;
  return createPostgresIndex(
    {
      ...{ instance, schema, maxConnections: postgres.max_connections },
      ...{ statementTimeoutMs: timeout, connectTimeoutMs: timeout / 2 },
      ...(url === undefined ? {} : { url: url.reveal() }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password.reveal() }),
      ...(database === undefined ? {} : { database }),
      ...(tls.insecure ? {} : { tls: tlsOptions(tls) }),
    },
    { logger, metrics },
  );
}

/** Undefined: each instance, or each supervisor of workers, has its own. */
export function sharedIndexOf(config: Config): PostgresConfig | undefined {
  return config.exporters.replay_store?.index.postgres;
}
