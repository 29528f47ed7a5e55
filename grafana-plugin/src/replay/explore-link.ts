/** Addresses of Explore with a trace in it, so that each way to a replay leads back. */
import { locationUtil, type DataSourceInstanceSettings } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

/** Core's data sources that show one trace by its id, and how they are asked for it. */
const QUERIES: Readonly<Record<string, (traceId: string) => object>> = {
  tempo: (traceId) => ({ queryType: 'traceql', query: traceId }),
  jaeger: (traceId) => ({ query: traceId }),
  zipkin: (traceId) => ({ queryType: 'traceID', query: traceId }),
};

/** An hour around the trace, where it is known when it was. */
const AROUND_MS = 30 * 60_000;

export interface TraceAddress {
  traceId: string;
  spanId?: string;
  /** Unix milliseconds. */
  time?: number;
}

/** The data source for traces: that uid, or the first that has them; undefined when there is none. */
export function findTraceSource(uid?: string): DataSourceInstanceSettings | undefined {
  const all = getDataSourceSrv().getList({ type: Object.keys(QUERIES) });
  return all.find((one) => one.uid === uid) ?? all.find((one) => one.isDefault) ?? all[0];
}

/** With Grafana's own sub path, for `href`. */
export function exploreHref(
  { uid, type }: Pick<DataSourceInstanceSettings, 'uid' | 'type'>,
  { traceId, spanId, time }: TraceAddress,
): string {
  const range =
    time === undefined
      ? { from: 'now-1h', to: 'now' }
      : { from: String(Math.round(time - AROUND_MS)), to: String(Math.round(time + AROUND_MS)) };
  const pane = {
    datasource: uid,
    queries: [{ refId: 'A', datasource: { type, uid }, ...QUERIES[type]?.(traceId) }],
    range,
    ...(spanId === undefined ? {} : { panelsState: { trace: { spanId } } }),
  };
  const panes = encodeURIComponent(JSON.stringify({ trace: pane }));
  return locationUtil.assureBaseUrl(`/explore?schemaVersion=1&panes=${panes}`);
}
