/** The parts of a supervisor, in the order in which they start: it holds what its workers share. */
import type { Clock } from './clock.js';
import type { Component } from './component.js';
import { retentionOf, workerCount, type Config, type ConfigFile } from './config/index.js';
import { createIndex, sharedIndexOf } from './create-index.js';
import { createObservers } from './create-observers.js';
import { createStore } from './create-store.js';
import type { SessionIndex } from './index/index.js';
import { fillIndex } from './index/rebuild.js';
import { lockDirectory } from './journal/lock.js';
import type { Health } from './telemetry/health.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';
import { processMetrics } from './telemetry/process-metrics.js';
import { Fleet } from './workers/fleet.js';
import { version } from './version.js';
import { takeUpForWorkers } from './workers/take-up.js';

export interface SupervisionDeps {
  clock: Clock;
  files: readonly ConfigFile[];
  health: Health;
  logger: Logger;
  metrics: Metrics;
}

export async function* createSupervision(
  config: Config,
  deps: SupervisionDeps,
): AsyncGenerator<Component> {
  const { files, logger, metrics } = deps;
  const workers = workerCount(config.service.workers);
  // A shared index needs no supervisor: workers ask it like any other instance.
  const index =
    sharedIndexOf(config) === undefined
      ? createIndex(config, { ...deps, instance: 'supervisor' })
      : undefined;
  const coordinates = config.processors.session_replay.coordination.redis === undefined;
  const fleet = new Fleet(
    { workers, files, index, coordinates },
    { ...deps, own: processMetrics(metrics) },
  );
  yield* createObservers(config, {
    ...{ ...deps, metrics: fleet, version: await version() },
    facts: () => Promise.resolve(fleet.facts()),
  });
  const { directory } = config.extensions.file_storage;
  // First of all that writes: it locks the directory for this process and its workers.
  const lock = await lockDirectory(directory);
  yield {
    name: 'file_storage',
    start: async () => {
      await takeUpForWorkers(directory, workers, logger);
      return undefined;
    },
    stop: () => lock.release(),
  };
  if (index !== undefined) yield indexComponent(index, config, logger);
  yield {
    name: 'workers',
    start: () => fleet.start(),
    stop: (deadlineMs) => fleet.stop(deadlineMs),
  };
}

function indexComponent(index: SessionIndex, config: Config, logger: Logger): Component {
  const settings = config.exporters.replay_store;
  if (settings === undefined) throw new Error('exporters.replay_store is required');
  return {
    name: 'index',
    start: async () => {
      const { rebuild } = await index.start();
      if (!rebuild) return undefined;
      const retention = retentionOf(config.processors.session_replay);
      const store = createStore(settings, retention, { logger });
      await store.start();
      await fillIndex(index, store, logger);
      await store.stop();
      return undefined;
    },
    stop: () => index.stop(),
  };
}
