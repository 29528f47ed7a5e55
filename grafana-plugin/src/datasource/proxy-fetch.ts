/**
 * `fetch` over Grafana's data source proxy: Grafana adds the token, streams pass as they come, and
 * refusals of Grafana are told apart from those of the replay API behind it.
 */
import { getBackendSrv, type BackendSrv } from '@grafana/runtime';
import { ReplaySourceError } from '@otel-replay/player';
import { toResponse } from './streamed-response';

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
