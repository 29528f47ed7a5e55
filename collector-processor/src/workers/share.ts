/** A worker's part of the configuration: its own directory, and its share of what is bounded. */
import { join } from 'node:path';
import type { Config, PolicyConfig } from '../config/index.js';

/** Where the directories of all workers are. */
export function workersDirectory(directory: string): string {
  return join(directory, 'workers');
}

/** Where worker number `worker` keeps its journal and its queue. */
export function workerDirectory(directory: string, worker: number): string {
  return join(workersDirectory(directory), String(worker));
}

/**
 * @param workers how many share
 * @returns what worker number `worker` (1 is the first) runs: limits are those of the whole, divided;
 *   health and metrics are the supervisor's
 */
export function shareOf(config: Config, worker: number, workers: number): Config {
  const { exporters, extensions, processors, service } = config;
  const { file_storage: storage, replay_api: api } = extensions;
  const atLeastOne = (whole: number): number => Math.ceil(whole / workers);
  return {
    ...config,
    processors: shareProcessors(processors, workers),
    exporters: {
      ...exporters,
      ...(exporters.otlp_http && { otlp_http: shareExporter(exporters.otlp_http, atLeastOne) }),
    },
    extensions: {
      ...extensions,
      file_storage: { ...storage, directory: workerDirectory(storage.directory, worker) },
      replay_api: { ...api, max_live_viewers: atLeastOne(api.max_live_viewers) },
    },
    service: {
      ...service,
      workers: 1,
      extensions: service.extensions.filter((id) => id === 'file_storage' || id === 'replay_api'),
      telemetry: { ...service.telemetry, metrics: { ...service.telemetry.metrics, readers: [] } },
    },
  };
}

function shareProcessors(processors: Config['processors'], workers: number): Config['processors'] {
  const { memory_limiter: limiter, session_replay: replay } = processors;
  return {
    ...(limiter && { memory_limiter: shareLimiter(limiter, workers) }),
    session_replay: {
      ...replay,
      buffer: { ...replay.buffer, max_size: Math.floor(replay.buffer.max_size / workers) },
      policies: replay.policies.map((policy) => sharePolicy(policy, workers)),
    },
  };
}

type Limiter = NonNullable<Config['processors']['memory_limiter']>;

function shareLimiter(limiter: Limiter, workers: number): Limiter {
  const out = { ...limiter };
  for (const key of ['limit_mib', 'spike_limit_mib'] as const) {
    if (out[key] !== undefined) out[key] = Math.max(1, Math.floor(out[key] / workers));
  }
  for (const key of ['limit_percentage', 'spike_limit_percentage'] as const) {
    if (out[key] !== undefined) out[key] /= workers;
  }
  return out;
}

function shareExporter(
  settings: NonNullable<Config['exporters']['otlp_http']>,
  share: (whole: number) => number,
): typeof settings {
  const { sending_queue: queue } = settings;
  const { num_consumers, queue_size } = queue;
  return {
    ...settings,
    sending_queue: {
      ...queue,
      queue_size: share(queue_size),
      num_consumers: share(num_consumers),
    },
  };
}

/** So many sessions a second are those of all workers together. */
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
