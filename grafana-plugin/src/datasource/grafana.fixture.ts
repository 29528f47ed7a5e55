/** A real HTTP server that answers as Grafana's proxy, and Grafana's client for it, for tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { Observable } from 'rxjs';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export class FakeGrafana {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  answer: Answer = (_request, response) => void response.writeHead(500).end();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(decodeURIComponent(request.url ?? ''));
      this.answer(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The part of Grafana's client that is used here. @param throwsRefusals as some versions do */
  backend({ throwsRefusals = false } = {}): BackendSrv {
    const chunked = (options: BackendSrvRequest) =>
      new Observable<FetchResponse<Uint8Array | undefined>>((subscriber) => {
        const abort = new AbortController();
        const pump = async () => {
          const response = await fetch(this.url + options.url, { signal: abort.signal });
          const { status, statusText, ok, headers, redirected, type, url } = response;
          const about = { status, statusText, ok, headers, redirected, type, url, config: options };
          if (!ok && throwsRefusals) {
            // Grafana throws plain objects, with the body read as far as that goes.
            const text = await response.text();
            subscriber.error({ ...about, data: parsed(text) });
            return;
          }
          const reader = response.body?.getReader();
          for (;;) {
            const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
            subscriber.next({ ...about, data: value });
            if (done) {
              break;
            }
          }
          subscriber.complete();
        };
        pump().catch((error: unknown) => subscriber.error(error));
        return () => abort.abort();
      });
    const get = async (path: string) => (await fetch(new URL(path, this.url))).text();
    return { chunked, get } as unknown as BackendSrv;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
