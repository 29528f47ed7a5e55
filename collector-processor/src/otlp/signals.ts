/**
 * Which ordinary spans and log records can trigger keeping a session. One signal per condition
 * that holds (a failing request with status ERROR is an `error_span` and an `http_5xx`), so that a
 * policy finds the one it asks for; `spanId` groups them. A browser's 4xx is an `error_span` with
 * its status code: policies decide.
 */
import { ATTR_RECORDING_ID, ATTR_SESSION_ID } from '@otel-replay/protocol';
import {
  sessionOfTraceState,
  SEVERITY_ERROR,
  SPAN_KIND_CLIENT,
  STATUS_CODE_ERROR,
  stringOf,
  type AnyValue,
  type Attributes,
  type DecodedLogRecord,
  type DecodedSpan,
} from './model.js';
import { MAX_SIGNAL_TEXT, type SpanQuery, type WireSignal } from './types.js';

/** Attribute keys with an HTTP response status: stable semantic conventions, then the old ones. */
export const HTTP_STATUS_KEYS = ['http.response.status_code', 'http.status_code'] as const;
export const EXCEPTION_NAME = 'exception';

/** Whether an HTTP status code alone makes a span worth decoding: 5xx, or 0 for a failed fetch. */
export function isSuspiciousHttpStatus(code: number): boolean {
  return code === 0 || (code >= 500 && code < 600);
}

export function originOf(span: Attributes, resource: Attributes): 'browser' | 'backend' {
  if (stringOf(span, ATTR_RECORDING_ID) !== undefined) return 'browser';
  for (const key of resource.keys()) if (key.startsWith('browser.')) return 'browser';
  // A backend that copies session.id from baggage is still a backend, and says its language.
  const language = stringOf(resource, 'telemetry.sdk.language');
  if (language !== undefined) return language === 'webjs' ? 'browser' : 'backend';
  return stringOf(span, ATTR_SESSION_ID) === undefined ? 'backend' : 'browser';
}

/** By OTLP `SpanKind`. */
const SPAN_KINDS = [undefined, 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export function spanSignals(
  span: DecodedSpan,
  resource: Attributes,
  query?: SpanQuery,
): WireSignal[] {
  const signals: WireSignal[] = [];
  const code = httpStatusCode(span.attributes);
  const spanKind = SPAN_KINDS[span.kind];
  const sessionId = sessionIdOf(span.attributes, resource, span.traceState);
  const add = (
    kind: WireSignal['kind'],
    timestamp: number,
    name?: string,
    message?: string,
    details?: Pick<WireSignal, 'durationMs' | 'attribute'>,
  ): void => {
    const origin = originOf(span.attributes, resource);
    const signal: WireSignal = { kind, timestamp, origin, ...details };
    if (code !== undefined) signal.httpStatusCode = code;
    if (spanKind !== undefined) signal.spanKind = spanKind;
    signals.push(complete(signal, { span, resource, sessionId, name, message }));
  };
  if (span.statusCode === STATUS_CODE_ERROR) {
    add('error_span', span.endTime, span.name, span.statusMessage);
  }
  if (code !== undefined && code >= 500 && code < 600) {
    add('http_5xx', span.endTime, span.name, span.statusMessage);
  }
  if (code === 0 && span.kind === SPAN_KIND_CLIENT && !isAborted(span)) {
    add('failed_fetch', span.endTime, span.name, span.statusMessage);
  }
  for (const event of span.events) {
    if (event.name !== EXCEPTION_NAME) continue;
    const { name, message } = exceptionOf(event.attributes);
    add('exception', event.time || span.endTime, name ?? span.name, message);
  }
  if (query?.slowSpanMs !== undefined) {
    const durationMs = durationOf(span);
    if (durationMs >= query.slowSpanMs) {
      add('slow_span', span.endTime, span.name, undefined, { durationMs });
    }
  }
  for (const { key, matches } of query?.attributes ?? []) {
    const value = comparable(span.attributes.get(key));
    if (value !== undefined && matches(value)) {
      add('attribute', span.endTime, span.name, undefined, { attribute: { key, value } });
    }
  }
  return signals;
}

/** What queries compare; undefined for what they cannot. */
export function comparable(value: AnyValue | undefined): string | number | undefined {
  if (typeof value === 'string') return value.slice(0, MAX_SIGNAL_TEXT);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** Whole microseconds; 0 for a span without both times. */
function durationOf({ startTime, endTime }: DecodedSpan): number {
  return startTime > 0 ? Math.max(0, Math.round((endTime - startTime) * 1000) / 1000) : 0;
}

export function logSignals(record: DecodedLogRecord, resource: Attributes): WireSignal[] {
  const { name, message } = exceptionOf(record.attributes);
  const isException =
    record.eventName === EXCEPTION_NAME || name !== undefined || message !== undefined;
  const sessionId = sessionIdOf(record.attributes, resource, '');
  const isError = record.severityNumber >= SEVERITY_ERROR && record.traceId !== '';
  if (!isError && !(isException && (record.traceId !== '' || sessionId !== undefined))) return [];
  const body = typeof record.body === 'string' ? record.body : undefined;
  const signal: WireSignal = {
    kind: 'exception_log',
    timestamp: record.time,
    origin: originOf(record.attributes, resource),
  };
  const code = httpStatusCode(record.attributes);
  if (code !== undefined) signal.httpStatusCode = code;
  const about = name ?? (record.eventName || body);
  return [
    complete(signal, { span: record, resource, sessionId, name: about, message: message ?? body }),
  ];
}

function complete(
  signal: WireSignal,
  from: {
    span: { traceId: string; spanId: string };
    resource: Attributes;
    sessionId: string | undefined;
    name: string | undefined;
    message: string | undefined;
  },
): WireSignal {
  const serviceName = stringOf(from.resource, 'service.name');
  if (from.span.traceId !== '') signal.traceId = from.span.traceId;
  if (from.span.spanId !== '') signal.spanId = from.span.spanId;
  if (from.sessionId !== undefined) signal.sessionId = from.sessionId;
  if (serviceName !== undefined) signal.serviceName = serviceName;
  if (from.name) signal.name = from.name.slice(0, MAX_SIGNAL_TEXT);
  if (from.message) signal.message = from.message.slice(0, MAX_SIGNAL_TEXT);
  return signal;
}

/** The session a span names: its own attribute, its Resource's, or its trace state's `sr` entry. */
export function sessionIdOf(
  span: Attributes,
  resource: Attributes,
  traceState: string,
): string | undefined {
  return (
    stringOf(span, ATTR_SESSION_ID) ??
    stringOf(resource, ATTR_SESSION_ID) ??
    sessionOfTraceState(traceState)
  );
}

function exceptionOf(attributes: Attributes): {
  name: string | undefined;
  message: string | undefined;
} {
  return {
    name: stringOf(attributes, 'exception.type'),
    message: stringOf(attributes, 'exception.message'),
  };
}

function httpStatusCode(attributes: Attributes): number | undefined {
  for (const key of HTTP_STATUS_KEYS) {
    const code = asNumber(attributes.get(key));
    if (code !== undefined) return code;
  }
  return undefined;
}

function asNumber(value: AnyValue | undefined): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  // Old instrumentations send the code as a string.
  return typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : undefined;
}

/**
 * The page gave up the request itself. No attribute of the conventions says so: fetch
 * instrumentations leave the AbortError's name or text, XHR ones an `abort` event.
 */
function isAborted(span: DecodedSpan): boolean {
  if (span.events.some((event) => event.name === 'abort')) return true;
  const texts = [
    span.statusMessage,
    span.attributes.get('error.type'),
    span.attributes.get('http.status_text'),
    span.attributes.get('http.response.status_text'),
  ];
  return texts.some((text) => typeof text === 'string' && /abort/i.test(text));
}
