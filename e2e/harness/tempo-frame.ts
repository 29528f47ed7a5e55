/** A trace as Grafana's Tempo data source hands it to panels: see `pkg/tsdb/tempo/trace_transform.go`. */
import type { StoredSpan } from './trace-store.js';

/** One span, ids in hex, times in Unix milliseconds. */
export interface TempoSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  serviceName: string;
  kind: 'client' | 'server' | 'producer' | 'consumer' | 'internal' | '';
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
  startTime: number;
  durationMs: number;
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
  events: { name: string; timestamp: number; attributes: Record<string, unknown> }[];
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export function tempoFrame(spans: readonly TempoSpan[]): object {
  const field = (name: string, type: string, values: unknown[]): object => ({
    name,
    type,
    config: {},
    values,
  });
  const text = (name: string, of: (span: TempoSpan) => string): object =>
    field(name, 'string', spans.map(of));
  return {
    name: 'Trace',
    refId: 'A',
    meta: { preferredVisualisationType: 'trace' },
    fields: [
      // Tempo leaves the zeros away with which the upper half begins.
      text('traceID', ({ traceId }) => traceId.replace(/^0{16}/, '')),
      text('spanID', ({ spanId }) => spanId),
      text('parentSpanID', ({ parentSpanId }) => parentSpanId ?? '0000000000000000'),
      text('operationName', ({ name }) => name),
      text('serviceName', ({ serviceName }) => serviceName),
      text('kind', ({ kind }) => kind),
      field(
        'statusCode',
        'number',
        spans.map((span) => span.statusCode),
      ),
      text('statusMessage', ({ statusMessage }) => statusMessage),
      field(
        'serviceTags',
        'other',
        spans.map((span) => tags(span.resource)),
      ),
      field(
        'startTime',
        'number',
        spans.map((span) => span.startTime),
      ),
      field(
        'duration',
        'number',
        spans.map((span) => span.durationMs),
      ),
      field('logs', 'other', spans.map(logs)),
      field(
        'references',
        'other',
        spans.map(() => null),
      ),
      field(
        'tags',
        'other',
        spans.map((span) => tags(span.attributes)),
      ),
    ],
  };
}

function logs({ events }: TempoSpan): object[] | null {
  const list = events.map(({ name, timestamp, attributes }) => ({
    timestamp,
    name,
    fields: tags(attributes) ?? [],
  }));
  return list.length === 0 ? null : list;
}

function tags(attributes: Record<string, unknown>): object[] | null {
  const list = Object.entries(attributes).map(([key, value]) => ({
    value: typeof value === 'object' ? JSON.stringify(value) : value,
    key,
  }));
  return list.length === 0 ? null : list;
}

/** What has its default value is not there. */
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number | string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: Attribute[];
  events?: { name: string; timeUnixNano: string; attributes?: Attribute[] }[];
  status?: { code?: number | string; message?: string } | null;
}

interface Attribute {
  key: string;
  value: Record<string, unknown> | null;
}

/** What a trace store was sent of a trace, in the order in which the spans began. */
export function tempoSpansOf(stored: readonly StoredSpan[], traceId: string): TempoSpan[] {
  const spans = new Map<string, TempoSpan>();
  for (const { whole } of stored) {
    const span = fromOtlp(
      whole['item'] as OtlpSpan,
      whole['resource'] as { attributes?: Attribute[] },
    );
    if (span.traceId === traceId) spans.set(span.spanId, span);
  }
  return [...spans.values()].sort((a, b) => a.startTime - b.startTime);
}

function fromOtlp(span: OtlpSpan, { attributes }: { attributes?: Attribute[] }): TempoSpan {
  const resource = plain(attributes);
  const service = resource['service.name'];
  const parentSpanId = hex(span.parentSpanId);
  const startTime = milliseconds(span.startTimeUnixNano);
  const kind = enumIndex(span.kind ?? 0, [
    'SPAN_KIND_UNSPECIFIED',
    'SPAN_KIND_INTERNAL',
    'SPAN_KIND_SERVER',
    'SPAN_KIND_CLIENT',
    'SPAN_KIND_PRODUCER',
    'SPAN_KIND_CONSUMER',
  ]);
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name: span.name,
    serviceName: typeof service === 'string' ? service : '',
    kind: KINDS[kind] ?? '',
    statusCode: enumIndex(span.status?.code ?? 0, [
      'STATUS_CODE_UNSET',
      'STATUS_CODE_OK',
      'STATUS_CODE_ERROR',
    ]),
    statusMessage: span.status?.message ?? '',
    startTime,
    durationMs: milliseconds(span.endTimeUnixNano) - startTime,
    attributes: plain(span.attributes),
    resource,
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timestamp: milliseconds(event.timeUnixNano),
      attributes: plain(event.attributes),
    })),
  };
}

const hex = (base64 = ''): string => Buffer.from(base64, 'base64').toString('hex');
const milliseconds = (nano: string): number => Number(BigInt(nano) / 1000n) / 1000;

function enumIndex(value: number | string, names: readonly string[]): number {
  return typeof value === 'number' ? value : Math.max(0, names.indexOf(value));
}

/** Each value is an object with one member that is set: which one tells its type. */
function plain(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, anyValue(value ?? {})]));
}

function anyValue(value: Record<string, unknown>): unknown {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (arrayValue !== undefined && arrayValue !== null) {
    const { values } = arrayValue as { values: Record<string, unknown>[] };
    return values.map(anyValue);
  }
  if (stringValue !== undefined) return stringValue;
  if (boolValue !== undefined) return boolValue;
  if (intValue !== undefined) return Number(intValue);
  return doubleValue ?? null;
}

/** The same as Grafana's trace view tells it to links in its header; all times in microseconds. */
export function traceViewOf(spans: readonly TempoSpan[], datasource: object): object {
  const [first] = spans;
  return {
    traceID: first?.traceId,
    traceName: first?.name,
    startTime: (first?.startTime ?? 0) * 1000,
    datasource,
    spans: spans.map((span) => ({
      traceID: span.traceId,
      spanID: span.spanId,
      parentSpanID: span.parentSpanId ?? null,
      operationName: span.name,
      startTime: span.startTime * 1000,
      duration: span.durationMs * 1000,
      kind: span.kind,
      statusCode: span.statusCode,
      statusMessage: span.statusMessage,
      tags: tags(span.attributes) ?? [],
      logs: (logs(span) ?? []).map((log) => ({
        ...log,
        timestamp: (log as { timestamp: number }).timestamp * 1000,
      })),
      references: [],
      process: { serviceName: span.serviceName, tags: tags(span.resource) ?? [] },
    })),
  };
}
