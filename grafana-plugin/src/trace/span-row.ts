/** One row of a trace frame as a span of the player's, whichever data source wrote it. */
import type { SpanInfo } from '@otel-replay/player';
import { padTraceId } from '../datasource/trace-id';
import { listOf, tagsOf, textOf, type Attributes } from './tags';
import { momentOf, numberOf, unitsPerMillisecond } from './times';

/** The cell of a row, by the name of its field; undefined where there is no such field. */
export type Row = (field: string) => unknown;

export interface SpanRow {
  span: SpanInfo;
  sessionId: string | undefined;
  /** `session_replay.id`: the document that was recorded. */
  recordingId: string | undefined;
}

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
/** Of the OpenTelemetry semantic conventions; the second as Grafana's own links accept it. */
const SESSION_KEYS = ['session.id', 'session_id'];
const MAX_ID = 256;

/** Undefined for a row without ids or times, which is no span. */
export function readRow(row: Row): SpanRow | undefined {
  const traceId = idOf(row('traceID'));
  const spanId = idOf(row('spanID'));
  const start = numberOf(row('startTime'));
  if (traceId === undefined || spanId === undefined || start === undefined || start <= 0) {
    return undefined;
  }
  const tags = tagsOf(row('tags'));
  const resource = tagsOf(row('serviceTags'));
  const startTime = start / unitsPerMillisecond(start);
  // In the unit of the start: nothing else tells a duration's unit.
  const duration = Math.max(0, numberOf(row('duration')) ?? 0) / unitsPerMillisecond(start);
  const events = listOf(row('logs')).flatMap((log) => eventOf(log) ?? []);
  const parent = idOf(row('parentSpanID'));
  const kind = kindOf(row, tags);
  const statusMessage = textOf(row('statusMessage')) ?? textOf(tags['otel.status_description']);
  const span: SpanInfo = {
    traceId: padTraceId(traceId),
    spanId: padSpanId(spanId),
    ...(parent === undefined || /^0+$/.test(parent) ? {} : { parentSpanId: padSpanId(parent) }),
    name: textOf(row('operationName')) ?? 'span',
    kind,
    serviceName: textOf(row('serviceName')) ?? textOf(resource['service.name']) ?? '',
    startTime,
    endTime: startTime + duration,
    status: statusOf(row, tags, events),
    ...(statusMessage === undefined ? {} : { statusMessage }),
    attributes: { ...resource, ...tags },
    events,
    origin: isBrowser(tags, resource, kind) ? 'browser' : 'backend',
  };
  return {
    span,
    sessionId: sessionOf(tags) ?? sessionOf(resource),
    recordingId: textOf(tags['session_replay.id']) ?? textOf(resource['session_replay.id']),
  };
}

function idOf(value: unknown): string | undefined {
  const id = textOf(value)?.trim();
  return id === undefined || id === '' || id.length > MAX_ID ? undefined : id;
}

function padSpanId(id: string): string {
  const lower = id.toLowerCase();
  return /^[0-9a-f]{1,16}$/.test(lower) ? lower.padStart(16, '0') : id;
}

function kindOf(row: Row, tags: Attributes): SpanInfo['kind'] {
  // A field of Tempo's, a tag of Jaeger's, another one of Zipkin's.
  const told = textOf(row('kind')) ?? textOf(tags['span.kind']) ?? textOf(tags['kind']);
  return KINDS.find((kind) => kind === told?.toLowerCase()) ?? 'unspecified';
}

function statusOf(row: Row, tags: Attributes, events: SpanInfo['events']): SpanInfo['status'] {
  const code = numberOf(row('statusCode'));
  const error = tags['error'];
  const isError =
    code === 2 ||
    tags['otel.status_code'] === 'ERROR' ||
    error === true ||
    // Zipkin's holds the message.
    (typeof error === 'string' && error !== '' && error !== 'false') ||
    events.some(({ name }) => name === 'exception');
  if (isError) {
    return 'error';
  }
  return code === 1 || tags['otel.status_code'] === 'OK' ? 'ok' : 'unset';
}

function eventOf(log: unknown): SpanInfo['events'][number] | undefined {
  const { timestamp, name, fields } = Object(log) as Record<string, unknown>;
  const time = momentOf(timestamp);
  if (time === undefined) {
    return undefined;
  }
  const attributes = tagsOf(fields);
  // Jaeger, older Grafanas, and Zipkin keep the name among the fields.
  const told = ['event', 'message', 'annotation'].map((key) => textOf(attributes[key]));
  const named = textOf(name) ?? told.find((text) => text !== undefined);
  const isException = 'exception.type' in attributes || 'exception.message' in attributes;
  return { name: isException ? 'exception' : (named ?? 'event'), timestamp: time, attributes };
}

function sessionOf(attributes: Attributes): string | undefined {
  for (const key of SESSION_KEYS) {
    const id = textOf(attributes[key]);
    if (id !== undefined && id.length <= MAX_ID) {
      return id;
    }
  }
  return undefined;
}

/** Backends may carry the session on by baggage, so that it alone does not tell. */
function isBrowser(tags: Attributes, resource: Attributes, kind: SpanInfo['kind']): boolean {
  const language = resource['telemetry.sdk.language'];
  if (language === 'webjs' || Object.keys(resource).some((key) => key.startsWith('browser.'))) {
    return true;
  }
  return language === undefined && kind !== 'server' && sessionOf(tags) !== undefined;
}
