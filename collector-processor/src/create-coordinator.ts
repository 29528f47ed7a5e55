import type { Clock } from './clock.js';
import type { Config } from './config/index.js';
import type { Coordinator } from './coordinate/index.js';
import { createMemoryCoordinator } from './coordinate/memory.js';
import { createRedisCoordinator } from './coordinate/redis.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';
import { tlsOptions } from './tls-options.js';

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
