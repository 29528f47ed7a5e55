/**
 * A placement of demo/placements as it runs: the YAML that users copy, a real Collector, the real
 * processor and a trace store. Only addresses and directories are merged over the YAML.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../collector-processor/test/support/processor.js';
import type { Processor } from '../../collector-processor/test/support/processor.js';
import { Collector } from './collector.js';
import { freePorts, ROOT } from './process.js';
import { TraceStore } from './trace-store.js';

export type PlacementName = 'first-hop' | 'in-line' | 'tee';

/** Where the two listen; the same after a restart. */
interface Addresses {
  collector: string;
  collectorGrpc: string;
  collectorHealth: string;
  processor: string;
  processorSignals: string;
}

/** A file of `demo/placements`. */
export function placementFile(name: PlacementName, file: 'collector' | 'processor'): string {
  return join(ROOT, 'demo', 'placements', name, `${file}.yaml`);
}

export class Placement {
  readonly name: PlacementName;
  readonly store = new TraceStore();
  readonly #directory: string;
  readonly #at: Addresses;
  #collector: Collector | undefined;
  #processor: Processor | undefined;

  private constructor(name: PlacementName, directory: string, at: Addresses) {
    this.name = name;
    this.#directory = directory;
    this.#at = at;
  }

  static async start(name: PlacementName): Promise<Placement> {
    const ports = await freePorts(5);
    const [collector, collectorGrpc, collectorHealth, processor, processorSignals] = ports.map(
      (port) => `127.0.0.1:${port}`,
    ) as [string, string, string, string, string];
    const directory = await mkdtemp(join(tmpdir(), `placement-${name}-`));
    const at = { collector, collectorGrpc, collectorHealth, processor, processorSignals };
    const placement = new Placement(name, directory, at);
    await placement.store.start();
    const starts = [placement.startCollector(), placement.startProcessor()];
    const failed = (await Promise.allSettled(starts)).find((one) => one.status === 'rejected');
    if (failed === undefined) return placement;
    await placement.stop();
    throw failed.reason;
  }

  /** Where backends send. */
  get backendUrl(): string {
    return `http://${this.#at.collector}`;
  }

  /** Where browsers send. */
  get browserUrl(): string {
    return `http://${this.name === 'first-hop' ? this.#at.processor : this.#at.collector}`;
  }

  get processor(): Processor {
    if (this.#processor === undefined) throw new Error('the processor was not started');
    return this.#processor;
  }

  async startCollector(): Promise<void> {
    this.#collector = await Collector.start({
      configs: [
        placementFile(this.name, 'collector'),
        await this.#write('collector.yaml', this.#collectorOverlay()),
      ],
      healthUrl: `http://${this.#at.collectorHealth}`,
    });
  }

  async startProcessor(): Promise<void> {
    const overlay = await this.#write('processor.yaml', this.#processorOverlay());
    const files = [placementFile(this.name, 'processor'), overlay];
    this.#processor = launch(files.flatMap((file) => ['--config', file]));
    await this.#processor.logged('ready');
  }

  async stopCollector(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#collector?.stop(signal);
  }

  async stopProcessor(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#processor?.kill(signal);
    await this.#processor?.exited;
  }

  async stop(): Promise<void> {
    await Promise.all([this.stopCollector('SIGKILL'), this.stopProcessor('SIGKILL')]);
    await this.store.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #collectorOverlay(): string {
    const at = this.#at;
    const exporters = {
      'first-hop': `
  otlp_http/traces: { endpoint: '${this.store.url}' }
  otlp_http/logs: { endpoint: '${this.store.url}' }
  otlp_http/replay_signals: { endpoint: 'http://${at.processorSignals}' }`,
      'in-line': `
  otlp_http/logs: { endpoint: '${this.store.url}' }
  otlp_http/replay: { endpoint: 'http://${at.processor}' }`,
      tee: `
  otlp_http/traces: { endpoint: '${this.store.url}' }
  otlp_http/logs: { endpoint: '${this.store.url}' }
  otlp_http/replay: { endpoint: 'http://${at.processor}' }`,
    }[this.name];
    // Only where browsers send to the Collector.
    const cors =
      this.name === 'first-hop' ? '' : `, cors: { allowed_origins: ['http://127.0.0.1:*'] }`;
    const queue = join(this.#directory, 'collector-queue');
    return `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: '${at.collectorGrpc}' }
      http: { endpoint: '${at.collector}'${cors} }
exporters:${exporters}
extensions:
  health_check: { endpoint: '${at.collectorHealth}' }
  ${this.name === 'in-line' ? `file_storage: { directory: '${queue}' }` : ''}
service:
  telemetry: { metrics: { level: none } }
`;
  }

  #processorOverlay(): string {
    const at = this.#at;
    const http = (endpoint: string, more = ''): string =>
      `{ protocols: { http: { endpoint: '${endpoint}'${more} } } }`;
    const forward = {
      'first-hop': `otlp_http: { endpoint: '${this.backendUrl}' }`,
      'in-line': `otlp_http: { endpoint: '${this.store.url}' }`,
      tee: '',
    }[this.name];
    const isFirst = this.name === 'first-hop';
    return `
receivers:
  otlp: ${http(at.processor, isFirst ? `, cors: { allowed_origins: ['http://127.0.0.1:*'] }` : '')}
  ${isFirst ? `otlp/signals: ${http(at.processorSignals)}` : ''}
exporters:
  ${forward}
  replay_store: { filesystem: { directory: '${join(this.#directory, 'store')}' } }
extensions:
  file_storage: { directory: '${join(this.#directory, 'buffer')}' }
  health_check: { endpoint: '127.0.0.1:0' }
  replay_api: { endpoint: '127.0.0.1:0' }
service:
  telemetry:
    logs: { encoding: json, level: debug }
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: 0 } } } }] }
`;
  }

  async #write(name: string, yaml: string): Promise<string> {
    const path = join(this.#directory, name);
    await writeFile(path, yaml);
    return path;
  }
}
