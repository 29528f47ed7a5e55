/** The `zpages` extension: `/debug/replayz`, as HTML or as JSON. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen } from '../listen.js';
import { statusPage } from './status-page.js';
import { readStatus, type StatusOptions } from './status.js';

export interface ZpagesServerOptions extends StatusOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
}

export interface ZpagesServer {
  /** Resolves to the port. Throws {@link ListenError}. */
  start(): Promise<number>;
  stop(deadlineMs: number): Promise<void>;
}

const PATH = '/debug/replayz';

export function createZpagesServer(options: ZpagesServerOptions): ZpagesServer {
  const { host, port } = options;
  const server = createServer((request, response) => {
    void answer(request, response, options).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end(`The status cannot be read: ${(error as Error).message}\n`);
    });
  });
  return {
    start: () => listen(server, { host, port, configKey: 'extensions.zpages.endpoint' }),
    stop: (deadlineMs) => close(server, deadlineMs),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ZpagesServerOptions,
): Promise<void> {
  const plain = (code: number, text: string): void => {
    response.writeHead(code, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
  };
  // A page somewhere may have its own name resolve to this machine.
  if (isLocal(options.host) && !isLocal(hostOf(request))) {
    return plain(403, 'Ask for it as localhost.');
  }
  if (request.url?.split('?')[0] !== PATH) return plain(404, `The status is at ${PATH}`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET.');
  const status = await readStatus(options);
  const wantsJson = !String(request.headers.accept ?? '*/*').includes('text/html');
  const body = wantsJson ? `${JSON.stringify(status, undefined, 2)}\n` : statusPage(status);
  response
    .writeHead(200, {
      'Content-Type': wantsJson ? 'application/json' : 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept',
    })
    .end(request.method === 'HEAD' ? undefined : body);
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d+$/, '');
}

function isLocal(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
