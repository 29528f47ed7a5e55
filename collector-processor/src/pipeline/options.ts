/** What a pipeline is given, and what it can be asked to do. */
import type { Decision } from '@otel-replay/protocol';
import type { ReplayReader } from '../api/reader.js';
import type { Checkpoints } from '../checkpoints/index.js';
import type { Clock } from '../clock.js';
import type { Coordinator } from '../coordinate/index.js';
import type { Exporter } from '../forward/exporter.js';
import type { SessionIndex } from '../index/index.js';
import type { Journal } from '../journal/journal.js';
import type { Sink } from '../receive/sink.js';
import type { Policy } from '../session/policies/index.js';
import type { SessionsOptions } from '../session/sessions.js';
import type { TraceJoinOptions } from '../session/trace-join.js';
import type { Store } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { RetryOptions } from './retry.js';
import type { BlockTiming } from './session-writer.js';
import type { SheddingSettings } from './shedding.js';
import type { RetentionOptions } from './sweeper.js';

export interface PipelineOptions {
  /** Started and stopped by the pipeline, with `store`, `index` and `coordinator`. */
  journal: Journal;
  store: Store;
  index: SessionIndex;
  coordinator: Coordinator;
  /** Where everything goes that is not replay; its owner starts it before and stops it after. */
  forwarder: Pick<Exporter, 'enqueue'>;
  /** Default: every session is kept. */
  policies?: readonly Policy[];
  /** Makes checkpoints where few were recorded; without it reads get what was recorded. */
  checkpoints?: Checkpoints;
  clock?: Clock;
  metrics?: Metrics;
  logger?: Logger;
  session?: Omit<SessionsOptions, 'policies'>;
  join?: TraceJoinOptions;
  /** Defaults: 60 s, 1 s, 4 MiB. */
  blocks?: Partial<BlockTiming>;
  retry?: RetryOptions;
  /** How long a start waits for an index that is away or being filled; default 10 s. */
  indexGraceMs?: number;
  /** Called when a session is first decided to be kept. */
  onDecided?: (sessionId: string, decision: Decision) => void;
  /** Without it sessions are kept for ever. */
  retention?: RetentionOptions;
  /** How often what is due is done; default 250 ms. */
  tickIntervalMs?: number;
  /** How long `stop` waits for the store; default 10 s. */
  drainTimeoutMs?: number;
  /** Blocks written at the same time; default 4. */
  writeConcurrency?: number;
  /** What happens when memory, journal, disk or store run short; default: sessions are shed. */
  pressure?: SheddingSettings;
}

export interface Pipeline {
  /**
   * Opens the rooms, takes up what the last run left. A store or an index that is away is waited for
   * in the background. Throws what only an operator can mend.
   */
  start(): Promise<void>;
  /** Has a start that is under way end soon; then only {@link stop} is possible. */
  cancelStart(): void;
  /**
   * Writes what is kept and closes the rooms; what the store does not take within `drainTimeoutMs`
   * (default: as configured) stays in the journal for the next start.
   */
  stop(drainTimeoutMs?: number): Promise<void>;
  /** Does what is due; runs by itself every `tickIntervalMs`. */
  tick(): Promise<void>;
  /** Resolves when nothing that was begun is still on its way to the store. */
  settled(): Promise<void>;
  readonly sink: Sink;
  readonly reader: ReplayReader;
}
