import { CheckpointSynthesizer } from './checkpoints/index.js';
import type { Clock } from './clock.js';
import type { Config } from './config/index.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';

/** Undefined where nobody reads, or nobody wants them. */
export function createCheckpoints(
  config: Config,
  deps: { clock: Clock; logger: Logger; metrics: Metrics },
): CheckpointSynthesizer | undefined {
  const { enabled, interval, timeout, cache_size } =
    config.extensions.replay_api.synthetic_checkpoints;
  if (!enabled || !config.service.extensions.includes('replay_api')) return undefined;
  return new CheckpointSynthesizer({
    ...{ ...deps, intervalMs: interval, timeoutMs: timeout, maxCacheBytes: cache_size },
  });
}
