/** Traces in what a panel is given: Tempo's, Jaeger's, Zipkin's frames, of this Grafana and of older ones. */
import type { DataFrame } from '@grafana/data';
import type { SpanInfo } from '@otel-replay/player';
import { readRow, type SpanRow } from './span-row';

export interface TraceReading {
  /** 32 lower-hex digits, however many the frame had. */
  traceId: string;
  /** The session that most of its spans name. */
  sessionId: string | undefined;
  /** The document whose recorder saw it, where a span names it. */
  recordingId: string | undefined;
  /** On their own clocks, in order. */
  spans: SpanInfo[];
  /** Those that failed, in order; of a failure that was passed on, every span that says so. */
  errors: SpanInfo[];
}

/** A trace view holds up to some ten thousand spans; a time line is not read like that. */
const MAX_SPANS = 5000;
/** What makes a frame one of spans; node graphs and tables come along with them. */
const NEEDED = ['traceID', 'spanID', 'startTime'];

/** In order of their first span. Frames that hold no spans are passed over, and so are broken rows. */
export function readTraces(frames: readonly DataFrame[]): TraceReading[] {
  const traces = new Map<string, Map<string, SpanRow>>();
  let count = 0;
  for (const row of frames.flatMap((frame) => [...rowsOf(frame)])) {
    const { traceId, spanId } = row.span;
    const rows = traces.get(traceId) ?? new Map<string, SpanRow>();
    if (count >= MAX_SPANS || rows.has(spanId)) {
      continue;
    }
    count++;
    traces.set(traceId, rows.set(spanId, row));
  }
  return [...traces]
    .map(([traceId, rows]) => reading(traceId, [...rows.values()]))
    .sort((a, b) => (a.spans[0]?.startTime ?? 0) - (b.spans[0]?.startTime ?? 0));
}

function* rowsOf(frame: DataFrame): Iterable<SpanRow> {
  const fields = new Map((frame?.fields ?? []).map((field) => [field.name, field.values]));
  if (!NEEDED.every((name) => fields.has(name))) {
    return;
  }
  const length = Math.min(fields.get('spanID')?.length ?? 0, MAX_SPANS);
  for (let at = 0; at < length; at++) {
    const row = readRow((name) => fields.get(name)?.[at]);
    if (row !== undefined) {
      yield row;
    }
  }
}

function reading(traceId: string, rows: SpanRow[]): TraceReading {
  rows.sort((a, b) => a.span.startTime - b.span.startTime || b.span.endTime - a.span.endTime);
  const sessionId = mostOften(rows.map((row) => row.sessionId));
  const ofSession = rows.filter((row) => row.sessionId === sessionId);
  const spans = rows.map(({ span }) => span);
  return {
    traceId,
    sessionId,
    recordingId: mostOften(ofSession.map((row) => row.recordingId)),
    spans,
    errors: spans.filter(({ status }) => status === 'error'),
  };
}

/** The first of those that are there most often. */
function mostOften(values: Array<string | undefined>): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value !== undefined) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
