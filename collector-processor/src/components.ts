/** The parts of the process, in the order in which they start. */
import { join } from 'node:path';
import { createReplayApi } from './api/index.js';
import type { Clock } from './clock.js';
import {
  recorderConfigOf,
  retentionOf,
  type Config,
  type OtlpHttpExporterConfig,
  type OtlpReceiverConfig,
} from './config/index.js';
import type { Component } from './component.js';
import { createCheckpoints } from './create-checkpoints.js';
import { createCoordinator } from './create-coordinator.js';
import { createMemoryLimiter } from './create-memory-limiter.js';
import { createPolicies, createSpanQuery } from './create-policies.js';
import { createObservers } from './create-observers.js';
import { createStore } from './create-store.js';
import { createOtlpExporter, nopExporter, type Exporter } from './forward/index.js';
import { createIndex } from './create-index.js';
import type { Coordinator } from './coordinate/index.js';
import type { SessionIndex } from './index/index.js';
import { openJournal, type Journal } from './journal/journal.js';
import { createPipeline, type Pipeline } from './pipeline/index.js';
import type { MemoryLimiter } from './pressure/index.js';
import { createReceiver, type Receiver, type Sink } from './receive/index.js';
import type { Health } from './telemetry/health.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';
import { processMetrics } from './telemetry/process-metrics.js';
import type { StatusFacts } from './telemetry/status.js';
import { version } from './version.js';
import { watchParts } from './watch-parts.js';
import { takeUpAlone } from './workers/take-up.js';

/** What is shared with other processes instead of made here. */
export interface Lent {
  coordinator?: Coordinator;
  index?: SessionIndex;
}

export interface ComponentDeps {
  logger: Logger;
  metrics: Metrics;
  health: Health;
  clock: Clock;
  lent: Lent;
}

/** How long the last blocks may take; what is left then stays in the journal. */
const DRAIN_MS = 5_000;

/**
 * Each is started before the next is made, because the next may need what it opened. Stopped in
 * reverse: receivers first, what tells of the process last.
 */
export async function* createComponents(
  config: Config,
  deps: ComponentDeps,
): AsyncGenerator<Component> {
  let facts: StatusFacts = () => Promise.resolve({});
  const metrics = processMetrics(deps.metrics);
  yield* createObservers(config, {
    ...{ ...deps, metrics, version: await version() },
    facts: () => facts(),
  });
  const memory = createMemoryLimiter(config, deps);
  if (memory !== undefined) yield component('processors.memory_limiter', memory);
  const { directory, fsync } = config.extensions.file_storage;
  await takeUpAlone(directory, deps.logger);
  // First of all that writes: it locks the directory for this process.
  const journal = await openJournal({
    directory,
    maxBytes: config.processors.session_replay.buffer.max_size,
    fsync: fsync ? 'group' : 'none',
    logger: deps.logger,
  });
  yield component('file_storage', { start: () => Promise.resolve(), stop: () => journal.stop() });
  const exporter = exporterOf(config, deps);
  yield component(`exporters.${exporter.name}`, exporter);
  const parts = pipelineOptions(config, deps, journal);
  const watched = watchParts({ ...deps, ...parts, journal, exporter });
  facts = watched.facts;
  const checkpoints = createCheckpoints(config, deps);
  if (checkpoints !== undefined) yield component('synthetic_checkpoints', checkpoints);
  const pipeline = createPipeline({
    journal,
    forwarder: exporter,
    ...{ ...parts, ...(checkpoints === undefined ? {} : { checkpoints }) },
    store: watched.store,
    onDecided: watched.onDecided,
    pressure: pressureOptions(config, memory),
    ...deps,
  });
  yield {
    ...component('processors.session_replay', pipeline),
    cancelStart: () => pipeline.cancelStart(),
  };
  yield* replayApiOf(config, pipeline, deps);
  for (const [id, receiver] of Object.entries(config.receivers)) {
    const sink = sinkOf(config, id, pipeline.sink);
    const options = receiverOptions(config, id, receiver);
    yield receiverComponent(
      id,
      createReceiver(options, { ...deps, sink, ...gateOf(config, id, memory) }),
    );
  }
}

function pipelineOptions(config: Config, deps: ComponentDeps, { instanceId: instance }: Journal) {
  const replay = config.processors.session_replay;
  const store = config.exporters.replay_store;
  const retention = retentionOf(replay);
  if (store === undefined) throw new Error('exporters.replay_store is required');
  return {
    store: createStore(store, retention, deps),
    retention: { defaultMs: retention.defaultMs },
    index: deps.lent.index ?? createIndex(config, { ...deps, instance }),
    coordinator: deps.lent.coordinator ?? createCoordinator(replay.coordination, deps),
    policies: createPolicies(replay.policies),
    session: {
      preRollMs: replay.pre_roll,
      decisionWaitMs: replay.decision_wait,
      checkpointIntervalMs: replay.checkpoint_interval,
      recordForMs: replay.record_for,
      isDryRun: replay.dry_run,
      idleTimeoutMs: replay.session_idle_timeout,
      maxSessionDurationMs: replay.max_session_duration,
      maxBufferBytes: replay.buffer.max_session_size,
      keepForMs: (policy: string) => retention.of(policy),
    },
    drainTimeoutMs: DRAIN_MS,
    blocks: { flushIntervalMs: store.flush_interval, maxBlockBytes: store.max_object_size },
  };
}

function pressureOptions(config: Config, memory: MemoryLimiter | undefined) {
  return {
    onFull: config.processors.session_replay.buffer.on_full,
    ...(memory === undefined ? {} : { memory }),
  };
}

/** Receivers of pipelines that begin with `memory_limiter` ask it. */
function gateOf(config: Config, id: string, memory: MemoryLimiter | undefined) {
  const asks = Object.values(config.service.pipelines).some(
    ({ processors, receivers }) => processors.includes('memory_limiter') && receivers.includes(id),
  );
  return asks && memory !== undefined ? { memory } : {};
}

function exporterOf(config: Config, deps: ComponentDeps): Exporter {
  const settings = config.exporters.otlp_http;
  return settings === undefined
    ? nopExporter
    : createOtlpExporter(exporterOptions(settings, config), deps);
}

function exporterOptions(settings: OtlpHttpExporterConfig, config: Config) {
  const {
    endpoint,
    headers,
    timeout,
    compression,
    retry_on_failure: retry,
    sending_queue: queue,
  } = settings;
  const { directory, fsync } = config.extensions.file_storage;
  return {
    endpoint,
    headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.reveal()])),
    timeoutMs: timeout,
    compression,
    retryOnFailure: {
      enabled: retry.enabled,
      initialIntervalMs: retry.initial_interval,
      randomizationFactor: retry.randomization_factor,
      multiplier: retry.multiplier,
      maxIntervalMs: retry.max_interval,
      maxElapsedMs: retry.max_elapsed_time,
    },
    queueSize: queue.queue_size,
    numConsumers: queue.num_consumers,
    directory: join(directory, 'queue'),
    fsync,
  };
}

function replayApiOf(config: Config, pipeline: Pipeline, deps: ComponentDeps): Component[] {
  if (!config.service.extensions.includes('replay_api')) return [];
  const { endpoint, auth, cors, max_live_viewers: maxViewers } = config.extensions.replay_api;
  const token = auth.bearer_token?.reveal();
  const api = createReplayApi({
    ...endpoint,
    ...{ ...deps, reader: pipeline.reader, maxViewers },
    cors: { allowedOrigins: cors.allowed_origins, maxAgeSeconds: cors.max_age },
    ...(token === undefined ? {} : { bearerToken: token }),
  });
  return [
    { name: 'replay_api', start: () => api.start(), stop: (deadlineMs) => api.stop(deadlineMs) },
  ];
}

/** Ids of the exporters that get what a receiver takes of a signal; undefined: it takes none. */
function exportersOf(config: Config, id: string, signal: 'traces' | 'logs') {
  return Object.entries(config.service.pipelines).find(
    ([name, { receivers }]) => name.split('/')[0] === signal && receivers.includes(id),
  )?.[1].exporters;
}

function receiverOptions(config: Config, id: string, { protocols }: OtlpReceiverConfig) {
  const { endpoint, max_request_body_size, cors } = protocols.http;
  const { forward_segment_spans, max_segment_size, policies, recorder } =
    config.processors.session_replay;
  const query = createSpanQuery(policies);
  return {
    name: id,
    endpoint,
    signals: (['traces', 'logs'] as const).filter(
      (signal) => exportersOf(config, id, signal) !== undefined,
    ),
    maxRequestBodyBytes: max_request_body_size,
    recorderConfig: {
      of: (service: string) => recorderConfigOf(recorder, service),
      maxAgeMs: recorder.max_age,
    },
    cors: {
      allowedOrigins: cors.allowed_origins,
      allowedHeaders: cors.allowed_headers,
      exposedHeaders: cors.exposed_headers,
      maxAgeSeconds: cors.max_age,
    },
    cut: {
      forwardSegmentSpans: forward_segment_spans,
      maxSegmentBytes: max_segment_size,
      ...(query === undefined ? {} : { query }),
    },
  };
}

/** What comes in by a pipeline without `otlp_http` is looked at and goes no further. */
function sinkOf(config: Config, id: string, sink: Sink): Sink {
  const forwards = (signal: 'traces' | 'logs'): boolean =>
    exportersOf(config, id, signal)?.includes('otlp_http') === true;
  const forwarded = { traces: forwards('traces'), logs: forwards('logs') };
  return {
    accept: (cut, request) =>
      forwarded[request.signal]
        ? sink.accept(cut, request)
        : sink.accept({ ...cut, forward: undefined, forwardCount: 0 }, request),
  };
}

function receiverComponent(name: string, receiver: Receiver): Component {
  return {
    name,
    start: async () => {
      await receiver.start();
      return receiver.port;
    },
    stop: (deadlineMs) => receiver.stop(deadlineMs),
  };
}

function component(
  name: string,
  part: { start(): Promise<void>; stop(deadlineMs?: number): Promise<void> },
): Component {
  return {
    name,
    start: async () => {
      await part.start();
      return undefined;
    },
    stop: (deadlineMs) => part.stop(deadlineMs),
  };
}
