/** What supervisor and workers tell each other, besides what they share. */
import type { ConfigFile } from '../config/index.js';
import type { Trouble } from '../telemetry/health.js';
import type { MetricsSnapshot } from '../telemetry/metrics.js';
import type { Wire } from './link.js';

export interface WorkerTask {
  /** From 1. */
  worker: number;
  workers: number;
  /** The configuration as the supervisor read it: a restart must not run on another. */
  files: readonly ConfigFile[];
  /** What the supervisor hosts; the rest each worker has of its own. */
  lends: { coordinator: boolean; index: boolean };
}

/** Served by the supervisor. */
export interface SupervisorControl {
  task(): Promise<WorkerTask>;
  /** Everything runs; by what listens: the port. */
  ready(ports: Readonly<Record<string, number>>): Promise<void>;
  /** The worker cannot start and ends. */
  failed(message: string): Promise<void>;
  /** The worker has stopped and ends; what it has counted. */
  ended(last: MetricsSnapshot): Promise<void>;
}

export const SUPERVISOR: Wire<SupervisorControl> = {
  task: 'call',
  ready: 'call',
  failed: 'call',
  ended: 'call',
};

/** How a worker is. */
export interface WorkerReport {
  metrics: MetricsSnapshot;
  /** What it cannot do now. */
  trouble: Trouble | undefined;
}

/** Served by each worker once it is ready. */
export interface WorkerControl {
  report(): Promise<WorkerReport>;
  /** Drains and ends the process; there may be no answer. */
  stop(deadlineMs: number): Promise<void>;
}

export const WORKER: Wire<WorkerControl> = { report: 'call', stop: 'wait' };
