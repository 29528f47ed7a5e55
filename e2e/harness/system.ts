/** Processor, viewer, shop and recording proxy on free ports with a data directory of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReplayApi } from './api.js';
import { ensureBuilt } from './build.js';
import { freePorts, NodeProcess } from './process.js';
import { RecordingProxy } from './recording-proxy.js';
import { answers, startShop } from './shop.js';

interface Ports {
  otlp: number;
  viewer: number;
  health: number;
  shop: number;
}

export class System {
  /** What the browser sends to the OTLP endpoint. */
  readonly proxy: RecordingProxy;
  /** What the shop's server sends there. */
  readonly shopProxy: RecordingProxy;
  readonly directory: string;
  readonly #ports: Ports;
  #processor: NodeProcess | undefined;
  #shop: NodeProcess | undefined;

  private constructor(directory: string, ports: Ports) {
    this.directory = directory;
    this.#ports = ports;
    const proxy = (file: string): RecordingProxy =>
      new RecordingProxy({ upstreamPort: ports.otlp, file: join(directory, file) });
    this.proxy = proxy('left-the-browser.bin');
    this.shopProxy = proxy('left-the-shop.bin');
  }

  /** @param config YAML merged over the demo's */
  static async start(config?: string): Promise<System> {
    await ensureBuilt();
    const directory = await mkdtemp(join(tmpdir(), 'otel-replay-e2e-'));
    const [otlp = 0, viewer = 0, health = 0, shop = 0] = await freePorts(4);
    const system = new System(directory, { otlp, viewer, health, shop });
    await system.proxy.start();
    await system.shopProxy.start();
    await system.startProcessor(config);
    await system.#startShop();
    return system;
  }

  get shopUrl(): string {
    return `http://127.0.0.1:${this.#ports.shop}`;
  }

  get viewerUrl(): string {
    return `http://127.0.0.1:${this.#ports.viewer}`;
  }

  get otlpUrl(): string {
    return `http://127.0.0.1:${this.#ports.otlp}`;
  }

  get api(): ReplayApi {
    return new ReplayApi(this.viewerUrl);
  }

  /** Store, journal, index: all that the processor keeps. */
  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  get storeDirectory(): string {
    return join(this.dataDirectory, 'store');
  }

  /** @param config YAML merged over the demo's */
  async startProcessor(config = ''): Promise<void> {
    const over = join(this.directory, 'over.yaml');
    await writeFile(over, config);
    const configs = ['demo/processor.yaml', ...(config === '' ? [] : [over])];
    const processor = new NodeProcess({
      name: 'processor',
      args: ['collector-processor/dist/main.js', ...configs.flatMap((file) => ['--config', file])],
      env: {
        DEMO_DATA_DIR: this.dataDirectory,
        DEMO_OTLP_PORT: String(this.#ports.otlp),
        DEMO_VIEWER_PORT: String(this.#ports.viewer),
        DEMO_HEALTH_PORT: String(this.#ports.health),
      },
    });
    this.#processor = processor;
    await answers(`http://127.0.0.1:${this.#ports.health}/`, processor);
  }

  /** SIGTERM drains, SIGKILL does not. */
  async stopProcessor(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals> {
    return (await this.#processor?.stop(signal)) ?? 0;
  }

  get processorOutput(): string {
    return this.#processor?.output ?? '';
  }

  /** The shop's last spans reach the processor. */
  async stopShop(): Promise<void> {
    await this.#shop?.stop();
  }

  async stop(): Promise<void> {
    await this.stopShop();
    await this.stopProcessor('SIGTERM');
    await this.proxy.stop();
    await this.shopProxy.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #startShop(): Promise<void> {
    this.#shop = await startShop({
      port: this.#ports.shop,
      otlpUrl: this.shopProxy.url,
      browserOtlpUrl: this.proxy.url,
      viewerUrl: this.viewerUrl,
    });
  }
}
