/** A load balancer that knows nothing of sessions, nor of who is about to go away. */
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class RoundRobin {
  readonly #targets: () => readonly (string | undefined)[];
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  #next = 0;

  /** @param targets base URLs; undefined for one that nobody has started yet */
  constructor(targets: () => readonly (string | undefined)[]) {
    this.#targets = targets;
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        void this.#pass(incoming, Buffer.concat(chunks)).then(({ status, body }) => {
          outgoing.writeHead(status).end(body);
        });
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** To the next one that lets itself be connected to; 502 when it broke off, 503 without any. */
  async #pass(incoming: IncomingMessage, body: Buffer): Promise<{ status: number; body: Buffer }> {
    const targets = this.#targets();
    for (let tried = 0; tried < targets.length; tried++) {
      const target = targets[this.#next++ % targets.length];
      if (target === undefined) continue;
      const answer = await this.#ask(target, incoming, body);
      if (answer !== 'refused') return answer;
    }
    return { status: 503, body: Buffer.alloc(0) };
  }

  #ask(
    target: string,
    { headers, method, url }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; body: Buffer } | 'refused'> {
    return new Promise((resolve) => {
      const call = request(
        `${target}${url ?? ''}`,
        { method: method ?? 'GET', headers, agent: this.#agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 502, body: Buffer.concat(chunks) }),
          );
          response.on('error', () => resolve({ status: 502, body: Buffer.alloc(0) }));
        },
      );
      call.on('error', (error: NodeJS.ErrnoException) => {
        const refused = error.code === 'ECONNREFUSED';
        resolve(refused ? 'refused' : { status: 502, body: Buffer.alloc(0) });
      });
      call.end(body);
    });
  }
}
