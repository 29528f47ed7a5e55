/** Serves a scenario's page and its bundled script over HTTP, with a strict content security policy if asked. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { leanRrwebPlugin } from '../../scripts/lean-rrweb.js';

export interface SiteOptions {
  /** Path of the page's script; it is bundled, minified and served as `/app.js`. */
  script: string;
  html: string;
  /** `Content-Security-Policy`; `CONNECT` stands for the receiver's origin. */
  csp?: string;
  /** Further paths. */
  routes?: Record<
    string,
    { type: string; body: string | Buffer; status?: number } | RequestListener
  >;
  alias?: Record<string, string>;
}

export async function bundle(script: string, alias: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [script],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    conditions: ['otel-replay-source'],
    alias,
    plugins: [leanRrwebPlugin],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

export class Site {
  readonly #options: SiteOptions;
  #server: Server | undefined;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    const { html, csp, routes = {} } = this.#options;
    const script = await bundle(this.#options.script, this.#options.alias);
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://site');
      const route = routes[url.pathname];
      if (typeof route === 'function') route(request, response);
      else if (route) {
        response.writeHead(route.status ?? 200, { 'Content-Type': route.type }).end(route.body);
      } else if (url.pathname === '/app.js') {
        response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
      } else if (url.pathname === '/favicon.ico') {
        response.writeHead(204).end();
      } else {
        if (csp) {
          const connect = new URL(url.searchParams.get('ingest') ?? 'http://none').origin;
          response.setHeader('Content-Security-Policy', csp.replace('CONNECT', connect));
        }
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html);
      }
    });
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** The page's address; its script reads the receiver's URL and other settings from the query. */
  page(ingestUrl: string, settings: Record<string, string> = {}): string {
    return `${this.origin}/?${new URLSearchParams({ ingest: ingestUrl, ...settings })}`;
  }
}
