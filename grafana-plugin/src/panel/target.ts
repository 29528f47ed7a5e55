/** What the panel is to play: from its options, the dashboard's variables and the data it is given. */
import type { DataFrame } from '@grafana/data';
import { readSessionFrame } from '../datasource/session-frame';
import { padTraceId } from '../datasource/trace-id';
import { browserTimeOf, focusedSpan } from '../trace/focus';
import { readTraces, type TraceReading } from '../trace/read-traces';
import type { PanelOptions } from './options';

export interface Target {
  sessionId: string | undefined;
  traceId: string | undefined;
  recordingId: string | undefined;
  /** Unix milliseconds to open at; undefined for where the session or the trace begins. */
  time: number | undefined;
  /** The trace that is looked at, where its spans are known. */
  focus: TraceReading | undefined;
  /** All traces of the session that were handed in. */
  traces: readonly TraceReading[];
  dataSourceUid: string | undefined;
}

/**
 * * `no_data`: nothing was asked for
 * * `no_trace`: data came, but nothing in it names a trace or a session
 */
export type NothingToPlay = 'no_data' | 'no_trace';

type Interpolate = (text: string) => string;

/**
 * @param chosenTraceId the one that a viewer picked, where several came
 */
export function readTarget(
  series: readonly DataFrame[],
  options: PanelOptions,
  interpolate: Interpolate,
  chosenTraceId?: string,
): Target | NothingToPlay {
  const option = (text: string): string | undefined => resolved(interpolate(text));
  const query = series.map(readSessionFrame).find((target) => target !== undefined);
  const all = readTraces(series);
  const askedTrace = option(options.traceId) ?? query?.traceId;
  const askedSession = option(options.sessionId) ?? query?.sessionId;
  const askedId = chosenTraceId ?? (askedTrace === undefined ? undefined : padTraceId(askedTrace));
  const focus =
    all.find(({ traceId }) => traceId === askedId) ?? bestOf(all, askedId, askedSession);
  const sessionId = askedSession ?? focus?.sessionId;
  const traceId = askedId ?? focus?.traceId;
  if (sessionId === undefined && traceId === undefined) {
    return series.some(({ length }) => length > 0) ? 'no_trace' : 'no_data';
  }
  const dataSourceUid = resolved(interpolate(options.dataSourceUid)) ?? query?.datasourceUid;
  const isSame = (trace: TraceReading) =>
    trace === focus || (sessionId !== undefined && trace.sessionId === sessionId);
  const spanId = option(options.spanId) ?? query?.spanId;
  return {
    sessionId,
    traceId,
    recordingId: focus?.sessionId === sessionId ? focus?.recordingId : undefined,
    time: query?.time ?? timeOf(focus, spanId, options.leadInSeconds),
    focus,
    traces: all.filter(isSame),
    dataSourceUid,
  };
}

/** Of several: one of the session that is asked for, else one with a session that failed. */
function bestOf(
  all: readonly TraceReading[],
  askedTrace: string | undefined,
  askedSession: string | undefined,
): TraceReading | undefined {
  if (askedTrace !== undefined) {
    return undefined;
  }
  const candidates =
    askedSession === undefined ? all : all.filter(({ sessionId }) => sessionId === askedSession);
  const worth = ({ sessionId, errors }: TraceReading): number =>
    (sessionId === undefined ? 0 : 2) + (errors.length > 0 ? 1 : 0);
  return [...candidates].sort((a, b) => worth(b) - worth(a))[0];
}

function timeOf(
  focus: TraceReading | undefined,
  spanId: string | undefined,
  leadInSeconds: number,
): number | undefined {
  const span = focus && focusedSpan(focus, spanId);
  const time = focus && span && browserTimeOf(focus, span);
  return time === undefined ? undefined : time - leadInSeconds * 1000;
}

/** A variable that does not exist is left as it was written. */
function resolved(text: string): string | undefined {
  const value = text.trim();
  const isUnresolved = /\$\{?\w|\[\[\w/.test(value);
  return value === '' || isUnresolved || value === '$__all' ? undefined : value;
}
