/** The replay API and the built-in viewer on one HTTP server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ContractError } from '@otel-replay/protocol';
import { systemClock, type Clock } from '../clock.js';
import { isLoopback } from '../config/index.js';
import { close, listen } from '../listen.js';
import type { Logger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { version } from '../version.js';
import { Access } from './access.js';
import { sendJson } from './answer.js';
import { LiveHub, type LiveTiming } from './live-hub.js';
import { ApiError } from './problem.js';
import { ReadUnavailableError, type ReplayReader } from './reader.js';
import { routeOf, type Call } from './routes.js';
import { createViewer, type Viewer } from './viewer.js';

export type { ReplayReader } from './reader.js';

export interface ReplayApiOptions {
  reader: ReplayReader;
  logger: Logger;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Required beyond loopback. */
  bearerToken?: string;
  cors: { allowedOrigins: readonly string[]; maxAgeSeconds: number };
  /** Live streams at the same time; default 100. */
  maxViewers?: number;
  clock?: Clock;
  metrics?: Metrics;
  /** For tests: how often things happen on live streams. */
  live?: LiveTiming;
  /** The built page of the viewer; default: that of `@otel-replay/player`. */
  viewerDirectory?: string;
}

export interface ReplayApi {
  /** Resolves to the port. Throws {@link ListenError}, or an Error when it would be open to all. */
  start(): Promise<number>;
  /** Lets requests under way finish, but not longer than `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

const PREFIX = '/api/v1/';

export function createReplayApi(options: ReplayApiOptions): ReplayApi {
  return new ReplayApiServer(options);
}

class ReplayApiServer implements ReplayApi {
  readonly #options: ReplayApiOptions;
  readonly #access: Access;
  readonly #viewer: Viewer;
  readonly #live: LiveHub;
  readonly #server: Server;

  constructor(options: ReplayApiOptions) {
    this.#options = options;
    this.#access = new Access({
      bearerToken: options.bearerToken,
      allowedOrigins: options.cors.allowedOrigins,
    });
    this.#viewer = createViewer(options.viewerDirectory);
    this.#live = new LiveHub({
      reader: options.reader,
      logger: options.logger,
      metrics: options.metrics ?? new Metrics(),
      clock: options.clock ?? systemClock,
      maxViewers: options.maxViewers ?? 100,
      ...options.live,
    });
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async start(): Promise<number> {
    const { host, port, bearerToken, logger } = this.#options;
    if (bearerToken === undefined) {
      if (!isLoopback(host)) {
        throw new Error(
          `extensions.replay_api.endpoint: ${host}:${port} can be reached from other machines and no token is set; set extensions.replay_api.auth.bearer_token, or listen on localhost`,
        );
      }
      logger.info('replay API needs no token: it listens on loopback and none is set');
    }
    return listen(this.#server, { host, port, configKey: 'extensions.replay_api.endpoint' });
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#live.stop();
    await close(this.#server, deadlineMs);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#allowOrigin(request, response);
      const url = parseTarget(request.url ?? '/');
      if (url.pathname === '/api' || url.pathname.startsWith('/api/')) {
        await this.#api(request, response, url);
      } else {
        if (request.method !== 'GET' && request.method !== 'HEAD')
          throw notAllowed(request, ['GET']);
        await this.#viewer.serve(request, response, url.pathname);
      }
    } catch (error) {
      await this.#fail(request, response, error);
    }
  }

  async #api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : undefined;
    const route =
      path === undefined ? undefined : routeOf(this.#options.reader, this.#live, decodePath(path));
    if (request.method === 'OPTIONS') return this.#preflight(request, response);
    const who = this.#authorize(request, url);
    if (path === 'info' && request.method === 'GET') {
      return sendJson(request, response, { name: 'otel-replay', version: await version() });
    }
    if (route === undefined) {
      throw new ApiError(
        404,
        `There is no ${url.pathname}. The API is described in the wire contract, section 5.`,
      );
    }
    const action = request.method === 'DELETE' ? 'delete' : 'read';
    const handler =
      request.method === 'DELETE'
        ? route.DELETE
        : request.method === 'GET' || request.method === 'HEAD'
          ? route.GET
          : undefined;
    if (handler === undefined) throw notAllowed(request, Object.keys(route));
    if (action === 'delete') this.#access.checkOrigin(request);
    const call: Call = { request, response, search: url.searchParams, audit: {} };
    try {
      await handler(call);
      this.#audit(who, action, url, response.statusCode, call.audit);
    } catch (error) {
      const status = asApiError(error)?.problem.status ?? 500;
      this.#audit(who, action, url, status, call.audit);
      throw error;
    }
  }

  #authorize(request: IncomingMessage, url: URL): string {
    try {
      return this.#access.authorize(request);
    } catch (error) {
      const status = error instanceof ApiError ? error.problem.status : 500;
      const address = request.socket.remoteAddress;
      const fields = { audit: true, resource: url.pathname, status, 'client.address': address };
      this.#options.logger.warn('replay access refused', fields);
      throw error;
    }
  }

  /** Parameters by name only: their values may be a user's id. */
  #audit(
    who: string,
    action: string,
    url: URL,
    status: number,
    fields: Record<string, unknown>,
  ): void {
    const parameters = [...url.searchParams.keys()].join(',');
    this.#options.logger.info('replay access', {
      audit: true,
      who,
      action,
      resource: url.pathname,
      ...(parameters === '' ? {} : { parameters }),
      status,
      ...fields,
    });
  }

  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !this.#access.allowsOrigin(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Disposition, Retry-After');
  }

  #preflight(request: IncomingMessage, response: ServerResponse): void {
    this.#access.checkOrigin(request);
    response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, DELETE');
    response.setHeader(
      'Access-Control-Allow-Headers',
      'authorization, if-none-match, last-event-id',
    );
    response.setHeader('Access-Control-Max-Age', String(this.#options.cors.maxAgeSeconds));
    response.writeHead(204).end();
  }

  async #fail(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    if (response.destroyed || request.destroyed) return; // the caller went away
    if (response.headersSent) {
      this.#options.logger.error('an answer of the replay API broke off', {
        url: request.url,
        error,
      });
      response.destroy();
      return;
    }
    const known = asApiError(error);
    if (known === undefined) {
      this.#options.logger.error('a request of the replay API failed', {
        url: request.url,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    const { problem, headers } =
      known ??
      new ApiError(
        500,
        'The processor could not read its store; its log says why. Try again later.',
      );
    for (const name of ['ETag', 'Content-Encoding', 'Content-Disposition', 'Content-Length'])
      response.removeHeader(name);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const contentType = 'application/problem+json';
    await sendJson(request, response, problem, { status: problem.status, contentType });
  }
}

function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof ContractError && error.code === 'invalid') {
    return new ApiError(400, `${error.message}.`);
  }
  if (error instanceof ReadUnavailableError) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) };
    return new ApiError(
      503,
      'Replays cannot be looked up at the moment; nothing is lost. Try again in a few seconds.',
      { headers },
    );
  }
  return undefined;
}

function parseTarget(target: string): URL {
  // `//evil` would be read as a host.
  const path = target.startsWith('/') ? target.replace(/^\/+/, '/') : '/';
  if (URL.canParse(path, 'http://localhost')) return new URL(path, 'http://localhost');
  throw new ApiError(400, 'The request target cannot be read.');
}

function decodePath(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    throw new ApiError(400, 'The path has broken percent-encoding.');
  }
}

function notAllowed(request: IncomingMessage, methods: readonly string[]): ApiError {
  const allow = methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', ');
  return new ApiError(405, `${request.method} is not possible here; use ${allow}.`, {
    headers: { Allow: allow },
  });
}
