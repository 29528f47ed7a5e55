/** The trace that Grafana shows, as spans of the player's time line. */
import type { SpanInfo } from '@otel-replay/player';
import { padTraceId } from '../datasource/trace-id';
import {
  sessionIdOf,
  type TraceTag,
  type TraceViewContext,
  type TraceViewSpan,
} from './trace-context';

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
/** A trace view holds up to some ten thousand spans; a time line is not read like that. */
const MAX_SPANS = 5000;

export function spansOf(context: TraceViewContext): SpanInfo[] {
  return (context.spans ?? []).slice(0, MAX_SPANS).map(spanOf);
}

function spanOf(span: TraceViewSpan): SpanInfo {
  const attributes = attributesOf(span.tags);
  const resource = attributesOf(span.process?.tags);
  const parentSpanId = parentOf(span);
  return {
    traceId: padTraceId(span.traceID),
    spanId: span.spanID,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name: span.operationName,
    kind: KINDS.find((kind) => kind === (span.kind ?? attributes['span.kind'])) ?? 'unspecified',
    serviceName: span.process?.serviceName ?? '',
    startTime: span.startTime / 1000,
    endTime: (span.startTime + span.duration) / 1000,
    status: isError(span, attributes) ? 'error' : 'unset',
    ...(span.statusMessage === undefined || span.statusMessage === ''
      ? {}
      : { statusMessage: span.statusMessage }),
    attributes: { ...resource, ...attributes },
    events: (span.logs ?? []).map((log) => {
      const fields = attributesOf(log.fields);
      return {
        name: log.name ?? textOf(fields['event']) ?? textOf(fields['message']) ?? 'event',
        timestamp: log.timestamp / 1000,
        attributes: fields,
      };
    }),
    origin: isBrowser(span, resource) ? 'browser' : 'backend',
  };
}

function isError(span: TraceViewSpan, attributes: SpanInfo['attributes']): boolean {
  return (
    span.statusCode === 2 ||
    attributes['error'] === true ||
    attributes['error'] === 'true' ||
    attributes['otel.status_code'] === 'ERROR'
  );
}

/** Only browsers set the session on their own spans; backends may carry it on by baggage. */
function isBrowser(span: TraceViewSpan, resource: SpanInfo['attributes']): boolean {
  if (Object.keys(resource).some((key) => key.startsWith('browser.'))) {
    return true;
  }
  const own = Object.fromEntries((span.tags ?? []).map(({ key, value }) => [key, [String(value)]]));
  return span.kind !== 'server' && sessionIdOf(own) !== undefined;
}

function parentOf({ parentSpanID, references }: TraceViewSpan): string | undefined {
  const id =
    parentSpanID ?? references?.find(({ refType }) => refType === 'CHILD_OF')?.spanID ?? undefined;
  return id === undefined || /^0*$/.test(id) ? undefined : id;
}

function attributesOf(tags: readonly TraceTag[] | null | undefined): SpanInfo['attributes'] {
  return Object.fromEntries((tags ?? []).map(({ key, value }) => [key, plain(value)]));
}

type Value = SpanInfo['attributes'][string];

/** A copy: what Grafana hands out must not be kept. */
function plain(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return value === null || value === undefined ? null : JSON.stringify(value);
}

const textOf = (value: Value | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
