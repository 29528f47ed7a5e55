/** Sessions and what happened in them, as data frames. */
import {
  createDataFrame,
  FieldType,
  type DataFrame,
  type DataLink,
  type FieldConfig,
} from '@grafana/data';
import type { SessionSummary, Signal } from '@otel-replay/player';
import { APP_PATH } from '../plugin-ids';
import type { ReplayQuery } from './types';

/** The data source that a frame comes from. */
export interface Origin {
  uid: string;
  name: string;
}

interface Column<Row> {
  name: string;
  label?: string;
  type: FieldType;
  value: (row: Row) => unknown;
  config?: FieldConfig;
}

function frameOf<Row>(
  name: string,
  refId: string,
  rows: readonly Row[],
  columns: ReadonlyArray<Column<Row>>,
): DataFrame {
  return createDataFrame({
    name,
    refId,
    meta: { preferredVisualisationType: 'table' },
    fields: columns.map(({ name: field, label, type, value, config }) => ({
      name: field,
      type,
      values: rows.map(value),
      config: { ...(label === undefined ? {} : { displayName: label }), ...config },
    })),
  });
}

/** Addresses in data links are completed by Grafana; `${__value.raw}` is the cell. */
function sessionLinks({ uid, name }: Origin): Array<DataLink<ReplayQuery>> {
  return [
    {
      title: 'Watch the replay',
      url: `${APP_PATH}/sessions/\${__value.raw}?ds=${encodeURIComponent(uid)}`,
    },
    {
      title: 'Watch it here',
      url: '',
      internal: {
        datasourceUid: uid,
        datasourceName: name,
        query: { refId: 'A', queryType: 'session', sessionId: '${__value.raw}' },
      },
    },
  ];
}

export function sessionsFrame(
  refId: string,
  sessions: readonly SessionSummary[],
  origin: Origin,
): DataFrame {
  const { string, number, time } = FieldType;
  return frameOf<SessionSummary>('Sessions', refId, sessions, [
    { name: 'time', label: 'Started', type: time, value: (s) => s.firstTimestamp },
    {
      name: 'sessionId',
      label: 'Session',
      type: string,
      value: (s) => s.sessionId,
      config: { links: sessionLinks(origin) },
    },
    { name: 'user', label: 'User', type: string, value: (s) => s.userId ?? s.userHash ?? '' },
    { name: 'service', label: 'Services', type: string, value: (s) => s.serviceNames.join(', ') },
    { name: 'url', label: 'First page', type: string, value: (s) => s.urls[0] ?? '' },
    {
      name: 'duration',
      label: 'Duration',
      type: number,
      value: (s) => s.lastTimestamp - s.firstTimestamp,
      config: { unit: 'ms' },
    },
    { name: 'errors', label: 'Errors', type: number, value: (s) => s.errorCount },
    { name: 'rageClicks', label: 'Rage clicks', type: number, value: (s) => s.rageClickCount },
    { name: 'clicks', label: 'Clicks', type: number, value: (s) => s.clickCount },
    { name: 'pages', label: 'Pages', type: number, value: (s) => s.urls.length },
    { name: 'traces', label: 'Traces', type: number, value: (s) => s.traceCount },
    { name: 'state', label: 'State', type: string, value: (s) => s.state },
    {
      name: 'bytes',
      label: 'Size',
      type: number,
      value: (s) => s.bytes,
      config: { unit: 'bytes' },
    },
    { name: 'policy', label: 'Kept by', type: string, value: (s) => s.decision?.policy ?? '' },
  ]);
}

/** A signal and whose it is. */
export interface SessionSignal {
  session: Pick<SessionSummary, 'sessionId' | 'userId' | 'userHash'>;
  signal: Signal;
}

/** For people, and not the name of an attribute. */
export const SIGNAL_LABELS: Readonly<Record<Signal['kind'], string>> = {
  error_span: 'Error span',
  exception: 'Exception',
  exception_log: 'Exception log',
  http_5xx: 'HTTP 5xx',
  failed_fetch: 'Failed request',
  slow_span: 'Slow span',
  attribute: 'Attribute',
  rage_click: 'Rage click',
  manual: 'Reported',
};

export function errorsFrame(
  refId: string,
  errors: readonly SessionSignal[],
  origin: Origin,
): DataFrame {
  const { string, time } = FieldType;
  return frameOf<SessionSignal>('Session errors', refId, errors, [
    { name: 'time', label: 'Time', type: time, value: ({ signal }) => signal.timestamp },
    {
      name: 'title',
      label: 'Kind',
      type: string,
      value: ({ signal }) => SIGNAL_LABELS[signal.kind],
    },
    { name: 'text', label: 'What', type: string, value: ({ signal }) => textOf(signal) },
    {
      name: 'service',
      label: 'Service',
      type: string,
      value: ({ signal }) => signal.serviceName ?? '',
    },
    {
      name: 'sessionId',
      label: 'Session',
      type: string,
      value: ({ session }) => session.sessionId,
      config: { links: sessionLinks(origin) },
    },
    {
      name: 'user',
      label: 'User',
      type: string,
      value: ({ session }) => session.userId ?? session.userHash ?? '',
    },
    { name: 'traceId', label: 'Trace', type: string, value: ({ signal }) => signal.traceId ?? '' },
    { name: 'spanId', label: 'Span', type: string, value: ({ signal }) => signal.spanId ?? '' },
    // As Grafana reads tags of annotations.
    {
      name: 'tags',
      label: 'Tags',
      type: string,
      value: ({ signal }) => `${signal.kind},${signal.origin}`,
    },
  ]);
}

function textOf({ name, message, httpStatusCode }: Signal): string {
  const parts = [name, message].filter((part) => part !== undefined && part !== '');
  const text = [...new Set(parts)].join(': ');
  return httpStatusCode === undefined ? text : `${text} (${httpStatusCode})`.trim();
}
