/** Lets health and the status page see how the parts of a process do. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Decision } from '@otel-replay/protocol';
import type { Clock } from './clock.js';
import type { Coordinator } from './coordinate/index.js';
import type { Exporter } from './forward/index.js';
import type { SessionIndex } from './index/index.js';
import type { Journal } from './journal/journal.js';
import type { Store } from './store/index.js';
import { watchStore, type StoreView } from './store/observed.js';
import type { Health } from './telemetry/health.js';
import type { Metrics } from './telemetry/metrics.js';
import { RecentDecisions } from './telemetry/recent-decisions.js';
import type { JsonObject, StatusFacts } from './telemetry/status.js';

export interface Parts {
  clock: Clock;
  health: Health;
  metrics: Metrics;
  journal: Journal;
  store: Store;
  index: SessionIndex;
  coordinator: Coordinator;
  exporter: Exporter;
}

export interface WatchedParts {
  /** To be used instead of the one given. */
  store: Store;
  /** To be called with every first decision. */
  onDecided: (sessionId: string, decision: Decision) => void;
  facts: StatusFacts;
}

const INDEX_UP = 'otelcol_processor_session_replay_index_up';

export function watchParts(parts: Parts): WatchedParts {
  const { clock, coordinator, exporter, health, index, journal, metrics } = parts;
  const store = watchStore(parts.store, clock);
  const decisions = new RecentDecisions();

  health.watch('exporters.replay_store', () => {
    const error = store.trouble();
    return error && { recoverable: !error.needsOperator, error: error.message };
  });
  health.watch(`exporters.${exporter.name}`, () => {
    const { trouble } = exporter;
    return trouble === undefined
      ? undefined
      : { recoverable: true, error: `the next hop takes nothing; requests wait: ${trouble}` };
  });
  health.watch('coordination', () =>
    coordinator.isAvailable
      ? undefined
      : {
          recoverable: true,
          error: `${coordinator.name} is away; this instance decides alone, and tells the others on return`,
        },
  );
  health.watch('index', () => {
    const isAway = [...metrics.points(INDEX_UP)].some(({ value }) => value === 0);
    return isAway
      ? {
          recoverable: true,
          error: `${index.name} is away; replays are stored, but cannot be looked up`,
        }
      : undefined;
  });

  return {
    store: store.store,
    onDecided: (sessionId, { decidedAt, policy, reason }) =>
      decisions.note({ time: decidedAt, sessionId, policy, reason }),
    facts: async () => ({
      buffer: { directory: journal.directory, oldest_file: await oldestFile(journal.directory) },
      store: storeFacts(store.view()),
      index: { name: index.name },
      coordination: { name: coordinator.name, available: coordinator.isAvailable },
      queue: { exporter: exporter.name, trouble: exporter.trouble },
      decisions: decisions.list().map(({ time, ...decision }) => ({
        time: new Date(time).toISOString(),
        ...decision,
      })),
    }),
  };
}

function storeFacts({ lastError, name, operations }: StoreView): JsonObject {
  return {
    name,
    operations: Object.entries(operations).map(([operation, view]) => ({ operation, ...view })),
    last_error:
      lastError &&
      `${new Date(lastError.time).toISOString()} ${lastError.operation}: ${lastError.message}`,
  };
}

/** When the journal's oldest file was begun; nothing in the buffer is older. */
async function oldestFile(directory: string): Promise<string | undefined> {
  const folder = join(directory, 'journal');
  try {
    const [name] = (await readdir(folder)).filter((file) => file.endsWith('.log')).sort();
    if (name === undefined) return undefined;
    return (await stat(join(folder, name))).birthtime.toISOString();
  } catch {
    return undefined; // it is being removed
  }
}
