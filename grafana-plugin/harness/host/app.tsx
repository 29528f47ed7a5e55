/** Renders an app's pages, its configuration and its links with the props Grafana gives them. */
import {
  PluginContextProvider,
  type AppPlugin,
  type AppPluginMeta,
  type PluginExtensionAddedLinkConfig,
  type PluginExtensionOpenModalOptions,
} from '@grafana/data';
import { LocationServiceProvider, config, locationService } from '@grafana/runtime';
import { ErrorBoundaryAlert, Modal } from '@grafana/ui';
import { useLayoutEffect, useState, type ReactElement } from 'react';
import { Route, Router, Routes } from 'react-router';
import { loadPlugin } from './modules';
import { appEvents } from './services';

export interface PageRequest {
  pluginId: string;
  theme: 'light' | 'dark';
  /** Below `/a/<plugin id>`, with its query: `/sessions?from=now-1h`. */
  path: string;
}

export interface ConfigPageRequest {
  pluginId: string;
  theme: 'light' | 'dark';
  /** Id of the page given to `addConfigPage`. */
  pageId: string;
}

async function loadApp(pluginId: string): Promise<{ plugin: AppPlugin; meta: AppPluginMeta }> {
  const plugin = await loadPlugin<AppPlugin>(pluginId);
  const settings = window.harnessSettings.apps[pluginId];
  const meta = { ...plugin.meta, enabled: settings?.enabled ?? true, jsonData: settings?.jsonData };
  return { plugin, meta };
}

export async function pageElement({ pluginId, path }: PageRequest): Promise<ReactElement> {
  const { plugin, meta } = await loadApp(pluginId);
  const Root = plugin.root;
  if (Root === undefined) {
    throw new Error(`${pluginId} has no pages`);
  }
  const basename = `/a/${pluginId}`;
  locationService.push(`${basename}${path}`);
  const page = (
    <Root
      meta={meta}
      basename={basename}
      path={locationService.getLocation().pathname}
      query={locationService.getSearchObject()}
      onNavChanged={() => undefined}
    />
  );
  return (
    <PluginContextProvider meta={meta}>
      <Navigation>
        <ErrorBoundaryAlert>
          <Routes>
            <Route path={`${basename}/*`} element={page} />
            <Route path="*" element={<p data-testid="left-the-app">Left the app</p>} />
          </Routes>
        </ErrorBoundaryAlert>
      </Navigation>
    </PluginContextProvider>
  );
}

export async function configPageElement(request: ConfigPageRequest): Promise<ReactElement> {
  const { plugin, meta } = await loadApp(request.pluginId);
  const page = plugin.configPages?.find(({ id }) => id === request.pageId);
  if (page === undefined) {
    throw new Error(`${request.pluginId} has no page ${request.pageId}`);
  }
  const configured = { ...plugin, meta } as AppPlugin;
  return (
    <PluginContextProvider meta={meta}>
      <Navigation>
        <page.body plugin={configured} query={{}} />
      </Navigation>
    </PluginContextProvider>
  );
}

/** The router core wraps everything in, over the history that `locationService` shares. */
function Navigation({ children }: { children: ReactElement }): ReactElement {
  const history = locationService.getHistory();
  const [location, setLocation] = useState(history.location);
  useLayoutEffect(() => history.listen(setLocation), [history]);
  const navigator = {
    createHref: (to: Parameters<typeof history.createHref>[0] | string) =>
      typeof to === 'string' ? to : history.createHref(to),
    go: (delta: number) => history.go(delta),
    push: (to: string | object, state?: unknown) =>
      history.push(typeof to === 'string' ? to : { ...to, state }),
    replace: (to: string | object, state?: unknown) =>
      history.replace(typeof to === 'string' ? to : { ...to, state }),
  };
  return (
    <LocationServiceProvider service={locationService}>
      <Router
        location={{ ...location, key: location.key ?? 'default' }}
        navigator={navigator}
        navigationType={history.action as never}
      >
        {children}
      </Router>
    </LocationServiceProvider>
  );
}

export interface LinkInfo {
  title: string;
  targets: string[];
  path: string | undefined;
}

export async function linksOf(pluginId: string): Promise<LinkInfo[]> {
  const { plugin } = await loadApp(pluginId);
  return plugin.addedLinkConfigs.map(({ title, targets, path }) => ({
    title,
    targets: [targets].flat(),
    path,
  }));
}

/** What core shows of a link; undefined when `configure` hides it. */
export interface ConfiguredLink {
  title: string;
  description: string | undefined;
  path: string | undefined;
  category: string | undefined;
  icon: string | undefined;
  hasOnClick: boolean;
}

/** As core does: the context is read-only, and what `configure` returns overrides what is declared. */
async function configure(
  pluginId: string,
  target: string,
  context: object | undefined,
): Promise<{ link: PluginExtensionAddedLinkConfig; context: object | undefined } | undefined> {
  const { plugin } = await loadApp(pluginId);
  const declared = plugin.addedLinkConfigs.find(({ targets }) => [targets].flat().includes(target));
  if (declared === undefined) {
    throw new Error(`${pluginId} has no link for ${target}`);
  }
  const frozen = context === undefined ? undefined : readOnly(context);
  if (declared.configure === undefined) {
    return { link: declared, context: frozen };
  }
  const overrides = declared.configure(frozen);
  return overrides === undefined
    ? undefined
    : { link: { ...declared, ...overrides }, context: frozen };
}

export async function configuredLink(
  pluginId: string,
  target: string,
  context?: object,
): Promise<ConfiguredLink | undefined> {
  const found = await configure(pluginId, target, context);
  if (found === undefined) {
    return undefined;
  }
  const { title, description, path, category, group, icon, onClick } = found.link;
  return {
    title,
    description,
    path,
    category: group?.name ?? category,
    icon,
    hasOnClick: onClick !== undefined,
  };
}

/** Clicks a link; the modal it opens is returned to be drawn. */
export async function clickLink(
  pluginId: string,
  target: string,
  context: object,
): Promise<ReactElement | undefined> {
  const { meta } = await loadApp(pluginId);
  const found = await configure(pluginId, target, context);
  if (found === undefined) {
    throw new Error(`The link for ${target} is hidden`);
  }
  let modal: PluginExtensionOpenModalOptions | undefined;
  found.link.onClick?.(undefined, {
    context: found.context,
    extensionPointId: target,
    openModal: (options) => (modal = options),
    openSidebar: () => undefined,
    closeSidebar: () => undefined,
    toggleSidebar: () => undefined,
  });
  if (modal === undefined) {
    return undefined;
  }
  const { title, body: Body, width, height } = modal;
  return (
    <PluginContextProvider meta={meta}>
      <Navigation>
        <ModalOf title={title} width={width} height={height}>
          {(onDismiss) => <Body onDismiss={onDismiss} />}
        </ModalOf>
      </Navigation>
    </PluginContextProvider>
  );
}

interface ModalOfProps {
  title: string;
  width: string | number | undefined;
  height: string | number | undefined;
  children: (onDismiss: () => void) => ReactElement;
}

function ModalOf({ title, width, height, children }: ModalOfProps): ReactElement | null {
  const [isOpen, setIsOpen] = useState(true);
  const onDismiss = (): void => setIsOpen(false);
  const size = `${width === undefined ? '' : `width: ${css(width)} !important;`}${height === undefined ? '' : `height: ${css(height)};`}`;
  return (
    <>
      <style>{`.harness-modal { ${size} }`}</style>
      <Modal title={title} isOpen={isOpen} onDismiss={onDismiss} className="harness-modal">
        {children(onDismiss)}
      </Modal>
    </>
  );
}

const css = (size: string | number): string => (typeof size === 'number' ? `${size}px` : size);

/** Core hands contexts out behind a proxy that throws on every write. */
function readOnly<T extends object>(target: T): T {
  const refuse = (): never => {
    throw new TypeError('The context of an extension is read-only.');
  };
  return new Proxy(target, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key);
      return typeof value === 'object' && value !== null ? readOnly(value) : value;
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
}

export { appEvents, config };
