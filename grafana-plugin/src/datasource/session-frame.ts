/**
 * The frame by which a query names one replay: what the data source writes and the panel reads.
 * One row; what is not known is an empty string or null.
 */
import { createDataFrame, FieldType, type DataFrame } from '@grafana/data';
import { PANEL_ID } from '../plugin-ids';

const NAME = 'Session replay';

/** What to play, and where to begin: the most exact of what is given decides. */
export interface ReplayTarget {
  sessionId?: string;
  traceId?: string;
  spanId?: string;
  /** Unix milliseconds. */
  time?: number;
  /** Of the data source to ask. */
  datasourceUid?: string;
}

export function sessionFrame(refId: string, target: ReplayTarget): DataFrame {
  const text = (name: string, value: string | undefined) => ({
    name,
    type: FieldType.string,
    values: [value ?? ''],
  });
  return createDataFrame({
    name: NAME,
    refId,
    meta: {
      // Explore draws our panel then, beside the trace.
      preferredVisualisationPluginId: PANEL_ID,
      custom: { sessionReplay: true, datasourceUid: target.datasourceUid },
    },
    fields: [
      text('sessionId', target.sessionId),
      text('traceId', target.traceId),
      text('spanId', target.spanId),
      { name: 'time', type: FieldType.time, values: [target.time ?? null] },
    ],
  });
}

/** Undefined for a frame of another kind. */
export function readSessionFrame(frame: DataFrame): ReplayTarget | undefined {
  const custom: unknown = frame.meta?.custom;
  if (!isOurs(custom)) {
    return undefined;
  }
  const cell = (name: string): unknown =>
    frame.fields.find((field) => field.name === name)?.values[0];
  const text = (name: string) => {
    const value = cell(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const time = cell('time');
  const target: ReplayTarget = {
    sessionId: text('sessionId'),
    traceId: text('traceId'),
    spanId: text('spanId'),
    time: typeof time === 'number' ? time : undefined,
    datasourceUid: typeof custom.datasourceUid === 'string' ? custom.datasourceUid : undefined,
  };
  return target;
}

function isOurs(custom: unknown): custom is { sessionReplay: true; datasourceUid?: unknown } {
  return typeof custom === 'object' && custom !== null && 'sessionReplay' in custom;
}
