/**
 * Stands in front of the OTLP endpoint and keeps every byte a sender sends there, whether it was
 * answered or not. What it passes on is what it got; what it answers is what the endpoint said.
 */
import { appendFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  method: string;
  path: string;
  headers: readonly string[];
  /** As far as it arrived. */
  body: Buffer;
  /** HTTP status the sender was answered with; undefined: none. */
  status?: number;
  /** When the endpoint was asked and had answered, Unix milliseconds. */
  passedOnAt?: number;
  answeredAt?: number;
}

export interface RecordingProxyOptions {
  upstreamPort: number;
  /** Every byte of every request goes here as well. */
  file: string;
}

export class RecordingProxy {
  readonly exchanges: Exchange[] = [];
  readonly #options: RecordingProxyOptions;
  readonly #server: Server;
  #hold: Promise<void> | undefined;
  #release: (() => void) | undefined;

  constructor(options: RecordingProxyOptions) {
    this.#options = options;
    this.#server = createServer((req, res) => void this.#handle(req, res));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.release();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** POST bodies that were answered with 200. */
  get acknowledged(): Exchange[] {
    return this.exchanges.filter(({ method, status }) => method === 'POST' && status === 200);
  }

  /** From now on requests are kept waiting; they have left the sender, but have no answer. */
  hold(): void {
    this.#hold ??= new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#release?.();
    this.#hold = this.#release = undefined;
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const exchange: Exchange = {
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.rawHeaders,
      body: Buffer.alloc(0),
    };
    this.exchanges.push(exchange);
    this.#write(Buffer.from(`${exchange.method} ${exchange.path}\n${req.rawHeaders.join('\n')}\n`));
    try {
      for await (const chunk of req) {
        exchange.body = Buffer.concat([exchange.body, chunk as Buffer]);
        this.#write(chunk as Buffer);
      }
    } catch {
      return; // the sender gave up in the middle; what came is kept
    }
    await this.#hold;
    this.#forward(req, res, exchange);
  }

  #forward(req: IncomingMessage, res: ServerResponse, exchange: Exchange): void {
    exchange.passedOnAt = Date.now();
    const upstream = httpRequest(
      {
        host: '127.0.0.1',
        port: this.#options.upstreamPort,
        method: exchange.method,
        path: exchange.path,
        headers: req.headers,
        agent: false,
      },
      (answer) => {
        // Noted when the endpoint said it: the page may be gone by now and never hear of it.
        exchange.answeredAt = Date.now();
        if (answer.statusCode !== undefined) exchange.status = answer.statusCode;
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    upstream.once('error', () => res.destroy());
    upstream.end(exchange.body);
  }

  #write(bytes: Buffer): void {
    appendFileSync(this.#options.file, bytes);
  }
}
