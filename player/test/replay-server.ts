/**
 * A small real server: the built viewer with the headers README.md asks for, and the replay API over
 * sessions that tests hand in. It can lose segments, want a token and refuse, as a processor does.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  MEDIA_TYPE,
  encodeRecord,
  type NoReplayReason,
  type Problem,
  type SessionList,
  type SessionManifest,
  type TraceLookup,
} from '@otel-replay/protocol';
import { ExportSource } from '../src/engine/client/export-source.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const ASSET_CACHE = 'public, max-age=31536000, immutable';

export interface ServerOptions {
  /** Folder of the built viewer. */
  viewerFolder: string;
  sessions: ExportSource[];
}

export interface LoggedRequest {
  path: string;
  /** Of the answer's body. */
  bytes: number;
}

export class ReplayServer {
  readonly requests: LoggedRequest[] = [];
  /** Segment indexes that `/events` leaves out although the manifest lists them. */
  readonly lostSegments = new Set<number>();
  /** Answers for trace and session ids that are not there; others were never recorded. */
  readonly reasons = new Map<string, NoReplayReason>();
  /** Further members of the problem document for them. */
  readonly problems = new Map<string, Partial<Problem>>();
  sessions: ExportSource[];
  token: string | undefined;
  isDown = false;
  /**
   * The policy that pages come with instead of that of README.md, as those of another host would;
   * none when it is empty. Its `nonce-abc` is that of the page's own scripts.
   */
  policy: string | undefined;
  readonly #viewerFolder: string;
  readonly #server: Server;
  readonly #pageHeaders = headersOfReadme();

  constructor(options: ServerOptions) {
    this.#viewerFolder = options.viewerFolder;
    this.sessions = options.sessions;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Back to how it was started, but for what is in `sessions`. */
  reset(): void {
    this.requests.length = 0;
    this.lostSegments.clear();
    this.reasons.clear();
    this.problems.clear();
    this.token = undefined;
    this.isDown = false;
    this.policy = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const logged: LoggedRequest = { path: url.pathname + url.search, bytes: 0 };
    this.requests.push(logged);
    const send = (
      status: number,
      headers: Record<string, string>,
      body: string | Uint8Array,
    ): void => {
      const isText = /javascript|css|json|html/.test(
        headers['content-type'] ?? headers['Content-Type'] ?? '',
      );
      const sent = isText ? gzipSync(body) : body;
      logged.bytes = Buffer.byteLength(sent);
      const encoding = isText ? { 'content-encoding': 'gzip' } : {};
      response.writeHead(status, { ...headers, ...encoding }).end(sent);
    };
    if (url.pathname.startsWith('/assets/')) {
      const file = join(this.#viewerFolder, url.pathname);
      send(
        200,
        { 'content-type': TYPES[extname(file)]!, 'cache-control': ASSET_CACHE },
        readFileSync(file),
      );
    } else if (/^\/($|traces\/|sessions\/)/.test(url.pathname)) {
      const html = readFileSync(join(this.#viewerFolder, 'index.html'), 'utf8');
      send(
        200,
        this.policy === undefined
          ? this.#pageHeaders
          : { 'content-type': TYPES['.html']!, 'content-security-policy': this.policy },
        html.replace(/<(script|link) /g, '<$1 nonce="abc" '),
      );
    } else if (url.pathname.startsWith('/api/v1/')) {
      await this.#api(url, request, send);
    } else {
      send(404, {}, '');
    }
  }

  async #api(
    url: URL,
    request: IncomingMessage,
    send: (status: number, headers: Record<string, string>, body: string | Uint8Array) => void,
  ): Promise<void> {
    const json = (body: unknown): void =>
      send(200, { 'content-type': 'application/json' }, JSON.stringify(body));
    const problem = (status: number, detail: string, more: Partial<Problem> = {}): void => {
      const body = { type: 'about:blank', title: 'Problem', status, detail, ...more };
      send(status, { 'content-type': 'application/problem+json' }, JSON.stringify(body));
    };
    if (this.isDown) return problem(503, 'The store does not answer. Its log says why.');
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return problem(401, 'Send the token of api.auth as a bearer token.');
    }
    const [, , , kind, rawId, what, recordingId] = url.pathname.split('/');
    const id = rawId === undefined ? undefined : decodeURIComponent(rawId);
    const absent = (): void =>
      problem(404, 'Nothing is known of it.', {
        reason: this.reasons.get(id ?? '') ?? 'never_recorded',
        ...this.problems.get(id ?? ''),
      });
    if (kind === 'traces') {
      const lookup = await this.#findTrace(id ?? '');
      return lookup === undefined ? absent() : json(lookup);
    }
    if (kind === 'info') return json({ name: 'otel-replay', version: '0.1.0' });
    if (id === undefined) return json(this.#list(url.searchParams));
    const source = this.sessions.find((s) => s.session.sessionId === id);
    if (source === undefined) return absent();
    if (what === undefined) return json(source.session);
    if (what === 'spans') return json(await source.spans());
    if (what === 'export') {
      const file = await source.exportFile(id);
      return send(
        200,
        { 'content-type': MEDIA_TYPE.EXPORT },
        new Uint8Array(await file.arrayBuffer()),
      );
    }
    if (what === 'recordings' && recordingId !== undefined) {
      const range = {
        sessionId: id,
        recordingId,
        from: Number(url.searchParams.get('from')),
        to: Number(url.searchParams.get('to')),
      };
      const pieces: Uint8Array[] = [];
      for await (const segment of source.segments(range)) {
        if (!this.lostSegments.has(segment.header.index)) {
          pieces.push(encodeRecord({ kind: 'segment', ...segment }));
        }
      }
      return send(200, { 'content-type': MEDIA_TYPE.SEGMENTS }, Buffer.concat(pieces));
    }
    absent();
  }

  async #findTrace(traceId: string): Promise<TraceLookup | undefined> {
    for (const source of this.sessions) {
      const found = await source.findTrace(traceId).catch(() => undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #list(search: URLSearchParams): SessionList {
    const limit = Number(search.get('limit') ?? 50);
    const at = Number(search.get('cursor') ?? 0);
    const found = this.sessions
      .map((source) => source.session)
      .filter((s) => matches(s, search))
      .sort((a, b) => b.firstTimestamp - a.firstTimestamp)
      .map((s) => ({ ...s, recordings: [], traces: [], signals: [] }));
    const sessions = found.slice(at, at + limit);
    return found.length > at + limit ? { sessions, nextCursor: String(at + limit) } : { sessions };
  }
}

function matches(session: SessionManifest, search: URLSearchParams): boolean {
  const user = search.get('user');
  const url = search.get('url');
  if (user !== null && session.userId !== user) return false;
  if (url !== null && !session.urls.some((u) => u.includes(url))) return false;
  return search.get('error') !== 'true' || session.errorCount > 0;
}

/** The page headers as README.md states them, so that what is documented is what is tested. */
export function headersOfReadme(): Record<string, string> {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const block = /Page headers, exactly:\s+```\n([\s\S]*?)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('README.md does not state the page headers any more');
  return Object.fromEntries(
    block
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
}

export async function openFixture(): Promise<ExportSource> {
  const file = readFileSync(new URL('fixtures/session.replay', import.meta.url));
  return ExportSource.open(new Blob([file]));
}
