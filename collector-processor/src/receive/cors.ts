/** Cross-origin rules of an OTLP/HTTP receiver (Fetch standard, "CORS protocol"). */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface CorsOptions {
  /** Origins that may send; `*` stands for any part of one. None: no CORS at all. */
  allowedOrigins: readonly string[];
  /** Beyond those every OTLP exporter needs; `*` allows what the browser asks for. */
  allowedHeaders: readonly string[];
  exposedHeaders: readonly string[];
  maxAgeSeconds: number;
}

/** Set by OTLP exporters, and by fetch instrumentations that decorate the export itself. */
const ALWAYS_ALLOWED = ['content-type', 'content-encoding', 'traceparent', 'tracestate', 'baggage'];
const TOKEN_LIST = /^[\w!#$%&'*+.^`|~\- ,]{1,2048}$/;

export class Cors {
  readonly #origins: readonly RegExp[];
  readonly #options: CorsOptions;

  constructor(options: CorsOptions) {
    this.#options = options;
    this.#origins = options.allowedOrigins.map(
      (origin) => new RegExp(`^${origin.split('*').map(escapeRegExp).join('.*')}$`, 'i'),
    );
  }

  get enabled(): boolean {
    return this.#origins.length > 0;
  }

  /** Headers for every answer, errors included: without them a browser sees a network error. */
  decorate(request: IncomingMessage, response: ServerResponse): void {
    if (!this.enabled) return;
    response.setHeader('Vary', 'Origin');
    const origin = request.headers.origin;
    if (origin === undefined || !this.#allows(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', origin);
    if (this.#options.exposedHeaders.length > 0) {
      response.setHeader('Access-Control-Expose-Headers', this.#options.exposedHeaders.join(', '));
    }
  }

  /** Answers an OPTIONS request; false when CORS is off, so that it is a wrong method. */
  preflight(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.enabled) return false;
    this.decorate(request, response);
    response.setHeader('Vary', 'Origin, Access-Control-Request-Headers');
    if (response.hasHeader('Access-Control-Allow-Origin')) {
      response.setHeader('Access-Control-Allow-Methods', 'POST');
      response.setHeader('Access-Control-Allow-Headers', this.#allowedHeaders(request));
      response.setHeader('Access-Control-Max-Age', String(this.#options.maxAgeSeconds));
    }
    response.writeHead(204);
    response.end();
    return true;
  }

  #allows(origin: string): boolean {
    return origin.length <= 512 && this.#origins.some((pattern) => pattern.test(origin));
  }

  #allowedHeaders(request: IncomingMessage): string {
    const { allowedHeaders } = this.#options;
    const asked = request.headers['access-control-request-headers'];
    if (allowedHeaders.includes('*') && asked !== undefined && TOKEN_LIST.test(asked)) return asked;
    return [...new Set([...ALWAYS_ALLOWED, ...allowedHeaders.filter((h) => h !== '*')])].join(', ');
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
