/** A session in one line, derived from its blocks; `session.json` adds only state and decision. */
import { isBrowserClientError, type SessionSummary, type Signal } from '@otel-replay/protocol';
import { mergeRecordings, wholeSegments, type FooterSource } from './merge.js';

const ERRORS: ReadonlySet<Signal['kind']> = new Set([
  'error_span',
  'exception',
  'exception_log',
  'http_5xx',
  'failed_fetch',
]);

/** Undefined when there is neither a segment nor a `session.json`. */
export function summarize(
  sessionId: string,
  base: SessionSummary | undefined,
  sources: readonly FooterSource[],
): SessionSummary | undefined {
  const recordings = mergeRecordings(sources);
  if (recordings.length === 0) return base;
  const parts = recordings.flatMap((r) => r.segments);
  const segments = recordings
    .flatMap((r) => wholeSegments(r.segments))
    .sort((a, b) => a.firstTimestamp - b.firstTimestamp || a.index - b.index);
  const sum = (of: (s: (typeof segments)[number]) => number): number =>
    segments.reduce((n, s) => n + of(s), 0);
  const signals = distinctSignals(sources);
  const errors = signals.filter((s) => ERRORS.has(s.kind) && !isBrowserClientError(s));
  const footers = sources.map((s) => s.footer);
  const summary: SessionSummary = {
    version: 1,
    sessionId,
    firstTimestamp: Math.min(...segments.map((s) => s.firstTimestamp)),
    lastTimestamp: Math.max(...segments.map((s) => s.lastTimestamp)),
    state: base?.state ?? 'active',
    serviceNames: distinct([
      ...footers.map((f) => f.serviceName),
      ...signals.map((s) => s.serviceName),
    ]),
    urls: distinct(segments.map((s) => s.url)),
    recordingCount: recordings.length,
    segmentCount: segments.length,
    bytes: parts.reduce((n, p) => n + p.segment.bytes, 0),
    errorCount: countErrors(
      sum((s) => s.errorCount),
      errors,
    ),
    clickCount: sum((s) => s.clickCount),
    rageClickCount: sum((s) => s.rageClickCount),
    traceCount: traceIdsOf(sources).size,
  };
  for (const key of ['previousSessionId', 'userId', 'userHash', 'masking'] as const) {
    const value = footers.findLast((f) => f[key] !== undefined)?.[key];
    if (value !== undefined) summary[key] = value;
  }
  if (base?.decision !== undefined) summary.decision = base.decision;
  if (base?.lastReceived !== undefined) summary.lastReceived = base.lastReceived;
  return summary;
}

/**
 * Failures, not symptoms: what fails in one trace counts once, however many of its spans say so.
 * @param recorded the page's own errors as the recorder counted them, failed spans included
 */
function countErrors(recorded: number, errors: readonly Signal[]): number {
  const page = new Set<string>();
  const backend = new Set<string>();
  for (const { origin, traceId, spanId, timestamp } of errors) {
    (origin === 'browser' ? page : backend).add(traceId ?? spanId ?? String(timestamp));
  }
  const backendOnly = [...backend].filter((id) => !page.has(id)).length;
  return Math.max(recorded, page.size) + backendOnly;
}

/** All traces that segments or spans name. */
export function traceIdsOf(sources: readonly FooterSource[]): Set<string> {
  const ids = new Set<string>();
  for (const { footer } of sources) {
    for (const { segment, spans } of footer.entries) {
      for (const id of segment?.traceIds ?? spans?.traceIds ?? []) ids.add(id);
    }
  }
  return ids;
}

/** A retried request or a crash may have stored a signal twice. */
export function distinctSignals(sources: readonly FooterSource[]): Signal[] {
  const signals = new Map<string, Signal>();
  for (const { footer } of sources) {
    for (const { signal } of footer.entries) {
      if (signal === undefined) continue;
      const {
        kind,
        timestamp,
        traceId,
        spanId,
        serviceName,
        name,
        message,
        origin,
        httpStatusCode,
        spanKind,
        durationMs,
        attribute,
      } = signal;
      const plain: Signal = { kind, timestamp, origin };
      if (traceId !== undefined) plain.traceId = traceId;
      if (spanId !== undefined) plain.spanId = spanId;
      if (serviceName !== undefined) plain.serviceName = serviceName;
      if (name !== undefined) plain.name = name;
      if (message !== undefined) plain.message = message;
      if (httpStatusCode !== undefined) plain.httpStatusCode = httpStatusCode;
      if (spanKind !== undefined) plain.spanKind = spanKind;
      if (durationMs !== undefined) plain.durationMs = durationMs;
      if (attribute !== undefined) plain.attribute = attribute;
      signals.set(JSON.stringify(plain), plain);
    }
  }
  return [...signals.values()].sort((a, b) => a.timestamp - b.timestamp);
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((v) => v !== undefined && v !== ''))] as string[];
}
