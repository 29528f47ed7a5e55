/** A load balancer that knows nothing of sessions: each request goes to the next server. */
import { createServer, request as call, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class LoadBalancer {
  readonly #upstreams: readonly string[];
  readonly #server: Server;
  #next = 0;

  /** @param upstreams `http://host:port` */
  constructor(upstreams: readonly string[]) {
    this.#upstreams = upstreams;
    this.#server = createServer((request, response) => {
      const at = this.#next++ % this.#upstreams.length;
      const { hostname, port } = new URL(this.#upstreams[at]!);
      const { headers, method, url: path } = request;
      const upstream = call({ hostname, port, path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        // A stream ends where either side ends it.
        response.once('close', () => answer.destroy());
        answer.once('error', () => response.destroy());
      });
      upstream.once('error', () => response.destroy());
      request.pipe(upstream);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
