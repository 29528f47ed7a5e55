/** A miniature Grafana: its own packages and its own way of loading plugins, no server. */
import { ThemeContext, createTheme, type GrafanaTheme2 } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles } from '@grafana/ui';
import { version, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import {
  clickLink,
  configPageElement,
  configuredLink,
  linksOf,
  pageElement,
  type ConfigPageRequest,
  type PageRequest,
} from './app';
import {
  dataSourceConfigElement,
  edited,
  health,
  query,
  queryEditorElement,
  type DataSourceConfigRequest,
  type QueryEditorRequest,
} from './data-source';
import { installLoader, loadPlugin } from './modules';
import type { DrawnPanel } from '../panel-request';
import { panelOptionsElement, type PanelOptionsRequest } from './panel-options';
import { hover, hovers, panelElement, rangeChanges } from './panel';
import {
  appEvents,
  backend,
  clearVariables,
  installDataSources,
  installServices,
} from './services';
import type { HostSettings } from './settings';

export interface Harness {
  isReady: boolean;
  versions: { react: string; grafana: string };
  renderPanel(request: DrawnPanel): Promise<void>;
  renderPage(request: PageRequest): Promise<void>;
  renderConfigPage(request: ConfigPageRequest): Promise<void>;
  renderDataSourceConfig(request: DataSourceConfigRequest): Promise<void>;
  renderQueryEditor(request: QueryEditorRequest): Promise<void>;
  renderPanelOptions(request: PanelOptionsRequest): Promise<void>;
  edited: typeof edited;
  /** False when the link opened no modal. */
  clickLink(request: LinkClick): Promise<boolean>;
  clear(): void;
  /** With other settings, nothing drawn and nothing noted. */
  reset(settings: HostSettings): Promise<void>;
  configuredLink: typeof configuredLink;
  linksOf: typeof linksOf;
  health: typeof health;
  query: typeof query;
  hover: typeof hover;
  hovers: typeof hovers;
  rangeChanges: typeof rangeChanges;
  calls: typeof backend.calls;
  /** Names of events the plugin published to Grafana: alerts, modals. */
  appEvents: Array<{ type: string; payload: unknown }>;
  loadPlugin: typeof loadPlugin;
}

export interface LinkClick {
  pluginId: string;
  theme: 'light' | 'dark';
  target: string;
  context: object;
}

declare global {
  interface Window {
    harness: Harness;
  }
}

let root: Root | undefined;

function draw(
  mode: 'light' | 'dark',
  content: (theme: GrafanaTheme2) => ReactElement | null,
): void {
  const theme = createTheme({ colors: { mode } });
  config.theme2 = theme;
  document.body.className = `theme-${mode}`;
  root ??= createRoot(document.getElementById('root')!);
  root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {content(theme)}
    </ThemeContext.Provider>,
  );
}

const seenEvents: Array<{ type: string; payload: unknown }> = [];

window.harness = {
  isReady: false,
  versions: { react: version, grafana: config.buildInfo.version },
  renderPanel: async (request) => {
    const theme = createTheme({ colors: { mode: request.theme } });
    const element = await panelElement(request, theme);
    draw(request.theme, () => element);
  },
  renderPage: async (request) => {
    const element = await pageElement(request);
    draw(request.theme, () => element);
  },
  renderConfigPage: async (request) => {
    const element = await configPageElement(request);
    draw(request.theme, () => element);
  },
  renderDataSourceConfig: async (request) => {
    const element = await dataSourceConfigElement(request);
    draw(request.theme, () => element);
  },
  renderQueryEditor: async (request) => {
    const element = await queryEditorElement(request);
    draw(request.theme, () => element);
  },
  renderPanelOptions: async (request) => {
    const element = await panelOptionsElement(request);
    draw(request.theme, () => element);
  },
  edited,
  clickLink: async ({ pluginId, theme, target, context }) => {
    const element = await clickLink(pluginId, target, context);
    if (element !== undefined) {
      draw(theme, () => element);
    }
    return element !== undefined;
  },
  clear: () => root?.render(null),
  reset: async (settings) => {
    root?.unmount();
    root = undefined;
    window.harnessSettings = settings;
    for (const noted of [hovers, rangeChanges, backend.calls, seenEvents]) {
      noted.length = 0;
    }
    clearVariables();
    await installDataSources();
  },
  configuredLink,
  linksOf,
  health,
  query,
  hover,
  hovers,
  rangeChanges,
  calls: backend.calls,
  appEvents: seenEvents,
  loadPlugin,
};

installLoader();
for (const type of ['alert-success', 'alert-warning', 'alert-error', 'alert-info']) {
  appEvents.on({ name: type }, (payload: unknown) => seenEvents.push({ type, payload }));
}
void installServices().then(() => {
  window.harness.isReady = true;
});
