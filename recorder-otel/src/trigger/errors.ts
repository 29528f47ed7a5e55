/** Errors of the page: their type and trace, never their message, which may hold user text. */
import { trace } from '@opentelemetry/api';
import type { Guard } from '../guard.js';
import { listen } from '../listen.js';

export interface PageError {
  /** Constructor name, `error.type` or `Error`. */
  type: string;
  traceId?: string;
}

/** What is read of an ended span. */
export interface EndedSpan {
  spanContext(): { traceId: string; spanId: string };
  kind?: number;
  status?: { code?: number };
  attributes?: Readonly<Record<string, unknown>>;
  events?: readonly { name: string; attributes?: Readonly<Record<string, unknown>> }[];
}

/** Type names are code; anything else in their place is not recorded. */
function typeName(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z_$][\w$.:]{0,99}$/.test(value) ? value : 'Error';
}

export function watchErrors(guard: Guard, onError: (error: PageError) => void): () => void {
  const report = guard.wrap('error', (event: Event) => {
    // Elements that fail to load also come by here, as plain events.
    if (event.type === 'error' && !(event instanceof ErrorEvent)) return;
    const { error, reason = error } = event as Event & { error?: unknown; reason?: unknown };
    const type = typeName((reason as Error | null | undefined)?.name);
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    onError({ type, ...(traceId && { traceId }) });
  });
  return listen(window, 'error unhandledrejection', report);
}

const STATUS_ERROR = 2;
const KIND_CLIENT = 2;

/**
 * The error a span tells of; fetch instrumentation leaves failed requests unset, with status 0. A
 * request answered with 4xx is none, though its client span has status ERROR by convention: a form
 * refused or a picture missing would make every session one with errors.
 */
export function spanError(span: EndedSpan): PageError | undefined {
  const attributes = span.attributes ?? {};
  const type = attributes['error.type'];
  const code = span.kind === KIND_CLIENT ? Number(attributes['http.response.status_code']) : NaN;
  const failed = code === 0 && type !== 'AbortError';
  const refused = code >= 400 && code < 500;
  if ((span.status?.code !== STATUS_ERROR || refused) && !failed) return undefined;
  const exception = span.events?.find((event) => event.name === 'exception');
  return {
    type: typeName(exception?.attributes?.['exception.type'] ?? type),
    traceId: span.spanContext().traceId,
  };
}
