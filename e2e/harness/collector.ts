/** A real OpenTelemetry Collector with a configuration of its own, ended by its process id. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describeWith } from '../../collector-processor/test/support/describe-with.js';
import { collectorBinary } from '../../scripts/peers/collector.mjs';
import { eventually } from './eventually.js';

/** A process under load on a busy machine may take long to start. */
const READY_MS = 60_000;

/** Tests that need the Collector: skipped with a loud reason where it is missing, a failure in CI. */
export function describeWithCollector(name: string, tests: () => void): void {
  const missing = 'no OpenTelemetry Collector: run `npm run peers` (needs Go)';
  describeWith(existsSync(collectorBinary()) ? undefined : missing, name, tests);
}

export interface CollectorOptions {
  /** YAML files, later ones merged over earlier ones. */
  configs: readonly string[];
  /** What `health_check` answers at. */
  healthUrl: string;
  env?: Readonly<Record<string, string>>;
  /** Put in front of the command: `['taskset', '-c', '0']`. */
  launcher?: readonly string[];
}

export class Collector {
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-100_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#exit = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** Resolves when all its pipelines run. Throws with what it wrote when it ends before. */
  static async start(options: CollectorOptions): Promise<Collector> {
    const configs = options.configs.flatMap((file) => ['--config', file]);
    const [file = '', ...rest] = [...(options.launcher ?? []), collectorBinary(), ...configs];
    const collector = new Collector(
      spawn(file, rest, {
        env: { ...process.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    await eventually(
      'the Collector to be ready',
      async () => !collector.running || (await fetch(options.healthUrl)).ok,
      { timeoutMs: READY_MS },
    );
    if (!collector.running) throw new Error(`the Collector ended:\n${collector.output}`);
    return collector;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get output(): string {
    return this.#output;
  }

  /** SIGTERM drains what can be sent; SIGKILL is a crash. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#exit;
  }
}

/** What `otelcol validate` says of a configuration; empty when it is valid. */
export function validateCollectorConfig(file: string): string {
  const { status, stdout, stderr } = spawnSync(collectorBinary(), ['validate', '--config', file], {
    encoding: 'utf8',
  });
  return status === 0 ? '' : `${stdout}${stderr}`.trim() || `exit code ${status}`;
}
