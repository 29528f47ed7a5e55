/** Grafana's data source and app proxies, as the `routes` of a plugin.json describe them. */
import {
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';

export interface Route {
  path: string;
  method?: string;
  url: string;
  headers?: Array<{ name: string; content: string }>;
}

/** What templates in routes are filled with. */
export interface ProxySettings {
  jsonData: Record<string, unknown>;
  secureJsonData: Record<string, string>;
}

export interface ProxyRequest {
  request: IncomingMessage;
  response: ServerResponse;
  routes: readonly Route[];
  /** Below the proxy's own address, without a slash at its start. */
  path: string;
  settings: ProxySettings;
  /**
   * That of data sources keeps what upstream says of caching, the app's answers `no-store`; and it
   * tells of a refused token in words of its own (`pkg/api/pluginproxy/ds_proxy.go`), so that no
   * browser takes it for an expired login.
   */
  isDataSource: boolean;
}

export function proxy({
  request,
  response,
  routes,
  path,
  settings,
  isDataSource,
}: ProxyRequest): void {
  const [pathname = '', search] = path.split('?', 2);
  const method = request.method ?? 'GET';
  const route = routes.find(
    (candidate) =>
      `${pathname}/`.startsWith(`${candidate.path.replace(/\/$/, '')}/`) &&
      allows(candidate.method, method),
  );
  if (route === undefined) {
    return refuse(response, 404, 'plugin proxy route not found');
  }
  const rest = pathname.slice(route.path.length).replace(/^\//, '');
  let target: URL;
  try {
    const base = new URL(fill(route.url, settings));
    target = new URL(`${base.pathname.replace(/\/$/, '')}/${rest}`, base);
  } catch {
    return refuse(response, 500, 'the URL of the route cannot be parsed');
  }
  if (search !== undefined) {
    target.search = search;
  }
  const headers: OutgoingHttpHeaders = { ...request.headers, host: target.host };
  for (const name of ['cookie', 'origin', 'referer', 'authorization']) {
    delete headers[name];
  }
  for (const { name, content } of route.headers ?? []) {
    headers[name.toLowerCase()] = fill(content, settings);
  }
  const upstream = httpRequest(target, { method, headers }, (answer) => {
    if (isDataSource && answer.statusCode === 401) {
      answer.resume();
      response.writeHead(400).end('Authentication to data source failed');
      return;
    }
    const caching = isDataSource ? {} : { 'cache-control': 'no-store' };
    response.writeHead(answer.statusCode ?? 502, {
      ...answer.headers,
      ...caching,
      'content-security-policy': 'sandbox',
    });
    answer.pipe(response);
  });
  upstream.on('error', () => refuse(response, 502, 'Bad Gateway'));
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

function allows(methods: string | undefined, method: string): boolean {
  return methods === undefined || methods === '*' || methods.split(',').includes(method);
}

function fill(template: string, { jsonData, secureJsonData }: ProxySettings): string {
  return template.replace(/\{\{\s*\.(\w+)\.(\w+)\s*\}\}/g, (_, of: string, name: string) =>
    String((of === 'JsonData' ? jsonData : secureJsonData)[name] ?? ''),
  );
}

export function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    return void response.destroy();
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}
