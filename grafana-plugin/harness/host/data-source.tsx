/** Asks data sources as Explore and dashboards do, and draws their configuration. */
import {
  CoreApp,
  PluginContextProvider,
  dateTime,
  type DataQuery,
  type DataQueryRequest,
  type DataSourceApi,
  type DataSourcePlugin,
  type DataSourceSettings,
} from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { useState, type ReactElement } from 'react';
import { from, lastValueFrom } from 'rxjs';
import { loadPlugin } from './modules';

export interface QueryRequest {
  uid: string;
  targets: DataQuery[];
  /** Unix milliseconds. */
  from: number;
  to: number;
}

/** Frames as plain objects. */
export async function query(request: QueryRequest): Promise<object[]> {
  const source = await getDataSourceSrv().get(request.uid);
  const [start, end] = [dateTime(request.from), dateTime(request.to)];
  const response = await lastValueFrom(
    from(
      source.query({
        requestId: 'Q1',
        app: 'explore',
        interval: '1s',
        intervalMs: 1000,
        range: { from: start, to: end, raw: { from: start, to: end } },
        scopedVars: {},
        targets: request.targets,
        timezone: 'utc',
        startTime: Date.now(),
      } satisfies DataQueryRequest),
    ),
  );
  if (response.errors?.[0] !== undefined) {
    throw new Error(response.errors[0].message);
  }
  return response.data.map(({ name, refId, meta, fields, length }) => ({
    name,
    refId,
    meta,
    length,
    fields: (
      fields as Array<{ name: string; type: string; values: unknown[]; config: object }>
    ).map(({ name: field, type, values, config }) => ({
      name: field,
      type,
      values: [...values],
      config,
    })),
  }));
}

/** The answer of "Save & test". */
export async function health(uid: string): Promise<object> {
  const source = await getDataSourceSrv().get(uid);
  return { ...(await source.testDatasource()) };
}

/** What an editor made of what it was given: what "Save & test" would send, and the query that runs. */
export const edited: { options?: object; query?: object; queriesRun: number } = { queriesRun: 0 };

export function noteOptions(options: object): void {
  edited.options = options;
}

export interface QueryEditorRequest {
  uid: string;
  theme: 'light' | 'dark';
  query: DataQuery;
}

/** As Explore draws it. */
export async function queryEditorElement(request: QueryEditorRequest): Promise<ReactElement> {
  const source = await getDataSourceSrv().get(request.uid);
  const { QueryEditor } = source.components ?? {};
  if (QueryEditor === undefined) {
    throw new Error(`${source.type} has no query editor`);
  }
  const Editor = QueryEditor;
  Object.assign(edited, { query: request.query, queriesRun: 0 });
  function Held(): ReactElement {
    const [query, setQuery] = useState(request.query);
    const onChange = (changed: DataQuery): void => {
      edited.query = changed;
      setQuery(changed);
    };
    return (
      <Editor
        datasource={source}
        query={query}
        onChange={onChange}
        onRunQuery={() => edited.queriesRun++}
        app={CoreApp.Explore}
      />
    );
  }
  return (
    <PluginContextProvider meta={source.meta}>
      <Held />
    </PluginContextProvider>
  );
}

export interface DataSourceConfigRequest {
  uid: string;
  theme: 'light' | 'dark';
  secureJsonFields?: Record<string, boolean>;
}

export async function dataSourceConfigElement(
  request: DataSourceConfigRequest,
): Promise<ReactElement> {
  const settings = getDataSourceSrv().getInstanceSettings(request.uid);
  if (settings === undefined) {
    throw new Error(`no data source ${request.uid}`);
  }
  const plugin = await loadPlugin<DataSourcePlugin<DataSourceApi>>(settings.type);
  const { ConfigEditor } = plugin.components;
  if (ConfigEditor === undefined) {
    throw new Error(`${settings.type} has no configuration`);
  }
  const Editor = ConfigEditor;
  const initial = {
    ...settings,
    orgId: 1,
    typeName: settings.meta.name,
    typeLogoUrl: '',
    secureJsonFields: request.secureJsonFields ?? {},
    secureJsonData: {},
    user: '',
    database: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: false,
    withCredentials: false,
    jsonData: settings.jsonData,
  } as unknown as DataSourceSettings;
  edited.options = initial;
  function Held(): ReactElement {
    const [options, setOptions] = useState(initial);
    const onOptionsChange = (changed: DataSourceSettings): void => {
      edited.options = changed;
      setOptions(changed);
    };
    return <Editor options={options} onOptionsChange={onOptionsChange} />;
  }
  return (
    <PluginContextProvider meta={plugin.meta}>
      <Held />
    </PluginContextProvider>
  );
}
