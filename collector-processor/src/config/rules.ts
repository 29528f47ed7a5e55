/** What the schema alone cannot say: the parts of a configuration must fit together. */
import { memoryLimits } from '../pressure/memory-limits.js';
import type { Finding } from './issues.js';
import { closest, type Path } from './problem.js';
import { EXTENSIONS, MIN_BUFFER_BYTES, type Config } from './schema.js';
import { formatEndpoint, formatSize, type Endpoint } from './scalars.js';
import { workerCount } from './workers.js';

/** `written`: the configuration as the user gave it, without defaults. */
export function checkRules(config: Config, written: Readonly<Record<string, unknown>>): Finding[] {
  return [
    ...pipelines(config),
    ...unused(config, written),
    ...endpoints(config),
    ...policyNames(config),
    ...keepers(config),
    ...exposure(config),
    ...shares(config),
    ...processors(config),
    ...memory(config),
  ];
}

function* pipelines(config: Config): Generator<Finding> {
  const receivers = Object.keys(config.receivers);
  const all = Object.entries(config.service.pipelines);
  if (all.length === 0) {
    yield { path: ['service', 'pipelines'], message: 'is empty; add a `traces` pipeline' };
  }
  const usedBy = new Map<string, string>();
  for (const [id, pipeline] of all) {
    const path = ['service', 'pipelines', id];
    for (const [i, receiver] of pipeline.receivers.entries()) {
      if (!receivers.includes(receiver)) {
        const meant = closest(receiver, receivers);
        const hint =
          meant === undefined ? `configured: ${receivers.join(', ')}` : `did you mean "${meant}"?`;
        yield {
          path: [...path, 'receivers', i],
          message: `"${receiver}" is not under receivers; ${hint}`,
        };
      }
      const key = `${id.split('/')[0]} ${receiver}`;
      const other = usedBy.get(key);
      if (other !== undefined) {
        yield {
          path: [...path, 'receivers', i],
          message: `"${receiver}" already feeds the pipeline ${other}; a receiver feeds one pipeline per signal`,
        };
      }
      usedBy.set(key, id);
    }
    for (const [i, exporter] of pipeline.exporters.entries()) {
      if (config.exporters[exporter] === undefined) {
        yield {
          path: [...path, 'exporters', i],
          message: `"${exporter}" is not under exporters; add \`${exporter}:\` there`,
        };
      }
    }
  }
  if (all.length > 0 && !all.some(([, { exporters }]) => exporters.includes('replay_store'))) {
    yield {
      path: ['service', 'pipelines'],
      message:
        'no pipeline has the exporter replay_store, so no replay would be kept; add it to one',
    };
  }
}

function* unused(config: Config, written: Readonly<Record<string, unknown>>): Generator<Finding> {
  const all = Object.values(config.service.pipelines);
  for (const id of Object.keys(config.receivers)) {
    if (!all.some(({ receivers }) => receivers.includes(id))) {
      yield {
        path: ['receivers', id],
        message: 'is in no pipeline; add it to one under service.pipelines, or remove it',
      };
    }
  }
  for (const id of Object.keys(config.exporters) as (keyof Config['exporters'])[]) {
    // A `nop` left over does nothing, as it says; the base of several merged files has one.
    if (id === 'nop') continue;
    if (
      config.exporters[id] !== undefined &&
      !all.some(({ exporters }) => exporters.includes(id))
    ) {
      yield {
        path: ['exporters', id],
        message: 'is in no pipeline; add it to one under service.pipelines, or remove it',
      };
    }
  }
  const extensions = (written['extensions'] ?? {}) as Record<string, unknown>;
  for (const id of EXTENSIONS) {
    if (id in extensions && !config.service.extensions.includes(id)) {
      yield {
        path: ['extensions', id],
        message: 'is not in service.extensions; add it there, or remove it',
      };
    }
  }
  if (config.service.extensions.includes('zpages') && config.extensions.zpages === undefined) {
    yield {
      path: ['service', 'extensions'],
      message: 'has zpages, which is not under extensions; add `zpages:` there',
    };
  }
  if (!config.service.extensions.includes('file_storage')) {
    yield {
      path: ['service', 'extensions'],
      message: 'must list file_storage: nothing is accepted that would not survive a crash',
    };
  }
}

function* endpoints(config: Config): Generator<Finding> {
  const seen = new Map<string, string>();
  for (const { path, endpoint } of listeners(config)) {
    if (endpoint.port === 0) continue;
    const { host, port } = endpoint;
    const text = formatEndpoint({ host: host === '127.0.0.1' ? 'localhost' : host, port });
    const other = seen.get(text);
    if (other !== undefined) {
      yield {
        path,
        message: `${text} is already taken by ${other}; give one of them another port`,
      };
    }
    seen.set(text, path.join('.'));
  }
}

/** Everything that listens, with the key that says where. */
function* listeners(config: Config): Generator<{ path: string[]; endpoint: Endpoint }> {
  for (const [id, receiver] of Object.entries(config.receivers)) {
    yield {
      path: ['receivers', id, 'protocols', 'http', 'endpoint'],
      endpoint: receiver.protocols.http.endpoint,
    };
  }
  for (const id of ['replay_api', 'health_check', 'zpages'] as const) {
    const extension = config.extensions[id];
    if (config.service.extensions.includes(id) && extension !== undefined) {
      yield { path: ['extensions', id, 'endpoint'], endpoint: extension.endpoint };
    }
  }
  for (const { pull } of config.service.telemetry.metrics.readers) {
    if (pull === undefined) continue;
    const path = ['service', 'telemetry', 'metrics', 'readers'];
    yield { path, endpoint: pull.exporter.prometheus };
  }
}

function* policyNames(config: Config): Generator<Finding> {
  const { policies } = config.processors.session_replay;
  const path = ['processors', 'session_replay', 'policies'];
  yield* twice(policies, path);
  for (const [i, policy] of policies.entries()) {
    if (policy.type === 'and') {
      yield* twice(policy.and.and_sub_policy, [...path, i, 'and', 'and_sub_policy']);
    } else if (policy.type === 'drop') {
      yield* twice(policy.drop.drop_sub_policy, [...path, i, 'drop', 'drop_sub_policy']);
    }
  }
}

function* twice(policies: readonly { name: string }[], path: Path): Generator<Finding> {
  const seen = new Set<string>();
  for (const [i, { name }] of policies.entries()) {
    if (seen.has(name)) {
      yield {
        path: [...path, i, 'name'],
        message: `"${name}" is used twice; give every policy its own name`,
      };
    }
    seen.add(name);
  }
}

function* keepers(config: Config): Generator<Finding> {
  const { policies } = config.processors.session_replay;
  if (policies.some(({ type }) => type !== 'drop' && type !== 'ignore')) return;
  yield {
    path: ['processors', 'session_replay', 'policies'],
    message:
      'only drop and ignore, so nothing would be kept; add a policy that keeps, such as always_sample or status_code',
  };
}

function* exposure(config: Config): Generator<Finding> {
  if (!config.service.extensions.includes('replay_api')) return;
  const { endpoint, auth } = config.extensions.replay_api;
  if (isLoopback(endpoint.host) || auth.bearer_token !== undefined) return;
  yield {
    path: ['extensions', 'replay_api', 'endpoint'],
    message:
      `${formatEndpoint(endpoint)} can be reached from other machines, and anybody could watch replays; ` +
      'set extensions.replay_api.auth.bearer_token: ${env:REPLAY_API_TOKEN}, or listen on localhost',
  };
}

function* shares(config: Config): Generator<Finding> {
  const workers = workerCount(config.service.workers);
  const { max_size: bytes } = config.processors.session_replay.buffer;
  const least = workers * MIN_BUFFER_BYTES;
  if (bytes >= least) return;
  yield {
    path: ['processors', 'session_replay', 'buffer', 'max_size'],
    message: `${formatSize(bytes)} is shared by ${workers} workers; give at least ${formatSize(least)}, or set service.workers lower`,
  };
}

function* processors(config: Config): Generator<Finding> {
  const all = Object.entries(config.service.pipelines);
  const isLimited = config.processors.memory_limiter !== undefined;
  for (const [id, pipeline] of all) {
    const path = ['service', 'pipelines', id, 'processors'];
    const found = pipeline.processors.join(', ');
    if (found !== 'session_replay' && found !== 'memory_limiter, session_replay') {
      yield {
        path,
        message: `is [${found}]; it must be [session_replay] or [memory_limiter, session_replay]: without session_replay payload would reach the trace backend, and memory is asked first`,
      };
    } else if (found.startsWith('memory_limiter') && !isLimited) {
      yield {
        path: [...path, 0],
        message: '"memory_limiter" is not under processors; add `memory_limiter:` there',
      };
    }
  }
  if (isLimited && !all.some(([, p]) => p.processors.includes('memory_limiter'))) {
    yield {
      path: ['processors', 'memory_limiter'],
      message: 'is in no pipeline; put it first under service.pipelines, or remove it',
    };
  }
}

function* memory({ processors }: Config): Generator<Finding> {
  const limiter = processors.memory_limiter;
  if (limiter === undefined) return;
  const path = ['processors', 'memory_limiter'];
  const { limit_mib, limit_percentage, spike_limit_mib, spike_limit_percentage } = limiter;
  if (limit_mib === undefined && limit_percentage === undefined) {
    yield { path, message: 'has no limit; set limit_percentage, such as 75, or limit_mib' };
    return;
  }
  const { limitBytes, spikeBytes } = memoryLimits({
    limitMib: limit_mib,
    limitPercentage: limit_percentage,
    spikeLimitMib: spike_limit_mib,
    spikeLimitPercentage: spike_limit_percentage,
  });
  if (spikeBytes >= limitBytes) {
    const key = spike_limit_mib === undefined ? 'spike_limit_percentage' : 'spike_limit_mib';
    yield {
      path: [...path, key],
      message: 'is not below the limit, so that every request would be refused; set it lower',
    };
  }
}

/** Hosts that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
