/** Two origins: the recorded pages, whose files are gone once they were recorded, and the replay. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../recorder-otel/test/support/bundles.js';
import type { Feature } from './feature.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TYPES: Record<string, string> = {
  ...{ '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' },
  ...{ '.svg': 'image/svg+xml', '.png': 'image/png', '.ttf': 'font/ttf' },
};
const REPLAY_PAGE =
  '<!doctype html><style>html,body{margin:0;background:#fff;overflow:hidden}iframe{border:0;display:block}.stage iframe{width:100%;height:100%}.replayer-wrapper{position:relative}.replayer-mouse{display:none}</style><body><script type="module" src="/script/entry.js"></script>';

export class FidelitySite {
  readonly #features: Map<string, Feature>;
  readonly #gone = new Set<string>();
  readonly #sessions = new Map<string, Buffer>();
  #pages: Server | undefined;
  #replay: Server | undefined;

  constructor(features: readonly Feature[]) {
    this.#features = new Map(features.map((feature) => [feature.name, feature]));
  }

  async start(): Promise<void> {
    const make = (name: string): ReturnType<typeof bundle> =>
      bundle({ source: `import './${name}.js';`, resolveDir: HERE });
    const [recorded, replaying] = await Promise.all([
      make('in-recorded-page'),
      make('in-replaying-page'),
    ]);
    this.#pages = await listen((path, response) => this.#page(path, recorded.files, response));
    this.#replay = await listen((path, response) => this.#view(path, replaying.files, response));
  }

  stop(): void {
    for (const server of [this.#pages, this.#replay]) {
      server?.closeAllConnections();
      server?.close();
    }
  }

  /** @param way tells two recordings of a page apart */
  pageUrl(feature: string, way: string): string {
    return `${originOf(this.#pages)}/${feature}/${way}/`;
  }

  get replayUrl(): string {
    return `${originOf(this.#replay)}/`;
  }

  /** A new version was deployed: what the page was made of is not there any more. */
  forget(feature: string, way: string): void {
    this.#gone.add(`${feature}/${way}`);
  }

  /** Path of a session to download. */
  keep(session: Buffer): string {
    const path = `/session/${this.#sessions.size}`;
    this.#sessions.set(path, session);
    return path;
  }

  #page(path: string, script: ReadonlyMap<string, Uint8Array>, response: ServerResponse): void {
    const [, first = '', way = '', file = ''] = path.split('/');
    if (first === 'script') return send(response, '.js', script.get(way));
    const feature = this.#features.get(first);
    if (feature === undefined || this.#gone.has(`${first}/${way}`))
      return send(response, '', undefined);
    const asset = `${HERE}assets/${file}`;
    if (file !== '')
      return send(response, extname(file), existsSync(asset) ? readFileSync(asset) : undefined);
    // Where an application would have it: before everything else.
    const tag = '<head><script type="module" src="/script/entry.js"></script>';
    send(response, '.html', feature.html.replace('<head>', tag));
  }

  #view(path: string, script: ReadonlyMap<string, Uint8Array>, response: ServerResponse): void {
    if (path === '/') return send(response, '.html', REPLAY_PAGE);
    if (path.startsWith('/script/')) return send(response, '.js', script.get(path.slice(8)));
    send(response, '', this.#sessions.get(path));
  }
}

function send(response: ServerResponse, type: string, body: string | Uint8Array | undefined): void {
  if (body === undefined) return void response.writeHead(404).end();
  const headers = { 'content-type': TYPES[type] ?? 'application/octet-stream' };
  response.writeHead(200, { ...headers, 'cache-control': 'no-store' }).end(body);
}

async function listen(answer: (path: string, response: ServerResponse) => void): Promise<Server> {
  const server = createServer((request, response) =>
    answer(new URL(request.url ?? '/', 'http://site').pathname, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function originOf(server: Server | undefined): string {
  return `http://127.0.0.1:${(server?.address() as AddressInfo).port}`;
}
