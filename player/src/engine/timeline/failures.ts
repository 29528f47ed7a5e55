/** What went wrong, with what traces say of it: the recorder never keeps messages, spans may. */
import { isFailure, type Mark } from './marks.js';
import type { TimelineSpan } from './spans.js';

export interface FailureRecord {
  id: string;
  kind: Mark['kind'];
  /** Unix milliseconds, browser clock. */
  time: number;
  title: string;
  message?: string;
  stack?: string;
  serviceName?: string;
  traceId?: string;
  spanId?: string;
  mark?: Mark;
}

interface Exception {
  span: TimelineSpan;
  time: number;
  type?: string;
  message?: string;
  stack?: string;
}

/**
 * Marks of failures and the exceptions of spans: one row for each mark, and one for each exception
 * of a trace that no mark tells of.
 */
export function failuresOf(
  marks: readonly Mark[],
  spans: readonly TimelineSpan[],
): FailureRecord[] {
  const exceptions = exceptionsByTrace(spans);
  const told = new Set<string>();
  const rows: FailureRecord[] = [];
  for (const mark of marks) {
    if (!isFailure(mark) && mark.kind !== 'console_error') continue;
    const { id, kind, time, label, serviceName, traceId, spanId } = mark;
    const own = traceId === undefined ? [] : (exceptions.get(traceId) ?? []);
    if (traceId !== undefined) told.add(traceId);
    const exception = own.find((e) => e.span.spanId === spanId) ?? own[0];
    const row: FailureRecord = { id, kind, time, title: label, mark };
    if (exception !== undefined) Object.assign(row, factsOf(exception));
    if (serviceName !== undefined) row.serviceName = serviceName;
    if (traceId !== undefined) row.traceId = traceId;
    const failing = spanId ?? exception?.span.spanId;
    if (failing !== undefined) row.spanId = failing;
    rows.push(row);
  }
  for (const [traceId, own] of exceptions) {
    if (told.has(traceId)) continue;
    for (const [at, exception] of own.entries()) {
      const { span, time, type, message } = exception;
      const title = [type, message].filter((part) => part !== undefined).join(': ') || span.name;
      rows.push({
        ...{ id: `exception/${traceId}/${span.spanId}/${at}`, kind: 'error', time, title },
        ...factsOf(exception),
        traceId,
        spanId: span.spanId,
      });
    }
  }
  return rows.sort((a, b) => a.time - b.time);
}

function factsOf({ span, message, type, stack }: Exception): Partial<FailureRecord> {
  const said = [type, message].filter((part) => part !== undefined).join(': ');
  return {
    serviceName: span.serviceName,
    ...(said !== '' && { message: said }),
    ...(stack !== undefined && { stack }),
  };
}

/** The first cause comes first: of nested spans that tell of one exception, the one that began last. */
function exceptionsByTrace(spans: readonly TimelineSpan[]): Map<string, Exception[]> {
  const found = new Map<string, Exception[]>();
  for (const span of spans) {
    for (const { name, timestamp, attributes } of span.events) {
      if (name !== 'exception') continue;
      const exception: Exception = { span, time: timestamp };
      const type = attributes['exception.type'];
      const message = attributes['exception.message'];
      const stack = attributes['exception.stacktrace'];
      if (typeof type === 'string') exception.type = type;
      if (typeof message === 'string') exception.message = message;
      if (typeof stack === 'string') exception.stack = stack;
      const own = found.get(span.traceId);
      if (own === undefined) found.set(span.traceId, [exception]);
      else if (!own.some((e) => e.message === exception.message && e.type === exception.type)) {
        own.push(exception);
      }
    }
  }
  for (const own of found.values()) own.sort((a, b) => b.span.startTime - a.span.startTime);
  return found;
}
