/** Requests, as the page's own instrumentation saw them. Nothing is patched for it. */
import type { RequestEvent } from '@otel-replay/protocol';
import type { Recording } from '../recording.js';
import type { SpanError } from '../trigger/errors.js';
import { isRequest, statusOf } from '../trigger/spans.js';
import { count } from './count.js';
import type { EndedSpan } from '../trigger/spans.js';

/** Per segment; what is more is counted only. */
const MAX_MARKED = 200;

const ms = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1000 + nanoseconds / 1e6;

function bytes(...values: unknown[]): number | undefined {
  return values.find((value): value is number => Number.isSafeInteger(value));
}

export function recordRequests(recording: Recording): () => void {
  return recording.on('spanEnd', ({ span, error }) => {
    const { startTime, endTime } = span;
    if (!isRequest(span) || !startTime || !endTime) return;
    const start = Math.round(ms(startTime));
    const durationMs = Math.max(0, Math.round(ms(endTime)) - start);
    const request = requestOf(span, error, { start, durationMs }, recording.sanitizeUrl);
    linkResponse(span, recording);
    if (request.failed) count(recording, 'failedRequestCount');
    if (count(recording, 'requestCount') > MAX_MARKED) return;
    recording.mark('session_replay.request', request);
  });
}

function requestOf(
  span: EndedSpan,
  error: SpanError | undefined,
  time: Pick<RequestEvent, 'start' | 'durationMs'>,
  sanitizeUrl: (url: string) => string,
): RequestEvent {
  const a = span.attributes ?? {};
  const { traceId, spanId } = span.spanContext();
  const method = a['http.request.method'] ?? a['http.method'];
  const status = statusOf(span) ?? 0;
  const request: RequestEvent = {
    // Anything else is no name of a method.
    method: typeof method === 'string' && /^[\w-]{1,20}$/.test(method) ? method : '',
    url: sanitizeUrl(String(a['url.full'] ?? a['http.url'])),
    status: Number.isSafeInteger(status) ? status : 0,
    ...time,
    traceId,
    spanId,
  };
  const requestBytes = bytes(a['http.request.body.size'], a['http.request_content_length']);
  const responseBytes = bytes(
    a['http.response.body.size'],
    a['http.response_content_length'],
    a['http.response_content_length_uncompressed'],
  );
  if (error?.trigger === 'failed_request') request.failed = true;
  else if (request.status === 0) request.aborted = true;
  if (requestBytes !== undefined) request.requestBytes = requestBytes;
  if (responseBytes !== undefined) request.responseBytes = responseBytes;
  return request;
}

/** A server that began a trace of its own says so in its answer (W3C Trace Context, level 2). */
function linkResponse({ attributes = {} }: EndedSpan, recording: Recording): void {
  const header = attributes['http.response.header.traceresponse'];
  const context = traceOf(Array.isArray(header) ? header[0] : header);
  if (context) recording.trace(...context);
}

/** Trace and span id of a W3C trace context; some servers leave the span id or the flags empty. */
export function traceOf(text: unknown): [traceId: string, spanId: string] | undefined {
  const match = /^\s*00-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}\s*$/.exec(String(text));
  const [, traceId = '', spanId = ''] = match ?? [];
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? [traceId, spanId] : undefined;
}
