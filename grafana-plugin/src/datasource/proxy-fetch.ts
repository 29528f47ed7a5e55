/**
 * `fetch` over Grafana's data source proxy: Grafana adds the token, streams pass as they come, and
 * refusals of Grafana are told apart from those of the replay API behind it.
 */
import {
  getBackendSrv,
  isFetchError,
  type BackendSrv,
  type FetchError,
  type FetchResponse,
} from '@grafana/runtime';
import { ReplaySourceError } from '@otel-replay/player';
import type { Observable } from 'rxjs';

/** What Grafana says when the API answered 401 (core: `pluginproxy/ds_proxy.go`). */
const TOKEN_REFUSED = /authentication to data source failed/i;

/**
 * @param dataSource name for messages
 * Throws {@link ReplaySourceError} for what Grafana or its proxy refuses; other failures are left in
 * the response, where the API's own words are.
 */
export function proxyFetch(dataSource: string, backend?: BackendSrv): typeof fetch {
  return async (input, init) => {
    const server = backend ?? getBackendSrv();
    const url = input instanceof Request ? input.url : String(input);
    const signal = init?.signal ?? undefined;
    const ask = async () => {
      const response = await toResponse(server.chunked(request(url)), signal).catch(unreachable);
      return response.ok ? response : explain(response, dataSource);
    };
    const answer = await ask();
    if (answer instanceof Response) {
      return answer;
    }
    if (answer !== 'login_expired') {
      throw answer;
    }
    // Grafana's short-lived login token is due: its own client renews it on any ordinary request.
    await server
      .get('/api/login/ping', undefined, undefined, { showErrorAlert: false })
      .catch(() => undefined);
    const again = await ask();
    if (again instanceof Response) {
      return again;
    }
    throw again === 'login_expired' ? loggedOut() : again;
  };
}

const request = (url: string) => ({
  // Grafana may live under a path, which is the base of the page's relative addresses.
  url: url.replace(/^\/+/, ''),
  method: 'GET',
  showErrorAlert: false,
  hideFromInspector: true,
  validatePath: true,
});

/** The chunks of one answer as a `Response` that streams them. */
export function toResponse(
  chunks: Observable<FetchResponse<Uint8Array | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isOpen = true;
    const end = (finish: (body: ReadableStreamDefaultController<Uint8Array>) => void) => {
      signal?.removeEventListener('abort', onAbort);
      if (body !== undefined && isOpen) {
        finish(body);
      }
      isOpen = false;
    };
    const onAbort = () => {
      const error = abortError(signal);
      subscription.unsubscribe();
      end((open) => open.error(error));
      reject(error);
    };
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        body = controller;
      },
      cancel: () => {
        isOpen = false;
        subscription.unsubscribe();
        signal?.removeEventListener('abort', onAbort);
      },
    });
    const subscription = chunks.subscribe({
      next: ({ status, statusText, headers, data }) => {
        // A second call of resolve does nothing.
        resolve(
          new Response(hasBody(status) ? stream : null, {
            status,
            statusText,
            headers: plain(headers),
          }),
        );
        if (data !== undefined && data.length > 0 && isOpen) {
          body?.enqueue(data);
        }
      },
      error: (cause: unknown) => {
        end((open) => open.error(cause));
        // Versions of Grafana differ in whether a refusal is an answer or an error.
        if (isFetchError(cause)) {
          resolve(refusalOf(cause));
        } else {
          reject(cause instanceof Error ? cause : new Error('The request failed', { cause }));
        }
      },
      complete: () => {
        end((open) => open.close());
        reject(new Error('The request ended without an answer'));
      },
    });
    signal?.addEventListener('abort', onAbort);
  });
}

function refusalOf({ status, statusText, data }: FetchError): Response {
  const body = typeof data === 'string' ? data : JSON.stringify(data ?? null);
  return new Response(hasBody(status) ? body : null, { status, statusText });
}

/** A `Response` of these must be made without one. */
const hasBody = (status: number) => status !== 204 && status !== 205 && status !== 304;

/** The body is inflated already, so what describes the bytes on the wire is wrong for it. */
function plain(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('content-encoding');
  copy.delete('content-length');
  return copy;
}

function unreachable(cause: unknown): never {
  if (cause instanceof Error && cause.name === 'AbortError') {
    throw cause;
  }
  throw new ReplaySourceError(
    'unreachable',
    'Grafana does not answer. Check your connection, and try again.',
    { cause },
  );
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error
    ? reason
    : new DOMException('The request was aborted.', 'AbortError');
}

/** Whose refusal it is. A response is the API's own: its words are better than any of ours. */
async function explain(
  response: Response,
  dataSource: string,
): Promise<Response | ReplaySourceError | 'login_expired'> {
  const text = await response.text();
  const body = parse(text);
  const { status } = response;
  const asItWas = () => new Response(text, { status, headers: response.headers });
  if (typeof body['detail'] === 'string') {
    return asItWas();
  }
  if (status === 400 && TOKEN_REFUSED.test(text)) {
    return new ReplaySourceError(
      'unauthorized',
      `The replay API refused the token of the data source "${dataSource}". Enter the processor’s extensions.replay_api.auth.bearer_token in its settings.`,
    );
  }
  const grafana = typeof body['message'] === 'string' ? body['message'] : '';
  if (status === 401) {
    return body['messageId'] === 'session.token.rotate' ? 'login_expired' : loggedOut();
  }
  if (status === 403) {
    return new ReplaySourceError(
      'unauthorized',
      `Grafana does not let you query the data source "${dataSource}"${grafana === '' ? '' : ` (${grafana})`}. Ask an administrator for the permission to query it.`,
    );
  }
  if (status === 404) {
    return new ReplaySourceError(
      'bad_request',
      grafana === ''
        ? `What the data source "${dataSource}" points at is no replay API. Its URL must be the address of the processor’s replay_api, port 8787 by default.`
        : `Grafana cannot reach the data source "${dataSource}": ${grafana}.`,
    );
  }
  if (status === 502 || status === 504) {
    return new ReplaySourceError(
      'unreachable',
      `Grafana’s server gets no answer from the replay API of the data source "${dataSource}". Check that the processor runs, and that the URL is right as seen from Grafana’s server.`,
    );
  }
  return asItWas();
}

function loggedOut(): ReplaySourceError {
  return new ReplaySourceError('unauthorized', 'Your login to Grafana has expired. Log in again.');
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // A page of a proxy in between, say.
  }
}
