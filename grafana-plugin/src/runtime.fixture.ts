/**
 * The services that Grafana hands to plugins, for tests in Node: `@grafana/runtime` itself wants a
 * browser (the harness has one). Use: `vi.mock('@grafana/runtime', () => import('../runtime.fixture'))`.
 */
import type { DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import type { BackendSrv } from '@grafana/runtime';

export const host: {
  backend: BackendSrv | undefined;
  dataSources: DataSourceInstanceSettings[];
  /** Values of dashboard variables; several values are an array. */
  variables: Record<string, string | string[]>;
} = { backend: undefined, dataSources: [], variables: {} };

export const getBackendSrv = () => host.backend;

export const isFetchError = (error: unknown) =>
  typeof error === 'object' && error !== null && 'status' in error && 'data' in error;

export const getDataSourceSrv = () => ({
  getList: ({ type }: { type: string | string[] }) =>
    host.dataSources.filter((one) => [type].flat().includes(one.type)),
});

type Format = (value: unknown) => string;

export const getTemplateSrv = () => ({
  replace: (text: string, scopedVars: ScopedVars = {}, format: Format = String) =>
    text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
      const value: unknown = scopedVars[name]?.value ?? host.variables[name];
      return value === undefined ? whole : format(value);
    }),
});
