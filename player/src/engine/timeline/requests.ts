/** Requests of the page: from what the recorder noted, and from the page's own client spans. */
import type { SpanAttributeValue } from '@otel-replay/protocol';
import type { RequestRecord } from './records.js';
import type { TimelineSpan } from './spans.js';

export interface PageRequest extends Omit<RequestRecord, 'status'> {
  /** 0: no answer; undefined: not known. */
  status: number | undefined;
  /** What the trace says of it, where its spans are known. */
  span?: TimelineSpan;
}

/** One for each span, in order of their start; spans are there before any segment is read. */
export function requestsOf(
  records: readonly RequestRecord[],
  spans: readonly TimelineSpan[],
): PageRequest[] {
  const found = new Map<string, PageRequest>();
  for (const span of spans) {
    if (span.origin !== 'browser' || !isRequest(span)) continue;
    found.set(`${span.traceId}/${span.spanId}`, requestOfSpan(span));
  }
  for (const record of records) {
    const key = record.spanId === undefined ? record.id : `${record.traceId}/${record.spanId}`;
    const span = found.get(key)?.span;
    found.set(key, span === undefined ? record : { ...record, span });
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

function isRequest({ kind, attributes, name }: TimelineSpan): boolean {
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  return method !== undefined || (kind === 'client' && METHOD.test(name));
}

const METHOD = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b/;

function requestOfSpan(span: TimelineSpan): PageRequest {
  const { attributes: a, name, startTime, endTime, traceId, spanId } = span;
  const status = numberOf(a['http.response.status_code'] ?? a['http.status_code']);
  const requestBytes = numberOf(a['http.request.body.size'] ?? a['http.request_content_length']);
  const responseBytes = numberOf(a['http.response.body.size'] ?? a['http.response_content_length']);
  return {
    id: `span/${traceId}/${spanId}`,
    start: startTime,
    durationMs: endTime - startTime,
    method: textOf(a['http.request.method'] ?? a['http.method']) ?? METHOD.exec(name)?.[0] ?? '',
    url: textOf(a['url.full'] ?? a['http.url'] ?? a['url.path']) ?? name.replace(METHOD, '').trim(),
    status,
    failed: span.status === 'error' || (status !== undefined && status >= 500),
    aborted: false,
    ...(requestBytes !== undefined && { requestBytes }),
    ...(responseBytes !== undefined && { responseBytes }),
    traceId,
    spanId,
    span,
  };
}

/** Old instrumentations write numbers as texts. */
function numberOf(value: SpanAttributeValue | undefined): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && value !== '' ? number : undefined;
}

function textOf(value: SpanAttributeValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
