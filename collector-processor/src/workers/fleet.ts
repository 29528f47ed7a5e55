/** All workers of a supervisor: started together, seen from outside as one process. */
import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.js';
import type { ConfigFile } from '../config/index.js';
import { createMemoryHub } from '../coordinate/memory.js';
import type { SessionIndex } from '../index/index.js';
import type { Health } from '../telemetry/health.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics, MetricsSnapshot } from '../telemetry/metrics.js';
import { mergeSnapshots, type MetricsSource } from '../telemetry/snapshot.js';
import type { Link } from './link.js';
import { redeliver } from './redeliver.js';
import { COORDINATOR } from './remote-coordinator.js';
import { INDEX, SharedIndex } from './remote-index.js';
import { Slot, type SlotState } from './slot.js';

export interface FleetOptions {
  workers: number;
  files: readonly ConfigFile[];
  /** Undefined: workers share one elsewhere. */
  index: SessionIndex | undefined;
  /** Whether the workers coordinate here; else elsewhere. */
  coordinates: boolean;
}

export interface FleetDeps {
  clock: Clock;
  logger: Logger;
  health: Health;
  /** Of the supervisor itself. */
  metrics: Metrics;
  /** The same, with what is observed of the process. */
  own: MetricsSource;
}

const PREFIX = 'otelcol_processor_session_replay_';
/** Of what is lost on the books when a worker is killed. */
const SNAPSHOT_INTERVAL_MS = 1_000;

export class Fleet implements MetricsSource {
  readonly #deps: FleetDeps;
  readonly #slots: readonly Slot[];
  readonly #states: SlotState[];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FleetOptions, deps: FleetDeps) {
    this.#deps = deps;
    const { coordinates, files, index, workers } = options;
    const { clock, logger } = deps;
    const hub = coordinates ? createMemoryHub({ clock }) : undefined;
    const shared = index === undefined ? undefined : new SharedIndex(index);
    this.#states = Array.from({ length: workers }, () => 'starting');
    this.#slots = this.#states.map((_, i) => {
      const worker = i + 1;
      deps.health.watch(`workers/${worker}`, () =>
        this.#states[i] === 'restarting'
          ? { recoverable: true, error: 'it died and is started again; the log says why' }
          : this.#slots[i]?.trouble,
      );
      return new Slot({
        task: { worker, workers, files, lends: { coordinator: coordinates, index: !!index } },
        fork: () => this.#fork(i),
        lend: (link) => lend(link, worker, hub, shared),
        onState: (state) => this.#setState(i, state),
        onDied: () => deps.metrics.add(`${PREFIX}worker_restarts`),
        ...{ clock, logger },
      });
    });
  }

  /** Resolves to their ports when all are ready. Throws WorkerStartError. */
  async start(): Promise<Readonly<Record<string, number>>> {
    if (!cluster.isPrimary) {
      throw new Error('a process manager runs this as a cluster; set service.workers to 1');
    }
    const here = fileURLToPath(import.meta.url);
    const exec = fileURLToPath(new URL(`../worker${extname(here)}`, import.meta.url));
    cluster.setupPrimary({ exec, args: [], serialization: 'advanced' });
    this.#deps.metrics.add(`${PREFIX}worker_restarts`, 0);
    this.#states.forEach((state, i) => this.#setState(i, state));
    const [ports = {}] = await Promise.all(this.#slots.map((slot) => slot.start()));
    this.#timer = setInterval(() => void this.snapshot(), SNAPSHOT_INTERVAL_MS);
    return ports;
  }

  /** Throws when a worker did not finish its work within the time. */
  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#timer);
    const clean = await Promise.all(this.#slots.map((slot) => slot.stop(deadlineMs)));
    if (!clean.every((ended) => ended)) throw new Error('not all workers ended well');
  }

  async snapshot(): Promise<MetricsSnapshot> {
    const all = [this.#deps.own, ...this.#slots].map((source) => source.snapshot());
    return mergeSnapshots(await Promise.all(all));
  }

  /** For the status page. */
  facts(): { workers: { worker: number; pid: number | undefined; state: SlotState }[] } {
    const workers = this.#states.map((state, i) => {
      return { worker: i + 1, pid: this.#slots[i]?.pid, state };
    });
    return { workers };
  }

  #fork(i: number): ChildProcess {
    const { process: child } = cluster.fork();
    redeliver(child, () => this.#slots.some((other, j) => j !== i && other.isReady));
    return child;
  }

  #setState(i: number, state: SlotState): void {
    const { health, metrics } = this.#deps;
    this.#states[i] = state;
    // One that restarts is trouble, but no reason to send nothing here: others do its work.
    health.set(`workers/${i + 1}`, HEALTH[state]);
    const ready = this.#states.filter((s) => s === 'ready').length;
    health.set('workers', ready > 0 ? 'ok' : 'starting');
    metrics.set(`${PREFIX}workers`, ready, { state: 'ready' });
    metrics.set(`${PREFIX}workers`, this.#states.length - ready, { state: 'starting' });
  }
}

const HEALTH = { starting: 'starting', ready: 'ok', restarting: 'ok', stopped: 'stopped' } as const;

function lend(
  link: Link,
  worker: number,
  hub: ReturnType<typeof createMemoryHub> | undefined,
  index: SharedIndex | undefined,
): void {
  if (hub !== undefined) {
    const coordinator = hub.connect();
    link.serve('coordinator', coordinator, COORDINATOR);
    link.onClose(() => void coordinator.stop());
  }
  if (index !== undefined) link.serve('index', index.lend(worker), INDEX);
}
