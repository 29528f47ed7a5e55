/** What plugins ask of @grafana/runtime, as far as a front end without its server can have it. */
import {
  EventBusSrv,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourcePlugin,
  type PluginMeta,
  type ScopedVars,
  type StandardEditorProps,
} from '@grafana/data';
import {
  config,
  setAppEvents,
  setBackendSrv,
  setCurrentUser,
  setDataSourceSrv,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginLinksHook,
  setTemplateSrv,
  type DataSourceSrv,
  type GetDataSourceListFilters,
} from '@grafana/runtime';
import { Input } from '@grafana/ui';
import { Backend } from './backend';
import { loadMeta, loadPlugin } from './modules';

type Ref = Parameters<DataSourceSrv['get']>[0];

export const appEvents = new EventBusSrv();
export const backend = new Backend();

/** Values of dashboard variables. */
export const variables: Record<string, string> = {};

export function clearVariables(): void {
  for (const name of Object.keys(variables)) {
    delete variables[name];
  }
}

export function interpolate(text = '', scoped?: ScopedVars): string {
  return text.replace(/\$\{?([\w.]+)(?::\w+)?\}?/g, (whole, name: string) =>
    String(scoped?.[name]?.value ?? variables[name] ?? whole),
  );
}

/** Once, before the first plugin. */
export async function installServices(): Promise<void> {
  setTemplateSrv({
    replace: interpolate,
    getVariables: () => [],
    containsTemplate: (text) => /\$/.test(text ?? ''),
    updateTimeRange: () => undefined,
  });
  setBackendSrv(backend);
  setCurrentUser(config.bootData.user);
  setAppEvents(appEvents);
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  standardEditorsRegistry.setInit(() =>
    EDITORS.map((id) => ({ id, name: id, editor: TextEditor })),
  );
  standardFieldConfigEditorRegistry.setInit(() => []);
  await installDataSources();
}

/** As the settings are now. */
export async function installDataSources(): Promise<void> {
  setDataSourceSrv(await dataSources());
}

/** Grafana's own; options only look their ids up when they are declared. */
const EDITORS =
  'text number slider boolean select multi-select radio color fieldColor strings unit units links thresholds mappings fieldName multi-field-name timezone date stats-picker datalinks actions dashboard-uid'.split(
    ' ',
  );

function TextEditor({ value, onChange, id }: StandardEditorProps<unknown>) {
  return (
    <Input
      id={id}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

async function dataSources(): Promise<DataSourceSrv> {
  const instances: DataSourceInstanceSettings[] = await Promise.all(
    window.harnessSettings.dataSources.map(
      async ({ uid, name, type, jsonData, isDefault }, id) => ({
        id: id + 1,
        uid,
        name,
        type,
        jsonData,
        isDefault: isDefault === true,
        access: 'proxy' as const,
        readOnly: false,
        url: `/api/datasources/proxy/uid/${uid}`,
        meta: (await metaOf(type)) as DataSourceInstanceSettings['meta'],
      }),
    ),
  );
  config.datasources = Object.fromEntries(instances.map((settings) => [settings.name, settings]));
  const find = (ref: Ref): DataSourceInstanceSettings | undefined => {
    const wanted = interpolate(typeof ref === 'string' ? ref : (ref?.uid ?? 'default'));
    return instances.find(
      ({ uid, name, isDefault }) =>
        uid === wanted || name === wanted || (wanted === 'default' && isDefault === true),
    );
  };
  return {
    get: async (ref) => {
      const settings = find(ref);
      if (settings === undefined) {
        throw new Error(`Datasource ${String(Object(ref).uid ?? ref)} was not found`);
      }
      const plugin = await loadPlugin<DataSourcePlugin<DataSourceApi>>(settings.type);
      const instance = new plugin.DataSourceClass(settings);
      instance.meta = settings.meta;
      instance.components = plugin.components;
      return instance;
    },
    getList: (filters) => instances.filter((settings) => isListed(settings, filters ?? {})),
    getInstanceSettings: find,
    reload: () => Promise.resolve(),
    registerRuntimeDataSource: () => undefined,
  };
}

function isListed(
  settings: DataSourceInstanceSettings,
  filters: GetDataSourceListFilters,
): boolean {
  const { type, pluginId, filter } = filters;
  const types = type === undefined ? undefined : [type].flat();
  return (
    (types === undefined || types.includes(settings.type)) &&
    (pluginId === undefined || pluginId === settings.type) &&
    (filter === undefined || filter(settings))
  );
}

/** Also of data sources that are part of Grafana, and not here: Tempo and its like. */
function metaOf(type: string): Promise<PluginMeta> {
  if (window.harnessSettings.pluginIds.includes(type)) {
    return loadMeta(type);
  }
  const info = { logos: { small: '', large: '' } };
  return Promise.resolve({
    id: type,
    name: type,
    type: 'datasource',
    module: '',
    baseUrl: '',
    info,
  } as never);
}
