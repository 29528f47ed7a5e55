/** What an administrator chose for the whole app. */
import { usePluginContext } from '@grafana/data';
import { APP_ID } from '../plugin-ids';

export interface AppSettings {
  /** Of the Session Replay data source that links and pages use; absent: the default one. */
  datasourceUid?: string;
  /** Of the data source that spans and traces are opened in; absent: the first that has traces. */
  traceDatasourceUid?: string;
}

export function readSettings(jsonData: unknown): AppSettings {
  const { datasourceUid, traceDatasourceUid } = Object(jsonData) as Record<string, unknown>;
  return {
    ...(isText(datasourceUid) ? { datasourceUid } : {}),
    ...(isText(traceDatasourceUid) ? { traceDatasourceUid } : {}),
  };
}

/** Those of the app, where it is the app that draws. */
export function useAppSettings(): AppSettings {
  const context = usePluginContext();
  return context?.meta.id === APP_ID ? readSettings(context.meta.jsonData) : {};
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
