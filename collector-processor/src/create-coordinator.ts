import { readFileSync } from 'node:fs';
import type { Clock } from './clock.js';
import type { Config, RedisConfig } from './config/index.js';
import type { Coordinator } from './coordinate/index.js';
import { createMemoryCoordinator } from './coordinate/memory.js';
import { createRedisCoordinator } from './coordinate/redis.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';

type Coordination = Config['processors']['session_replay']['coordination'];

/** Throws when a file of `tls` cannot be read. */
export function createCoordinator(
  { redis }: Coordination,
  deps: { clock: Clock; metrics: Metrics; logger: Logger },
): Coordinator {
  if (redis === undefined) return createMemoryCoordinator(deps);
  const { database, endpoint, key_prefix: keyPrefix, password, tls, username } = redis;
  return createRedisCoordinator(
    {
      ...{ database, endpoint, keyPrefix },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: password.reveal() }),
      ...(tls.insecure ? {} : { tls: tlsOptions(tls) }),
    },
    deps,
  );
}

function tlsOptions(tls: RedisConfig['tls']) {
  return {
    ...(tls.ca_file === undefined ? {} : { ca: readFileSync(tls.ca_file, 'utf8') }),
    ...(tls.cert_file === undefined ? {} : { cert: readFileSync(tls.cert_file, 'utf8') }),
    ...(tls.key_file === undefined ? {} : { key: readFileSync(tls.key_file, 'utf8') }),
    ...(tls.server_name_override === undefined ? {} : { servername: tls.server_name_override }),
    rejectUnauthorized: !tls.insecure_skip_verify,
  };
}
