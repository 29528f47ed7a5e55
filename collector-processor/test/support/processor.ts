/** The real service as a child process, on free ports and a directory of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const BUILT_MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Set by `npm test`. */
const JUST_BUILT = process.env['OTEL_REPLAY_BUILT'] !== undefined;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** Holds configuration and data; kept between starts, so that a restart finds everything. */
  directory: string;
  /** YAML merged over the base configuration. */
  config?: string;
  env?: Record<string, string>;
  /** Put in front of the command: `['taskset', '-c', '0']`. */
  launcher?: readonly string[];
  /**
   * Run what `npm run build` made. Unless told, tests do so when `npm test` runs them, which has just
   * built (it starts in a third of the CPU time), and otherwise run the sources, which are never stale.
   */
  built?: boolean;
}

/** Ports are free ones, logs are JSON, so that the ports can be read from them. */
const BASE_CONFIG = `
receivers: { otlp: { protocols: { http: { endpoint: localhost:0 } } } }
exporters:
  nop:
  replay_store: { filesystem: { directory: '\${env:DATA}/store' } }
extensions:
  health_check: { endpoint: localhost:0 }
  replay_api: { endpoint: localhost:0 }
  file_storage: { directory: '\${env:DATA}/buffer' }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [nop, replay_store] }
    logs: { receivers: [otlp], exporters: [nop, replay_store] }
  telemetry:
    logs: { encoding: json, level: debug }
    metrics: { readers: [{ pull: { exporter: { prometheus: { port: 0 } } } }] }
`;

export class Processor {
  readonly #child: ChildProcess;
  readonly exited: Promise<Exit>;
  readonly #lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #partial = '';
  stdout = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
    this.exited = new Promise((resolve) => {
      // `close`, not `exit`: by then all output has been read.
      child.once('close', (code, signal) => {
        this.#read('\n');
        resolve({ code, signal });
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to stderr. */
  get log(): string {
    return this.#lines.join('\n');
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, then its exit. */
  async stop(): Promise<Exit> {
    this.kill('SIGTERM');
    return this.exited;
  }

  /** Resolves when a log line has this message; throws when the process ended before. */
  async logged(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      for (const line of this.#lines) {
        const fields = parseLine(line);
        if (fields?.['message'] === message) return fields;
      }
      if (!this.running) throw new Error(`ended before "${message}":\n${this.log}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** `http://127.0.0.1:<port>` of one of its servers. */
  async url(
    server: 'otlp' | `otlp/${string}` | 'replay_api' | 'health_check' | 'metrics' | 'zpages',
  ): Promise<string> {
    const ready = await this.logged('ready');
    const ports = ready['ports'] as Record<string, number>;
    const port = ports[server];
    if (port === undefined) throw new Error(`${server} does not listen: ${JSON.stringify(ports)}`);
    return `http://127.0.0.1:${port}`;
  }

  /** Value of a metric, all its points summed; 0 while it has none. */
  async metric(name: string, label = ''): Promise<number> {
    return metricIn(await this.scrape(), name, label);
  }

  /** All metrics of one moment, in Prometheus' text format. */
  async scrape(): Promise<string> {
    return (await fetch(`${await this.url('metrics')}/metrics`)).text();
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    this.#lines.push(...lines.filter((line) => line !== ''));
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Sum over the points of a metric whose line has `label`; 0 while it has none. */
export function metricIn(scrape: string, name: string, label = ''): number {
  return scrape
    .split('\n')
    .filter((line) => new RegExp(`^${name}(\\{|\\s)`).test(line) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Starts `session-replay-processor` with these arguments. */
export function launch(
  args: readonly string[],
  options: Pick<StartOptions, 'env' | 'launcher' | 'built'> & { cwd?: string } = {},
): Processor {
  const main =
    (options.built ?? JUST_BUILT)
      ? [BUILT_MAIN]
      : ['--import', import.meta.resolve('tsx'), '--conditions=otel-replay-source', MAIN];
  const command = [...(options.launcher ?? []), process.execPath, ...main, ...args];
  const [file = '', ...rest] = command;
  const child = spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return new Processor(child);
}

/** A running processor with the base configuration and what is merged over it. */
export async function startProcessor(options: StartOptions): Promise<Processor> {
  const processor = await spawnProcessor(options);
  await processor.logged('ready');
  return processor;
}

/** The same while it is still starting. */
export async function spawnProcessor(options: StartOptions): Promise<Processor> {
  const { directory, config, env, launcher, built } = options;
  const base = join(directory, 'base.yaml');
  await writeFile(base, BASE_CONFIG);
  const args = ['--config', base];
  if (config !== undefined) {
    const over = join(directory, 'over.yaml');
    await writeFile(over, config);
    args.push('--config', over);
  }
  return launch(args, {
    env: { ...env, DATA: directory },
    ...(built === undefined ? {} : { built }),
    ...(launcher === undefined ? {} : { launcher }),
  });
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // not a log line: a message for a person
  }
}
