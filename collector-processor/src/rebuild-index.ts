/** The command `rebuild-index`: what the store holds, put in the index anew. */
import { retentionOf, type Config } from './config/index.js';
import { createIndex, sharedIndexOf } from './create-index.js';
import { createStore } from './create-store.js';
import { fillIndex } from './index/rebuild.js';
import { lockDirectory } from './journal/lock.js';
import type { Logger } from './telemetry/logger.js';
import { Metrics } from './telemetry/metrics.js';

/**
 * Throws {@link DirectoryLockedError} when a running process has an index of its own, StoreError,
 * IndexConfigError, IndexUnavailableError.
 */
export async function rebuildIndexOf(config: Config, logger: Logger): Promise<void> {
  const settings = config.exporters.replay_store;
  if (settings === undefined) throw new Error('exporters.replay_store is required');
  const isShared = sharedIndexOf(config) !== undefined;
  const lock = isShared ? undefined : await lockDirectory(config.extensions.file_storage.directory);
  const store = createStore(settings, retentionOf(config.processors.session_replay), { logger });
  const index = createIndex(config, { logger, metrics: new Metrics(), instance: 'rebuild-index' });
  try {
    await store.start();
    await index.start();
    await fillIndex(index, store, logger, { force: true });
  } finally {
    await index.stop();
    await store.stop();
    await lock?.release();
  }
}
