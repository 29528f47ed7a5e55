/** The page that plays, and the replay API behind it; counts what the API sent. */
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../recorder-otel/test/support/bundles.js';

const PAGE =
  '<!doctype html><title>Replay</title><body><script type="module" src="/script/entry.js"></script>';

export interface Answered {
  path: string;
  /** Of the body. */
  bytes: number;
  /** Until its first byte, and until its last or until who asked gave up. */
  firstMs: number;
  ms: number;
}

export class OpeningSite {
  readonly #api: URL;
  #server: Server | undefined;
  /** Bodies of answers of the API, bytes. */
  sent = 0;
  /** What the API was asked, in order. */
  answered: Answered[] = [];

  /** @param api base URL of the processor's replay API */
  constructor(api: string) {
    this.#api = new URL(api);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}/`;
  }

  async start(): Promise<void> {
    const resolveDir = fileURLToPath(new URL('.', import.meta.url));
    const { files } = await bundle({ source: `import './in-page.js';`, resolveDir });
    this.#server = createServer((request, response) => {
      const path = request.url ?? '/';
      if (path === '/') {
        response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      } else if (path.startsWith('/script/')) {
        response
          .writeHead(200, { 'content-type': 'text/javascript' })
          .end(files.get(path.slice(8)));
      } else {
        const { hostname, port } = this.#api;
        const headers = { ...request.headers, host: this.#api.host };
        const begin = performance.now();
        const answered: Answered = { path, bytes: 0, firstMs: 0, ms: 0 };
        this.answered.push(answered);
        const since = (): number => performance.now() - begin;
        response.on('close', () => (answered.ms = since()));
        const onward = ask({ hostname, port, path, headers }, (answer) => {
          answered.firstMs = since();
          answer.on('data', (chunk: Buffer) => {
            answered.bytes += chunk.length;
            this.sent += chunk.length;
          });
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        // Who seeks gives up what was asked for.
        response.on('close', () => onward.destroy());
        onward.on('error', () => response.destroy());
        onward.end();
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
