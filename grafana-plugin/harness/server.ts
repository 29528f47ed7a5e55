/** Serves the miniature Grafana: its page under Grafana's policy, plugins as they lie in `dist/`, the proxies. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';
import { buildHost, ensurePluginBuilt, modulesOf, type ReactVersion } from './build.js';
import type { HostSettings } from './host/settings.js';
import { proxy, refuse, type ProxySettings, type Route } from './proxy.js';

export interface DataSourceSettings {
  uid: string;
  name: string;
  /** Plugin id; Grafana's own (`tempo`) may be named, but cannot be asked. */
  type: string;
  jsonData?: Record<string, unknown>;
  secureJsonData?: Record<string, string>;
  isDefault?: boolean;
}

export interface GrafanaHostOptions {
  /** Grafana 13 runs React 19, 12 runs React 18. Default 19. */
  react?: ReactVersion;
  dataSources?: DataSourceSettings[];
  /** Settings of apps by plugin id. */
  apps?: HostSettings['apps'];
  sandboxedPlugins?: string[];
  featureToggles?: HostSettings['featureToggles'];
  /** Of who is logged in. Default `Admin`. */
  role?: 'Viewer' | 'Admin';
}

interface PluginFiles {
  folder: string;
  routes: Route[];
}

/** What Grafana says to who lacks a permission (`pkg/services/accesscontrol/middleware.go`). */
const DENIED =
  'You’ll need additional permissions to perform this action. Permissions needed: datasources:query';
/** Of what decides here, as `bootData.user.permissions` names it. */
const VIEWER = { 'datasources:query': true };
const ADMIN = { 'datasources:read': true, 'datasources:create': true, 'datasources:write': true };
const NONCE = 'harness';
/** `content_security_policy_template` of Grafana's defaults.ini. */
const POLICY = [
  `script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' 'nonce-${NONCE}'`,
  `object-src 'none'`,
  `font-src 'self'`,
  `style-src 'self' 'unsafe-inline' blob:`,
  `img-src * data:`,
  `base-uri 'self'`,
  `connect-src 'self' grafana.com ws://localhost/ wss://localhost/`,
  `manifest-src 'self'`,
  `media-src 'none'`,
  `form-action 'self'`,
].join(';');

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export class GrafanaHost {
  /** Paths that were asked for and are not there. */
  readonly missing: string[] = [];
  /** May be changed between pages. */
  dataSources: DataSourceSettings[];
  sandboxedPlugins: string[];
  /** Uids of those that the viewer may not query (RBAC `datasources:query`). */
  deniedDataSources: string[] = [];
  readonly #options: GrafanaHostOptions;
  readonly #plugins = new Map<string, PluginFiles>();
  readonly #server: Server;
  #bundle = '';

  private constructor(options: GrafanaHostOptions) {
    this.#options = options;
    this.dataSources = options.dataSources ?? [];
    this.sandboxedPlugins = options.sandboxedPlugins ?? [];
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Builds what is stale: the plugin, and the host's bundle. */
  static async start(options: GrafanaHostOptions = {}): Promise<GrafanaHost> {
    const host = new GrafanaHost(options);
    host.#bundle = await buildHost(options.react ?? 19);
    findPlugins(await ensurePluginBuilt(), host.#plugins);
    await new Promise<void>((done) => host.#server.listen(0, '127.0.0.1', done));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ids of all plugins in the build, nested ones included. */
  get pluginIds(): string[] {
    return [...this.#plugins.keys()];
  }

  /** What its page is told; {@link GrafanaPage.reset} tells it again. */
  get settings(): HostSettings {
    return {
      pluginIds: this.pluginIds,
      dataSources: this.dataSources.map(
        ({ uid, name, type, jsonData = {}, isDefault = false }) => ({
          uid,
          name,
          type,
          jsonData,
          isDefault,
        }),
      ),
      apps: this.#options.apps ?? {},
      sandboxedPlugins: this.sandboxedPlugins,
      featureToggles: this.#options.featureToggles ?? {},
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const proxied = /^\/api\/(datasources\/proxy\/uid|plugin-proxy)\/([^/]+)\/(.*)$/.exec(pathname);
    if (proxied !== null) {
      const [, kind, id = '', path = ''] = proxied;
      return this.#proxy(request, response, kind === 'plugin-proxy', id, path + search);
    }
    if (pathname === '/' || /^\/(?:a|d|explore|connections|datasources|plugins)\b/.test(pathname)) {
      return this.#page(response);
    }
    const file = this.#file(pathname);
    if (file === undefined || !existsSync(file) || statSync(file).isDirectory()) {
      // Inter and the spinner come with Grafana's server, not with its packages.
      if (!/^\/public\/(?:fonts\/|build\/img\/icons\/.*\/spinner\.svg$)/.test(pathname)) {
        this.missing.push(pathname);
      }
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  }

  #file(pathname: string): string | undefined {
    const plugin = /^\/public\/plugins\/([^/]+)\/(.*)$/.exec(pathname);
    if (plugin !== null) {
      return below(this.#plugins.get(plugin[1] ?? '')?.folder, plugin[2]);
    }
    const icon = /^\/public\/build\/img\/icons\/(.*)$/.exec(pathname);
    if (icon !== null) {
      return below(
        join(modulesOf(this.#options.react ?? 19), '@grafana/ui/dist/public/img/icons'),
        icon[1],
      );
    }
    return below(this.#bundle, pathname.slice(1));
  }

  #proxy(
    request: IncomingMessage,
    response: ServerResponse,
    isApp: boolean,
    id: string,
    path: string,
  ): void {
    if (!isApp && this.deniedDataSources.includes(id)) {
      return refuse(response, 403, DENIED);
    }
    const source = isApp ? undefined : this.dataSources.find(({ uid }) => uid === id);
    const plugin = this.#plugins.get(isApp ? id : (source?.type ?? ''));
    const settings: ProxySettings = {
      jsonData: source?.jsonData ?? this.#options.apps?.[id]?.jsonData ?? {},
      secureJsonData: source?.secureJsonData ?? {},
    };
    const routes = plugin?.routes ?? [];
    proxy({ request, response, routes, path, settings, isDataSource: !isApp });
  }

  #page(response: ServerResponse): void {
    const { settings } = this;
    const boot = {
      user: {
        theme: 'dark',
        locale: 'en-US',
        orgRole: this.#options.role ?? 'Admin',
        permissions: this.#options.role === 'Viewer' ? VIEWER : { ...VIEWER, ...ADMIN },
      },
      settings: {
        buildInfo: { version: this.#options.react === 18 ? '12.3.0' : '13.2.2', env: 'test' },
        featureToggles: settings.featureToggles,
        enableFrontendSandboxForPlugins: this.sandboxedPlugins,
        appSubUrl: '',
        datasources: {},
        panels: {},
        apps: {},
      },
      navTree: [],
    };
    const script = (name: string, value: unknown): string =>
      `window.${name}=${JSON.stringify(value).replaceAll('<', '\\u003c')};`;
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY });
    response.end(
      `<!doctype html><html lang="en"><head><title>Grafana harness</title><base href="/"><link rel="icon" href="data:,"><link rel="stylesheet" href="/main.css"></head>` +
        `<body><div id="root"></div><script nonce="${NONCE}">${script('__grafana_public_path__', '/public/')}${script('grafanaBootData', boot)}${script('harnessSettings', settings)}</script>` +
        `<script nonce="${NONCE}" type="module" src="/main.js"></script></body></html>`,
    );
  }
}

/** Every plugin.json in `dist` is a plugin, served at an address of its own. */
function findPlugins(folder: string, found: Map<string, PluginFiles>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      findPlugins(path, found);
    } else if (entry.name === 'plugin.json') {
      const { id, routes = [] } = JSON.parse(readFileSync(path, 'utf8')) as {
        id: string;
        routes?: Route[];
      };
      found.set(id, { folder, routes });
    }
  }
}

function below(folder: string | undefined, path = ''): string | undefined {
  if (folder === undefined) {
    return undefined;
  }
  const file = resolve(folder, path);
  return file.startsWith(resolve(folder) + sep) ? file : undefined;
}
