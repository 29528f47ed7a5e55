/** A worker's part of the configuration: its own directory, and its share of what is bounded. */
import { join } from 'node:path';
import type { Config, MemoryLimiterConfig, PolicyConfig } from '../config/index.js';

/** Where worker number `worker` keeps its journal and its queue. */
export function workerDirectory(directory: string, worker: number): string {
  return join(workersDirectory(directory), String(worker));
}

export function workersDirectory(directory: string): string {
  return join(directory, 'workers');
}

/**
 * @param workers how many share
 * @returns what worker number `worker` (1 is the first) runs: limits are those of the whole, divided;
 *   health and metrics are the supervisor's
 */
export function shareOf(config: Config, worker: number, workers: number): Config {
  const { exporters, extensions, processors, service } = config;
  const replay = processors.session_replay;
  const share = (whole: number): number => Math.ceil(whole / workers);
  const otlp = exporters.otlp_http;
  return {
    ...config,
    processors: {
      ...processors,
      ...(processors.memory_limiter === undefined
        ? {}
        : { memory_limiter: shareMemory(processors.memory_limiter, workers) }),
      session_replay: {
        ...replay,
        buffer: { ...replay.buffer, max_size: Math.floor(replay.buffer.max_size / workers) },
        policies: replay.policies.map((policy) => sharePolicy(policy, workers)),
      },
    },
    exporters: {
      ...exporters,
      ...(otlp === undefined
        ? {}
        : {
            otlp_http: {
              ...otlp,
              sending_queue: {
                ...otlp.sending_queue,
                queue_size: share(otlp.sending_queue.queue_size),
                num_consumers: share(otlp.sending_queue.num_consumers),
              },
            },
          }),
    },
    extensions: {
      ...extensions,
      file_storage: {
        ...extensions.file_storage,
        directory: workerDirectory(extensions.file_storage.directory, worker),
      },
    },
    service: {
      ...service,
      workers: 1,
      extensions: service.extensions.filter((id) => id !== 'health_check' && id !== 'zpages'),
      telemetry: { ...service.telemetry, metrics: { ...service.telemetry.metrics, readers: [] } },
    },
  };
}

function shareMemory(limiter: MemoryLimiterConfig, workers: number): MemoryLimiterConfig {
  const part = (whole: number | undefined): number | undefined => whole && whole / workers;
  return {
    ...limiter,
    limit_mib: part(limiter.limit_mib),
    spike_limit_mib: part(limiter.spike_limit_mib),
    limit_percentage: part(limiter.limit_percentage),
    spike_limit_percentage: part(limiter.spike_limit_percentage),
  };
}

function sharePolicy(policy: PolicyConfig, workers: number): PolicyConfig {
  switch (policy.type) {
    case 'rate_limiting': {
      const { sessions_per_second: perSecond } = policy.rate_limiting;
      return { ...policy, rate_limiting: { sessions_per_second: perSecond / workers } };
    }
    case 'and': {
      const and_sub_policy = policy.and.and_sub_policy.map((sub) => sharePolicy(sub, workers));
      return { ...policy, and: { and_sub_policy } } as PolicyConfig;
    }
    default:
      return policy;
  }
}
