/**
 * The one span per kept recording that goes to the trace store, so that a search there finds every
 * trace that has a replay. Its ids come from the recording's, so that a repetition is the same span.
 */
import { createHash } from 'node:crypto';
import {
  ATTR_POLICY,
  ATTR_RECORDING_ID,
  ATTR_SESSION_ID,
  ATTR_TRIGGER,
  ATTR_URI,
  encodeKeyPart,
  RECORDED_NAME,
  sessionPrefix,
  type Decision,
} from '@otel-replay/protocol';
import type { ExportRequest } from '../forward/exporter.js';

export interface Recorded {
  sessionId: string;
  recordingId: string;
  decision: Decision;
}

const SPAN_KIND_INTERNAL = 1;

/** An OTLP/JSON export request (opentelemetry-proto, trace/v1, JSON mapping). */
export function recordedSpan({ sessionId, recordingId, decision }: Recorded): ExportRequest {
  const { traceId, spanId } = decision;
  const time = `${BigInt(Math.round(decision.decidedAt)) * 1_000_000n}`;
  const span = {
    traceId: recordingId,
    spanId: createHash('sha256')
      .update(`${RECORDED_NAME} ${recordingId}`)
      .digest('hex')
      .slice(0, 16),
    name: RECORDED_NAME,
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes: attributes({
      [ATTR_SESSION_ID]: sessionId,
      [ATTR_RECORDING_ID]: recordingId,
      [ATTR_TRIGGER]: decision.reason,
      [ATTR_POLICY]: decision.policy,
      [ATTR_URI]: `${sessionPrefix(sessionId)}${encodeKeyPart(recordingId)}/`,
    }),
    // A link needs both ids (trace/v1 Span.Link).
    links: traceId === undefined || spanId === undefined ? [] : [{ traceId, spanId }],
  };
  const body = {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': 'session-replay-processor' }) },
        scopeSpans: [{ scope: { name: 'session-replay-processor' }, spans: [span] }],
      },
    ],
  };
  return {
    signal: 'traces',
    contentType: 'application/json',
    body: new TextEncoder().encode(JSON.stringify(body)),
    itemCount: 1,
  };
}

function attributes(values: Record<string, string>): unknown[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
