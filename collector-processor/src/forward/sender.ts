/** One attempt to hand a request to the next hop by OTLP/HTTP. */
import http from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Clock } from '../clock.js';
import type { OtlpContentType } from '../otlp/types.js';
import { parseRetryAfter } from './backoff.js';

export type SendResult =
  | { kind: 'delivered' }
  /** Sending the same again cannot help. */
  | { kind: 'permanent'; message: string }
  | { kind: 'retryable'; message: string; retryAfterMs: number };

export interface SenderOptions {
  /** Base URL; `/v1/traces` and `/v1/logs` are appended. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  /** Of one attempt, connecting included. */
  timeoutMs: number;
  compression: 'gzip' | 'none';
  /** Connections kept open at most. */
  maxSockets: number;
}

/** The only statuses a sender may retry (OTLP specification, "Retryable Response Codes"). */
const RETRYABLE = new Set([429, 502, 503, 504]);
const MAX_ANSWER_BYTES = 64 * 1024;
const gzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gzip);

export class Sender {
  readonly #options: SenderOptions;
  readonly #clock: Clock;
  readonly #agent: http.Agent;
  readonly #client: typeof http | typeof https;
  /** Taken apart once: parsing a URL costs as much as sending a small request. */
  readonly #targets: Readonly<Record<'traces' | 'logs', http.RequestOptions>>;
  /** A listener on the signal for each request would cost more than this set. */
  readonly #running = new Set<http.ClientRequest>();
  #watched: AbortSignal | undefined;

  constructor(options: SenderOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const base = options.endpoint.replace(/\/+$/, '');
    const target = (path: string): http.RequestOptions => urlToHttpOptions(new URL(base + path));
    this.#targets = { traces: target('/v1/traces'), logs: target('/v1/logs') };
    this.#client = this.#targets.traces.protocol === 'https:' ? https : http;
    const { maxSockets } = options;
    this.#agent = new this.#client.Agent({
      keepAlive: true,
      maxSockets,
      maxFreeSockets: maxSockets,
    });
  }

  /** Never throws: whatever goes wrong on the network is a retryable result. */
  async send(
    signal: 'traces' | 'logs',
    contentType: OtlpContentType,
    body: Uint8Array,
    abort: AbortSignal,
  ): Promise<SendResult> {
    const headers: Record<string, string | number> = {
      'User-Agent': 'session-replay-processor',
      ...this.#options.headers,
      'Content-Type': contentType,
    };
    let bytes = body;
    if (this.#options.compression === 'gzip' && body.length > 0) {
      bytes = await gzip(body, { level: 1 }); // the fastest: the hop is near
      headers['Content-Encoding'] = 'gzip';
    }
    headers['Content-Length'] = bytes.length;
    const first = await this.#attempt(signal, headers, bytes, abort);
    // A kept connection that the next hop closed meanwhile says nothing about the next hop.
    const result =
      first.staleConnection && !abort.aborted
        ? await this.#attempt(signal, headers, bytes, abort)
        : first;
    return result.result;
  }

  close(): void {
    this.#agent.destroy();
  }

  #attempt(
    signal: 'traces' | 'logs',
    headers: Record<string, string | number>,
    bytes: Uint8Array,
    abort: AbortSignal,
  ): Promise<{ result: SendResult; staleConnection: boolean }> {
    return new Promise((resolve) => {
      const { timeoutMs } = this.#options;
      const request = this.#client.request({
        ...this.#targets[signal],
        method: 'POST',
        agent: this.#agent,
        headers,
      });
      this.#watch(request, abort);
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const failed = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer);
        const staleConnection =
          request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        const message = error.message || error.code || error.name;
        resolve({ result: { kind: 'retryable', message, retryAfterMs: 0 }, staleConnection });
      };
      request.on('error', failed);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        });
        response.on('error', failed);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ result: this.#judge(response, chunks), staleConnection: false });
        });
      });
      request.end(bytes);
    });
  }

  /** Destroys the request when `abort` is aborted before it has ended. */
  #watch(request: http.ClientRequest, abort: AbortSignal): void {
    if (abort.aborted) {
      request.destroy(new Error('aborted'));
      return;
    }
    this.#running.add(request);
    request.once('close', () => this.#running.delete(request));
    if (this.#watched === abort) return;
    this.#watched = abort;
    const destroyAll = (): void => {
      for (const running of this.#running) running.destroy(new Error('aborted'));
    };
    abort.addEventListener('abort', destroyAll, { once: true });
  }

  #judge(response: http.IncomingMessage, chunks: readonly Buffer[]): SendResult {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    const text = Buffer.concat(chunks)
      .toString('utf8')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim();
    const message = `HTTP ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`;
    if (!RETRYABLE.has(status)) return { kind: 'permanent', message };
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], this.#clock.now());
    return { kind: 'retryable', message, retryAfterMs };
  }
}
