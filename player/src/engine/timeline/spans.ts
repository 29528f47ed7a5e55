/** The session's spans on the browser's clock. */
import type { SessionManifest, SpanInfo } from '@otel-replay/protocol';

/** Skew measured on requests holds their way through queues, so less than this says nothing. */
const TRUSTED_SKEW_MS = 1000;

/** A span on the time axis of the replay. */
export interface TimelineSpan extends SpanInfo {
  /** Milliseconds that were added to the span's own times. */
  shiftMs: number;
}

/**
 * Shifts backend spans to the browser's clock, trace by trace. A backend span whose parent is a
 * browser span must lie inside it; if it does not, the clocks differ by what is missing. Traces
 * without such a pair use the recording's measured skew.
 * @param clockSkewMs processor clock minus browser clock, of the recording
 */
export function alignSpans(spans: readonly SpanInfo[], clockSkewMs: number): TimelineSpan[] {
  const byId = new Map(spans.map((span) => [`${span.traceId}/${span.spanId}`, span]));
  const shifts = new Map<string, number>();
  for (const span of spans) {
    if (span.origin !== 'backend' || span.parentSpanId === undefined) continue;
    const parent = byId.get(`${span.traceId}/${span.parentSpanId}`);
    if (parent?.origin !== 'browser' || shifts.has(span.traceId)) continue;
    shifts.set(span.traceId, shiftInto(parent, span));
  }
  const fallback = backendShift(clockSkewMs);
  return spans
    .map((span) => {
      const shiftMs = span.origin === 'backend' ? (shifts.get(span.traceId) ?? fallback) : 0;
      return {
        ...span,
        startTime: span.startTime + shiftMs,
        endTime: span.endTime + shiftMs,
        events: span.events.map((e) => ({ ...e, timestamp: e.timestamp + shiftMs })),
        shiftMs,
      };
    })
    .sort((a, b) => a.startTime - b.startTime || b.endTime - a.endTime);
}

/**
 * The session's own spans and further ones that a host knows of its traces. Of a span that both know
 * the session's times stand, with the attributes of both.
 * @param extra on their own clocks
 */
export function mergeSpans(
  own: readonly TimelineSpan[],
  extra: readonly SpanInfo[],
  clockSkewMs: number,
): readonly TimelineSpan[] {
  if (extra.length === 0) return own;
  const merged = new Map(extra.map((span) => [`${span.traceId}/${span.spanId}`, span]));
  for (const { shiftMs, ...span } of own) {
    const key = `${span.traceId}/${span.spanId}`;
    merged.set(key, {
      ...span,
      startTime: span.startTime - shiftMs,
      endTime: span.endTime - shiftMs,
      attributes: { ...merged.get(key)?.attributes, ...span.attributes },
      events: span.events.map((e) => ({ ...e, timestamp: e.timestamp - shiftMs })),
    });
  }
  return alignSpans([...merged.values()], clockSkewMs);
}

/** The middle one of what the recordings measured, in milliseconds; 0 when unknown. */
export function clockSkewOf(session: Pick<SessionManifest, 'recordings'>): number {
  const skews = session.recordings.map((r) => r.clockSkewMs).sort((a, b) => a - b);
  return skews[Math.floor(skews.length / 2)] ?? 0;
}

/** What to add to a backend's times when only the recording's measured skew is known. */
export function backendShift(clockSkewMs: number): number {
  return Math.abs(clockSkewMs) >= TRUSTED_SKEW_MS ? -clockSkewMs : 0;
}

/** Milliseconds that move `child` into `parent`; 0 when it is inside, centred when it is not. */
function shiftInto(parent: SpanInfo, child: SpanInfo): number {
  if (child.startTime >= parent.startTime && child.endTime <= parent.endTime) return 0;
  const slack = parent.endTime - parent.startTime - (child.endTime - child.startTime);
  return parent.startTime - child.startTime + Math.max(0, slack / 2);
}
