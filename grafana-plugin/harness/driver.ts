/** Drives the miniature Grafana in a page of Playwright's. */
import type { DrawnPanel, HoverRecord, PanelRequest } from './panel-request.js';
import type { GrafanaHost } from './server.js';

/** As much of Playwright's page as is needed, so that any version of it will do. */
export interface DrivenPage {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  waitForFunction(script: string): Promise<unknown>;
}

export const APP_ID = 'otelreplay-sessionreplay-app';
export const PANEL_ID = 'otelreplay-sessionreplay-panel';
export const DATA_SOURCE_ID = 'otelreplay-sessionreplay-datasource';

export type Theme = 'light' | 'dark';

export class GrafanaPage {
  readonly #page: DrivenPage;
  readonly #host: GrafanaHost;

  constructor(page: DrivenPage, host: GrafanaHost) {
    this.#page = page;
    this.#host = host;
  }

  /** Loads Grafana anew: nothing of what was rendered before is left. */
  async open(): Promise<void> {
    await this.#page.goto(this.#host.url);
    await this.#page.waitForFunction('window.harness?.isReady === true');
  }

  /**
   * Takes over the host's data sources as they are now, and draws nothing any more. Far quicker than
   * {@link open}; what plugins keep in their modules stays.
   */
  async reset(): Promise<void> {
    await this.#call('reset', this.#host.settings);
  }

  async renderPanel(request: PanelRequest): Promise<void> {
    const { pluginId = PANEL_ID, theme = 'dark', width = 960, height = 600, ...rest } = request;
    const drawn: DrawnPanel = { pluginId, theme, width, height, ...rest };
    await this.#call('renderPanel', drawn);
  }

  /** @param path below `/a/<app>`, with its query */
  async renderPage(path: string, theme: Theme = 'dark', pluginId = APP_ID): Promise<void> {
    await this.#call('renderPage', { pluginId, path, theme });
  }

  async renderConfigPage(pageId: string, theme: Theme = 'dark', pluginId = APP_ID): Promise<void> {
    await this.#call('renderConfigPage', { pluginId, pageId, theme });
  }

  async renderDataSourceConfig(
    uid: string,
    theme: Theme = 'dark',
    secureJsonFields: Record<string, boolean> = {},
  ): Promise<void> {
    await this.#call('renderDataSourceConfig', { uid, theme, secureJsonFields });
  }

  /** As Explore draws it; {@link edited} is what it made of `query`. */
  async renderQueryEditor(uid: string, query: object, theme: Theme = 'dark'): Promise<void> {
    await this.#call('renderQueryEditor', { uid, theme, query: { refId: 'A', ...query } });
  }

  /** As the edit pane draws them, with plain fields for Grafana's own editors. */
  async renderPanelOptions(options: object = {}, theme: Theme = 'dark'): Promise<void> {
    await this.#call('renderPanelOptions', { pluginId: PANEL_ID, theme, options });
  }

  /** What the editor that is drawn has made of what it was given. */
  async edited(): Promise<{
    options?: Record<string, unknown>;
    query?: Record<string, unknown>;
    queriesRun: number;
  }> {
    return (await this.#read('edited')) as { queriesRun: number };
  }

  /** Calls a link's `configure` and `onClick`; draws the modal it opens. False when it opened none. */
  async clickLink(target: string, context: object, theme: Theme = 'dark'): Promise<boolean> {
    const request = { pluginId: APP_ID, theme, target, context };
    return (await this.#call('clickLink', request)) as boolean;
  }

  /** What Grafana shows of a link; undefined when it is hidden. */
  async configuredLink(
    target: string,
    context?: object,
  ): Promise<{ title: string; path?: string; category?: string; hasOnClick: boolean } | undefined> {
    return (await this.#call('configuredLink', APP_ID, target, context)) as undefined;
  }

  async links(): Promise<Array<{ title: string; targets: string[]; path?: string }>> {
    return (await this.#call('linksOf', APP_ID)) as Array<{ title: string; targets: string[] }>;
  }

  /** "Save & test". */
  async health(uid: string): Promise<{ status: string; message: string }> {
    return (await this.#call('health', uid)) as { status: string; message: string };
  }

  /** Frames as plain objects. */
  async query(request: {
    uid: string;
    targets: object[];
    from: number;
    to: number;
  }): Promise<
    Array<{ name?: string; meta?: object; fields: Array<{ name: string; values: unknown[] }> }>
  > {
    return (await this.#call('query', request)) as Array<{
      fields: Array<{ name: string; values: unknown[] }>;
    }>;
  }

  /** The pointer is over another panel of the dashboard; undefined when it left. */
  async hover(time: number | undefined): Promise<void> {
    await this.#call('hover', time);
  }

  async hovers(): Promise<HoverRecord[]> {
    return (await this.#read('hovers')) as HoverRecord[];
  }

  async rangeChanges(): Promise<Array<{ from: number; to: number }>> {
    return (await this.#read('rangeChanges')) as Array<{ from: number; to: number }>;
  }

  async calls(): Promise<Array<{ url: string; method: string; status: number }>> {
    return (await this.#read('calls')) as Array<{ url: string; method: string; status: number }>;
  }

  async versions(): Promise<{ react: string; grafana: string }> {
    return (await this.#read('versions')) as { react: string; grafana: string };
  }

  async clear(): Promise<void> {
    await this.#call('clear');
  }

  async #read(name: string): Promise<unknown> {
    return JSON.parse(String(await this.#page.evaluate(`JSON.stringify(harness.${name})`)));
  }

  async #call(name: string, ...args: unknown[]): Promise<unknown> {
    // JSON has no undefined, which `configure` must cope with.
    const list = args.map((arg) => (arg === undefined ? 'undefined' : JSON.stringify(arg)));
    return this.#page.evaluate(`harness.${name}(${list.join(',')})`);
  }
}
