/** The span a replay opens at, and the trace's moments on the time line. */
import { alignSpans, type Mark, type SpanInfo } from '@otel-replay/player';
import type { TraceReading } from './read-traces';

/** More of them cannot be told apart on a time line. */
const MAX_MARKS = 200;

/** The span with that id; else the one in which the first failure began; else the first one. */
export function focusedSpan(trace: TraceReading, spanId?: string): SpanInfo | undefined {
  const wanted = spanId?.trim().toLowerCase().padStart(16, '0');
  const named = wanted === undefined ? undefined : trace.spans.find((s) => s.spanId === wanted);
  return named ?? beginningOf(trace.errors) ?? trace.spans[0];
}

/**
 * Unix milliseconds of the browser's clock at which `span` began. Undefined when no span of the
 * browser is there to tell its clock: the replay API knows it then, by what it measured.
 */
export function browserTimeOf(trace: TraceReading, span: SpanInfo): number | undefined {
  if (!trace.spans.some(({ origin }) => origin === 'browser')) {
    return undefined;
  }
  return alignSpans(trace.spans, 0).find(({ spanId }) => spanId === span.spanId)?.startTime;
}

/**
 * What failed in the traces and what their spans tell of, for the time line.
 * @param skewMs processor clock minus browser clock
 */
export function marksOf(traces: readonly TraceReading[], skewMs: number): Mark[] {
  const marks: Mark[] = [];
  for (const { traceId, spans } of traces) {
    const aligned = alignSpans(spans, skewMs);
    const failed = aligned.filter((span) => span.status === 'error');
    // One mark for each trace: every span above the one that failed says it again.
    const first = beginningOf(failed);
    if (first !== undefined) {
      marks.push({
        id: `trace/${traceId}`,
        kind: 'error',
        time: first.startTime,
        label: labelOf(first),
        ...at(first),
      });
    }
    for (const span of aligned) {
      const told = span.events.filter(({ name }) => name !== 'exception' && !isOurs(name));
      for (const [index, { name, timestamp }] of told.entries()) {
        marks.push({
          id: `trace/${traceId}/${span.spanId}/${index}`,
          kind: 'event',
          time: timestamp,
          label: `${name} (${span.serviceName || span.name})`,
          ...at(span),
        });
      }
    }
  }
  return marks.slice(0, MAX_MARKS);
}

/** A failure is passed on from child to parent, and told best where there is an exception. */
function beginningOf<S extends SpanInfo>(failed: readonly S[]): S | undefined {
  const parents = new Set(failed.map(({ parentSpanId }) => parentSpanId));
  const innermost = failed.filter(({ spanId }) => !parents.has(spanId));
  const told = innermost.find(({ events }) => events.some(({ name }) => name === 'exception'));
  return told ?? innermost[0] ?? failed[0];
}

const at = ({ traceId, spanId, serviceName }: SpanInfo) => ({ traceId, spanId, serviceName });

/** Pointers to recordings, which tell a reader nothing. */
const isOurs = (event: string): boolean => event.startsWith('session_replay.');

function labelOf({ name, serviceName, statusMessage, events }: SpanInfo): string {
  const exception = events.find((event) => event.name === 'exception')?.attributes;
  const said = exception?.['exception.message'] ?? statusMessage;
  const what = typeof said === 'string' && said !== '' ? said : name;
  return serviceName === '' ? what : `${serviceName}: ${what}`;
}
