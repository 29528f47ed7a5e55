/** Errors of the page: their type and trace, never their message, which may hold user text. */
import type { TriggerName } from './options.js';
import { isRequest, KIND_CLIENT, statusOf, type EndedSpan } from './spans.js';

export interface PageError {
  /** Constructor name, `error.type` or `Error`. */
  type: string;
  traceId?: string;
}

export interface SpanError extends PageError {
  trigger: TriggerName;
}

/** Type names are code; anything else in their place is not recorded. */
function typeName(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z_$][\w$.:]{0,99}$/.test(value) ? value : 'Error';
}

/** Of anything that was thrown while the trace was under way. */
export function describeError(reason: unknown, traceId: string | undefined): PageError {
  const type = typeName((reason as Error | null | undefined)?.name);
  return { type, ...(traceId && { traceId }) };
}

/** Of what the window is told; undefined for elements that fail to load, which come by there too. */
export function describeEvent(event: Event, traceId: string | undefined): PageError | undefined {
  if (event.type === 'error' && !(event instanceof ErrorEvent)) return undefined;
  const { error, reason = error } = event as Event & { error?: unknown; reason?: unknown };
  return describeError(reason, traceId);
}

const STATUS_ERROR = 2;

/**
 * Returns what tells the error, if any, of a span. A request answered with 4xx is none, though its
 * client span has status ERROR by convention: a form refused or a picture missing would make every
 * session one with errors.
 *
 * Fetch instrumentation leaves a request that failed unset, with status 0, and one that the page
 * gave up as well. It finds the browser's timing of the former only; so where spans carry timings,
 * one without was given up.
 */
export function createErrorReader(): (span: EndedSpan) => SpanError | undefined {
  let withTimings = false;
  return (span) => {
    const { attributes = {}, events = [] } = span;
    const has = (name: string): boolean => events.some((event) => event.name === name);
    const type = attributes['error.type'];
    const isError = span.status?.code === STATUS_ERROR;
    const code =
      span.kind === KIND_CLIENT ? (statusOf(span) ?? (isError && isRequest(span) ? 0 : 200)) : NaN;
    const timed = has('fetchStart');
    withTimings ||= timed;
    const aborted =
      type === undefined
        ? timed !== withTimings || /abort/i.test(String(attributes['http.status_text']))
        : type === 'AbortError';
    const failed = code >= 500 || (code === 0 && !aborted);
    const refused = code === 0 || (code >= 400 && code < 500);
    if (!failed && !(isError && !refused) && !has('exception')) return undefined;
    const exception = events.find((event) => event.name === 'exception');
    return {
      type: typeName(exception?.attributes?.['exception.type'] ?? type),
      traceId: span.spanContext().traceId,
      trigger: failed ? 'failed_request' : 'error',
    };
  };
}
