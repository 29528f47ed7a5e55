/** The player's source of replays: the replay API behind a data source of ours. */
import type { DataSourceInstanceSettings, DataSourceJsonData } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { ApiSource } from '@otel-replay/player';
import { DATASOURCE_ID } from '../plugin-ids';
import { proxyFetch } from './proxy-fetch';

/** The path of the route in plugin.json. */
const ROUTE = 'replay';

/** There is no such data source, or it is none of ours; the message says what to do. */
export class NoDataSourceError extends Error {
  override readonly name = 'NoDataSourceError';
}

/** What a data source of ours is asked by; `settings.url` is Grafana's proxy. */
export function sourceOfSettings({
  name,
  url,
}: Pick<DataSourceInstanceSettings, 'name' | 'url'>): ApiSource {
  return new ApiSource({ baseUrl: apiAddress(url), fetch: proxyFetch(name) });
}

/** Address of the replay API in this page, without `/api/v1`. */
export const apiAddress = (proxyUrl = ''): string => `${proxyUrl.replace(/\/+$/, '')}/${ROUTE}`;

/** One object for each data source: a player opens anew when it gets another one. */
const sources = new Map<string, { url: string | undefined; source: ApiSource }>();

/**
 * @param uid of a Session Replay data source; the default one when absent, see {@link findDataSource}
 * Throws {@link NoDataSourceError}.
 */
export function replaySourceFor(uid?: string): ApiSource {
  const settings = findDataSource(uid);
  const known = sources.get(settings.uid);
  if (known !== undefined && known.url === settings.url) {
    return known.source;
  }
  const source = sourceOfSettings(settings);
  sources.set(settings.uid, { url: settings.url, source });
  return source;
}

/** Our data sources, as Grafana lists them. */
export function listDataSources(): Array<DataSourceInstanceSettings<DataSourceJsonData>> {
  return getDataSourceSrv().getList({ type: DATASOURCE_ID });
}

/**
 * The named data source; without a name Grafana's default if it is ours, else the first of ours.
 * Throws {@link NoDataSourceError}.
 */
export function findDataSource(uid?: string): DataSourceInstanceSettings<DataSourceJsonData> {
  const all = listDataSources();
  if (uid !== undefined && uid !== '') {
    const found = all.find((one) => one.uid === uid);
    if (found !== undefined) {
      return found;
    }
    throw new NoDataSourceError(
      `There is no Session Replay data source with the uid "${uid}". Choose another one, or ask an administrator for access to it.`,
    );
  }
  const found = all.find((one) => one.isDefault) ?? all[0];
  if (found === undefined) {
    throw new NoDataSourceError(
      'No Session Replay data source is set up. Add one under Connections, with the address and the token of the processor’s replay API.',
    );
  }
  return found;
}
