/** A real HTTP server that stands where the Collector would, and remembers what it was sent. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  contentType: string;
  body: Buffer;
}

export class NextHop {
  readonly received: Received[] = [];
  /** What it answers. */
  status = 200;
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.status === 200) {
          this.received.push({
            path: request.url ?? '',
            contentType: request.headers['content-type'] ?? '',
            body: Buffer.concat(chunks),
          });
        }
        response.writeHead(this.status).end();
      });
    });
  }

  /** The same port again after {@link stop}. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** A configuration that forwards to it. */
  get config(): string {
    return `
exporters:
  otlp_http: { endpoint: '${this.url}', retry_on_failure: { initial_interval: 50ms, max_interval: 200ms } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http, replay_store] }
    logs: { receivers: [otlp], exporters: [otlp_http, replay_store] }
`;
  }
}
