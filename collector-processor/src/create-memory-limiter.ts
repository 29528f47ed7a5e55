/** The memory limiter that the configuration asks for. */
import type { Config } from './config/index.js';
import { memoryLimits, MemoryLimiter, type MemoryLimiterDeps } from './pressure/index.js';

export function createMemoryLimiter(
  { processors }: Config,
  deps: MemoryLimiterDeps,
): MemoryLimiter | undefined {
  const limiter = processors.memory_limiter;
  if (limiter === undefined) return undefined;
  const limits = memoryLimits({
    limitMib: limiter.limit_mib,
    spikeLimitMib: limiter.spike_limit_mib,
    limitPercentage: limiter.limit_percentage,
    spikeLimitPercentage: limiter.spike_limit_percentage,
  });
  const key = limiter.limit_mib === undefined ? 'limit_percentage' : 'limit_mib';
  return new MemoryLimiter(
    {
      ...limits,
      checkIntervalMs: limiter.check_interval,
      key: `processors.memory_limiter.${key}`,
    },
    deps,
  );
}
