/** Loads plugins as Grafana does: SystemJS with AMD, shared dependencies, `define` out of the way. */
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import i18next from 'i18next';
import lodash from 'lodash';
// eslint-disable-next-line no-restricted-imports -- Grafana shares it with plugins.
import moment from 'moment';
import * as React from 'react';
import * as ReactDOM from 'react-dom';
import * as ReactDOMClient from 'react-dom/client';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactRouter from 'react-router';
import * as reactRouterDom from 'react-router-dom';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

interface Loader {
  import(url: string): Promise<Record<string, unknown>>;
  set(id: string, module: object): void;
  addImportMap(map: { imports: Record<string, string> }): void;
  constructor: { prototype: LoaderHooks };
}

interface LoaderHooks {
  shouldFetch(url: string): boolean;
  fetch(url: string, options: object): Promise<Response>;
}

interface LoaderWindow {
  System: Loader;
  define: unknown;
  __grafana_amd_define: unknown;
}

const host = window as unknown as LoaderWindow;

const withDefault = (module: object): object => ({
  default: module,
  ...module,
  __useDefault: true,
});

const SHARED: Record<string, object> = {
  react: React,
  'react/jsx-runtime': jsxRuntime,
  'react/jsx-dev-runtime': jsxRuntime,
  'react-dom': ReactDOM,
  'react-dom/client': ReactDOMClient,
  '@grafana/data': data,
  '@grafana/ui': ui,
  '@grafana/runtime': runtime,
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  emotion: emotionCss,
  rxjs,
  'rxjs/operators': rxjsOperators,
  lodash: withDefault(lodash),
  moment: withDefault(moment),
  i18next: withDefault(i18next),
  'react-router': reactRouter,
  'react-router-dom': reactRouterDom,
};

/** Once, before the first plugin. */
export function installLoader(): void {
  // Kept off `window`, where Monaco's loader would find it.
  host.__grafana_amd_define = host.define;
  host.define = undefined;
  const imports: Record<string, string> = {};
  for (const [name, module] of Object.entries(SHARED)) {
    imports[name] = `app:${name}`;
    host.System.set(`app:${name}`, module);
  }
  host.System.addImportMap({ imports });
  const hooks = host.System.constructor.prototype;
  const fetchModule = hooks.fetch.bind(host.System);
  hooks.shouldFetch = (url) => url.startsWith(`${location.origin}/public/plugins/`);
  hooks.fetch = async (url, options) => {
    const source = await (await fetchModule(url, options)).text();
    const wrapped = `(function(define){\n${source}\n})(window.__grafana_amd_define);`;
    return new Response(new Blob([wrapped], { type: 'text/javascript' }));
  };
}

interface PluginLike {
  meta: data.PluginMeta;
}

const loaded = new Map<string, Promise<PluginLike>>();

/** The plugin that `module.js` exports, with the metadata of its `plugin.json`. */
export function loadPlugin<T extends PluginLike>(id: string): Promise<T> {
  let plugin = loaded.get(id);
  if (plugin === undefined) {
    plugin = load(id);
    loaded.set(id, plugin);
  }
  return plugin as Promise<T>;
}

async function load(id: string): Promise<PluginLike> {
  const [module, meta] = await Promise.all([
    host.System.import(`${location.origin}/public/plugins/${id}/module.js`),
    loadMeta(id),
  ]);
  const plugin = module['plugin'] as PluginLike;
  plugin.meta = meta;
  return plugin;
}

/** `plugin.json` with the addresses Grafana's server adds. */
export async function loadMeta(id: string): Promise<data.PluginMeta> {
  const baseUrl = `public/plugins/${id}`;
  const meta = (await (await fetch(`/${baseUrl}/plugin.json`)).json()) as data.PluginMeta;
  const { small, large } = meta.info.logos;
  const info = {
    ...meta.info,
    logos: { small: `/${baseUrl}/${small}`, large: `/${baseUrl}/${large}` },
  };
  return { ...meta, info, module: `${baseUrl}/module.js`, baseUrl };
}
