/** OTLP/HTTP server for traces and logs. Runs on its own port, or as a handler on a shared one. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';
import { close, listen } from '../listen.js';
import { cutLogs, cutTraces } from '../otlp/cut.js';
import { MalformedOtlpError } from '../otlp/errors.js';
import type { CutOptions, CutResult, OtlpContentType } from '../otlp/types.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { InFlight, readBody, Reservation } from './body.js';
import { Cors, type CorsOptions } from './cors.js';
import { OverloadedError, type MemoryGate, type Sink } from './sink.js';
import { answerRecorderConfig, type RecorderConfigOptions } from './recorder-config.js';
import { HttpError, sendError, sendSuccess } from './status.js';

export interface ReceiverOptions {
  /** Id in the configuration, such as `otlp` or `otlp/signals`; names it in metrics and errors. */
  name: string;
  /** Where to listen; port 0 takes any free one. Unused when only {@link Receiver.handle} is. */
  endpoint?: { host: string; port: number };
  /** Before and after decompression; default 20 MiB. */
  maxRequestBodyBytes?: number;
  /** Of all requests together; beyond it 503. Default 256 MiB. */
  maxInFlightBytes?: number;
  /** Default: no browser of another origin may send. */
  cors?: Partial<CorsOptions>;
  /** What is taken; the path of the other answers 404. Default both. */
  signals?: readonly Signal[];
  /** Default `/v1/traces`. */
  tracesUrlPath?: string;
  /** Default `/v1/logs`. */
  logsUrlPath?: string;
  /** What recorders are told on `/v1/recorder-config`; default: that path answers 404. */
  recorderConfig?: RecorderConfigOptions;
  /** How long headers, and then a body, may take to arrive; default 30 s. */
  readTimeoutMs?: number;
  /** How long an unused connection stays open; default 60 s. */
  idleTimeoutMs?: number;
  cut: CutOptions;
}

export interface ReceiverDeps {
  sink: Sink;
  metrics: Metrics;
  logger: Logger;
  clock: Clock;
  /** Asked before a body is read; default: memory is not watched. */
  memory?: MemoryGate;
}

export interface Receiver {
  /** Listens on the endpoint. Throws ListenError. */
  start(): Promise<void>;
  /** Takes no more requests (503), finishes those under way, cuts what is left then. */
  stop(deadlineMs?: number): Promise<void>;
  /** The port listened on; undefined before {@link start}. */
  readonly port: number | undefined;
  /** Resolves when the request is answered; false, at once, when the path is not one of ours. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> | false;
}

type Signal = 'traces' | 'logs';

const DEFAULT_BODY_BYTES = 20 * 1024 * 1024;
const DEFAULT_IN_FLIGHT_BYTES = 256 * 1024 * 1024;
const DRAIN_MS = 10_000;

export function createReceiver(options: ReceiverOptions, deps: ReceiverDeps): Receiver {
  return new HttpReceiver(options, deps);
}

class HttpReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #deps: ReceiverDeps;
  readonly #cors: Cors;
  readonly #inFlight: InFlight;
  readonly #paths: ReadonlyMap<string, Signal>;
  readonly #readTimeoutMs: number;
  #stopping = false;
  #server: Server | undefined;
  #port: number | undefined;

  constructor(options: ReceiverOptions, deps: ReceiverDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#cors = new Cors({
      allowedOrigins: options.cors?.allowedOrigins ?? [],
      allowedHeaders: options.cors?.allowedHeaders ?? ['*'],
      exposedHeaders: options.cors?.exposedHeaders ?? ['Retry-After'],
      maxAgeSeconds: options.cors?.maxAgeSeconds ?? 7200,
    });
    this.#inFlight = new InFlight(options.maxInFlightBytes ?? DEFAULT_IN_FLIGHT_BYTES);
    this.#readTimeoutMs = options.readTimeoutMs ?? 30_000;
    const { signals = ['traces', 'logs'] } = options;
    const paths: [string, Signal][] = [
      [options.tracesUrlPath ?? '/v1/traces', 'traces'],
      [options.logsUrlPath ?? '/v1/logs', 'logs'],
    ];
    this.#paths = new Map(paths.filter(([, signal]) => signals.includes(signal)));
  }

  get port(): number | undefined {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#stopping = false;
    const { name, endpoint } = this.#options;
    if (endpoint === undefined) throw new Error(`receivers.${name} has no endpoint to listen on`);
    // Node looks for connections that are too slow with their headers only so often.
    const connectionsCheckingInterval = Math.min(this.#readTimeoutMs, 10_000);
    const server = createServer({ connectionsCheckingInterval }, (request, response) => {
      if (this.handle(request, response) !== false) return;
      const { recorderConfig } = this.#options;
      if (recorderConfig && answerRecorderConfig(request, response, this.#cors, recorderConfig)) {
        return;
      }
      this.#cors.decorate(request, response);
      const known = [...this.#paths.keys()].join(', ');
      this.#fail(request, response, undefined, new HttpError(404, `not found; known: ${known}`));
    });
    server.headersTimeout = this.#readTimeoutMs;
    server.requestTimeout = this.#readTimeoutMs * 2; // behind our own, which answers with a Status
    server.keepAliveTimeout = this.#options.idleTimeoutMs ?? 60_000;
    this.#server = server;
    const configKey = `receivers.${name}.protocols.http.endpoint`;
    this.#port = await listen(server, { ...endpoint, configKey });
    this.#deps.logger.info('OTLP receiver listens', { receiver: name, port: this.#port });
  }

  async stop(deadlineMs = DRAIN_MS): Promise<void> {
    this.#stopping = true;
    if (this.#server !== undefined) await close(this.#server, deadlineMs);
    this.#server = undefined;
    this.#port = undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse): Promise<void> | false {
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const signal = this.#paths.get(query < 0 ? url : url.slice(0, query));
    return signal === undefined ? false : this.#answer(request, response, signal);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, signal: Signal): Promise<void> {
    let contentType: OtlpContentType | undefined;
    const reservation = new Reservation(this.#inFlight, this.#deps.memory);
    try {
      if (request.method === 'OPTIONS' && this.#cors.preflight(request, response)) return;
      this.#cors.decorate(request, response);
      contentType = contentTypeOf(request);
      if (this.#stopping) {
        // Closed here, or a busy keep-alive connection would outlive the drain.
        const headers = { 'Retry-After': '1', Connection: 'close' };
        throw new HttpError(503, 'the processor is stopping; send again', headers);
      }
      if (request.method !== 'POST') {
        throw new HttpError(405, `${request.method} is not allowed; send POST`, {
          Allow: this.#cors.enabled ? 'POST, OPTIONS' : 'POST',
        });
      }
      if (contentType === undefined) {
        throw new HttpError(
          415,
          'the Content-Type is not supported; send application/x-protobuf or application/json',
        );
      }
      const limits = {
        maxBytes: this.#options.maxRequestBodyBytes ?? DEFAULT_BODY_BYTES,
        timeoutMs: this.#readTimeoutMs,
      };
      const body = await readBody(request, limits, reservation);
      const rejected = await this.#accept(body, contentType, signal);
      this.#hangUpWhenStopping(response);
      sendSuccess(response, contentType, signal, rejected);
      this.#count('accepted', 200);
    } catch (error) {
      this.#fail(request, response, contentType, error);
    } finally {
      reservation.release();
    }
  }

  async #accept(
    body: Uint8Array,
    contentType: OtlpContentType,
    signal: Signal,
  ): Promise<{ count: number; message: string }> {
    const { sink, metrics, clock } = this.#deps;
    const cut = (signal === 'traces' ? cutTraces : cutLogs)(body, contentType, this.#options.cut);
    const noun = signal === 'traces' ? 'spans' : 'log_records';
    const attributes = { receiver: this.#options.name, transport: 'http' };
    const items = itemCount(cut, this.#options.cut.forwardSegmentSpans);
    try {
      const result = await sink.accept(cut, { signal, receivedTime: clock.now() });
      const count = cut.rejected.length + result.rejectedSegments;
      metrics.add(`otelcol_receiver_accepted_${noun}`, items - count, attributes);
      return { count, message: cut.rejected[0]?.message ?? result.errorMessage };
    } catch (error) {
      metrics.add(`otelcol_receiver_refused_${noun}`, items, attributes);
      throw error;
    }
  }

  #fail(
    request: IncomingMessage,
    response: ServerResponse,
    contentType: OtlpContentType | undefined,
    error: unknown,
  ): void {
    const failure = this.#httpError(error);
    this.#count(
      failure.status === 503 || failure.status === 429 ? 'refused' : 'failed',
      failure.status,
    );
    this.#countShortage(error);
    if (response.headersSent || response.destroyed) return;
    this.#hangUpWhenStopping(response);
    sendError(response, failure, contentType);
    if (!request.complete) this.#discardRest(request);
  }

  #httpError(error: unknown): HttpError {
    if (error instanceof HttpError) return error;
    if (error instanceof MalformedOtlpError) return new HttpError(400, error.message);
    if (error instanceof OverloadedError) {
      const seconds = Math.max(1, Math.ceil(error.retryAfterSeconds));
      return new HttpError(503, error.message, { 'Retry-After': String(seconds) });
    }
    this.#deps.logger.error('OTLP request failed', { receiver: this.#options.name, error });
    return new HttpError(500, 'the processor failed on this request; its log says why');
  }

  /** A connection kept open would hold up the drain. */
  #hangUpWhenStopping(response: ServerResponse): void {
    if (this.#stopping) response.setHeader('Connection', 'close');
  }

  /** Reads on for a moment, or the client gets a reset instead of the answer; then hangs up. */
  #discardRest(request: IncomingMessage): void {
    const timer = setTimeout(() => request.destroy(), Math.min(1000, this.#readTimeoutMs));
    timer.unref();
    request.once('close', () => clearTimeout(timer));
    request.resume();
  }

  #countShortage(error: unknown): void {
    const reason =
      error instanceof OverloadedError
        ? error.shortage
        : error instanceof HttpError && error.status === 503
          ? 'stopping'
          : undefined;
    if (reason === undefined) return;
    this.#deps.metrics.add('otelcol_processor_session_replay_requests_refused', 1, { reason });
  }

  #count(outcome: 'accepted' | 'refused' | 'failed', status: number): void {
    this.#deps.metrics.add('otelcol_receiver_requests', 1, {
      outcome,
      'http.response.status_code': String(status),
    });
  }
}

/** By media type; parameters such as a charset do not matter. */
function contentTypeOf(request: IncomingMessage): OtlpContentType | undefined {
  const header = request.headers['content-type'] ?? '';
  const semicolon = header.indexOf(';');
  const mediaType = (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  return mediaType === 'application/x-protobuf' || mediaType === 'application/json'
    ? mediaType
    : undefined;
}

/** Spans or log records that came, segments included. */
function itemCount(cut: CutResult, forwardSegmentSpans: boolean): number {
  const segments = cut.segments.length + cut.rejected.length;
  return cut.forwardCount + (forwardSegmentSpans ? 0 : segments);
}
