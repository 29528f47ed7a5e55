/**
 * Serves the pages and takes what the recorders send, on one origin: `/sink/<variant>/…` is kept as it
 * came. Answers what the peers ask for before they record.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  /** As sent: compressed if it was. */
  body: Buffer;
  contentEncoding: string | undefined;
}

export interface Asset {
  type: string;
  text: string | Uint8Array;
}

/** PostHog asks its server whether, and where, to record. */
const POSTHOG_CONFIG = {
  supportedCompression: ['gzip', 'gzip-js'],
  sessionRecording: { endpoint: '/s/', consoleLogRecordingEnabled: false },
  featureFlags: {},
  hasFeatureFlags: false,
  surveys: false,
  heatmaps: false,
  autocapture_opt_out: true,
};

export class Sink {
  received: Received[] = [];
  /** When the last request came, by `performance.now()`. */
  lastAt = 0;
  readonly #assets = new Map<string, Asset>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://sink');
      if (pathname.startsWith('/sink/')) {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('error', () => undefined);
        request.on('end', () => {
          this.lastAt = performance.now();
          if (request.method === 'POST') {
            const contentEncoding = request.headers['content-encoding'];
            this.received.push({
              path: request.url!,
              body: Buffer.concat(chunks),
              contentEncoding,
            });
          }
          const isConfig = /\/(config|flags|decide)\b/.test(pathname);
          response.writeHead(200, { 'Content-Type': 'application/json' });
          response.end(JSON.stringify(isConfig ? POSTHOG_CONFIG : {}));
        });
        return;
      }
      const asset = this.#assets.get(pathname);
      response.writeHead(asset ? 200 : 404, { 'Content-Type': asset?.type ?? 'text/plain' });
      response.end(asset?.text);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  serve(path: string, asset: Asset): void {
    this.#assets.set(path, asset);
  }

  /** Forgets what came; a new run begins. */
  clear(): void {
    this.received = [];
  }

  /** Resolves when nothing came for `quietMs`. */
  async quiet(quietMs: number): Promise<void> {
    this.lastAt = performance.now();
    while (performance.now() - this.lastAt < quietMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
