/** The replay API over HTTP (wire contract, section 5). */
import {
  ContractError,
  encodeLiveCursor,
  LiveEventReader,
  RecordReader,
  type LiveEvent,
  type NoReplayReason,
  type Problem,
  type SessionList,
  type SessionManifest,
  type SpanList,
  type TraceLookup,
} from '@otel-replay/protocol';
import {
  ReplaySourceError,
  isAbort,
  type EventRange,
  type LiveRequest,
  type ReplaySource,
  type SessionQuery,
  type StoredSegment,
} from './source.js';

export interface ApiSourceOptions {
  /** Address of the processor without `/api/v1`; default: the page's own origin. */
  baseUrl?: string;
  /** Bearer token, asked for each request so that it can change. */
  token?: () => string | undefined;
  /**
   * For hosts that must send requests their own way, for example through a proxy. May throw
   * {@link ReplaySourceError} for failures that are not the replay API's.
   */
  fetch?: typeof fetch;
}

const REASONS: readonly NoReplayReason[] = [
  'never_recorded',
  'sampled_out',
  'shed',
  'expired',
  'deleted',
  'not_yet',
];

const SILENCE_MS = 60_000;

/** Reads replays from a processor. */
export class ApiSource implements ReplaySource {
  readonly #baseUrl: string;
  readonly #token: () => string | undefined;
  readonly #fetch: typeof fetch;

  constructor(options: ApiSourceOptions = {}) {
    this.#baseUrl = (options.baseUrl ?? '').replace(/\/+$/, '');
    this.#token = options.token ?? (() => undefined);
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  findTrace(traceId: string, signal?: AbortSignal): Promise<TraceLookup> {
    return this.#json(`/traces/${encodeURIComponent(traceId)}`, signal);
  }

  listSessions(query: SessionQuery, signal?: AbortSignal): Promise<SessionList> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query) as [string, string | number | boolean][]) {
      if (value !== undefined && value !== '') search.set(name, String(value));
    }
    const text = search.toString();
    return this.#json(`/sessions${text === '' ? '' : `?${text}`}`, signal);
  }

  manifest(sessionId: string, signal?: AbortSignal): Promise<SessionManifest> {
    return this.#json(`/sessions/${encodeURIComponent(sessionId)}`, signal);
  }

  spans(sessionId: string, signal?: AbortSignal): Promise<SpanList> {
    return this.#json(`/sessions/${encodeURIComponent(sessionId)}/spans`, signal);
  }

  async *segments(range: EventRange, signal?: AbortSignal): AsyncIterable<StoredSegment> {
    const { sessionId, recordingId, checkpoints = 'any' } = range;
    const from = Math.floor(range.from);
    const to = Math.ceil(range.to);
    const response = await this.#request(
      `/sessions/${encodeURIComponent(sessionId)}/recordings/${encodeURIComponent(recordingId)}/events?from=${from}&to=${to}${checkpoints === 'any' ? '' : `&checkpoints=${checkpoints}`}`,
      signal,
    );
    if (response.body === null) return;
    const reader = response.body.getReader();
    const records = new RecordReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const record of records.push(value)) {
          if (record.kind === 'segment') yield { header: record.header, payload: record.payload };
        }
      }
      records.end();
    } catch (cause) {
      throw broken(cause);
    } finally {
      // Also reached when the consumer stops early; a finished stream ignores it.
      await reader.cancel().catch(() => undefined);
    }
  }

  async *live({ sessionId, after }: LiveRequest, signal?: AbortSignal): AsyncIterable<LiveEvent> {
    const silence = new AbortController();
    const aborted = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]);
    const path = `/sessions/${encodeURIComponent(sessionId)}/live?after=${encodeURIComponent(encodeLiveCursor(after))}`;
    const response = await this.#request(path, aborted);
    if (response.status === 204 || response.body === null) return;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const events = new LiveEventReader();
    try {
      for (;;) {
        // The server beats every 15 s: a connection that is silent for long is none any more.
        const timer = setTimeout(() => silence.abort(), SILENCE_MS);
        const { done, value } = await reader.read().finally(() => clearTimeout(timer));
        if (done) return;
        yield* events.push(decoder.decode(value, { stream: true }));
      }
    } catch (cause) {
      throw broken(silence.signal.aborted ? new Error('silence', { cause }) : cause);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** The session as one file, which {@link ExportSource} opens. */
  async exportFile(sessionId: string, signal?: AbortSignal): Promise<Blob> {
    const path = `/sessions/${encodeURIComponent(sessionId)}/export`;
    const response = await this.#request(path, signal);
    try {
      return await response.blob();
    } catch (cause) {
      throw broken(cause);
    }
  }

  async #json<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
    const response = await this.#request(path, signal);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      throw broken(cause);
    }
  }

  async #request(path: string, signal: AbortSignal | undefined): Promise<Response> {
    const token = this.#token();
    const init: RequestInit = { credentials: 'same-origin' };
    if (token !== undefined) init.headers = { authorization: `Bearer ${token}` };
    if (signal !== undefined) init.signal = signal;
    let response: Response;
    try {
      response = await this.#fetch(`${this.#baseUrl}/api/v1${path}`, init);
    } catch (cause) {
      // A host's own `fetch` may know better what is wrong.
      if (isAbort(cause) || cause instanceof ReplaySourceError) throw cause;
      throw new ReplaySourceError(
        'unreachable',
        'The replay API does not answer. Check that the processor runs and that its address is right.',
        { cause },
      );
    }
    if (!response.ok) throw await failure(response);
    return response;
  }
}

async function failure(response: Response): Promise<ReplaySourceError> {
  const problem = await readProblem(response);
  const details = problem === undefined ? {} : { problem };
  const detail = problem?.detail;
  if (response.status === 401 || response.status === 403) {
    return new ReplaySourceError(
      'unauthorized',
      detail ?? 'The replay API needs a bearer token.',
      details,
    );
  }
  if (response.status === 404) {
    const reason =
      REASONS.find((known) => known === problem?.reason) ?? ('never_recorded' as const);
    return new ReplaySourceError('no_replay', detail ?? 'There is no such replay.', {
      ...details,
      reason,
    });
  }
  if (response.status < 500) {
    return new ReplaySourceError(
      'bad_request',
      detail ?? `The replay API refused the request (${response.status}).`,
      details,
    );
  }
  return new ReplaySourceError(
    'server',
    detail ?? `The replay API failed (${response.status}). Its log says why.`,
    details,
  );
}

async function readProblem(response: Response): Promise<Problem | undefined> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'detail' in body
      ? (body as Problem)
      : undefined;
  } catch {
    return undefined; // A proxy's HTML page, say: the status alone has to do.
  }
}

function broken(cause: unknown): unknown {
  if (isAbort(cause) || cause instanceof ReplaySourceError) return cause;
  if (cause instanceof ContractError || cause instanceof SyntaxError) {
    return new ReplaySourceError(
      'corrupt',
      `The replay API sent something unreadable: ${cause.message}`,
      { cause },
    );
  }
  return new ReplaySourceError(
    'unreachable',
    'The connection to the replay API broke off. Try again.',
    { cause },
  );
}
