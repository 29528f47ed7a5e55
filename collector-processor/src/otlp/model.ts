/** Spans and log records decoded from either encoding: only the few that are looked into. */
export type AnyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly AnyValue[]
  | { readonly [key: string]: AnyValue };

/** First one wins where a sender repeats a key, as in the Collector. */
export type Attributes = ReadonlyMap<string, AnyValue>;

export interface DecodedEvent {
  name: string;
  /** Unix milliseconds with fractions, as all times here. */
  time: number;
  attributes: Attributes;
}

export interface DecodedSpan {
  /** Lower-case hex; empty when absent or of a wrong length. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  name: string;
  /** OTLP `SpanKind`; 3 is CLIENT. */
  kind: number;
  startTime: number;
  endTime: number;
  attributes: Attributes;
  events: DecodedEvent[];
  /** OTLP `StatusCode`; 2 is ERROR. */
  statusCode: number;
  statusMessage: string;
}

export interface DecodedLogRecord {
  eventName: string;
  traceId: string;
  spanId: string;
  severityNumber: number;
  time: number;
  body: AnyValue;
  attributes: Attributes;
}

export const SPAN_KIND_CLIENT = 3;
export const STATUS_CODE_ERROR = 2;
/** OTLP `SEVERITY_NUMBER_ERROR`. */
export const SEVERITY_ERROR = 17;
/** Attribute values nest no deeper than this here; what is deeper reads as null. */
export const MAX_VALUE_DEPTH = 32;

/** The `session.id` a trace state carries as its `sr` entry (wire contract, section 2). */
export function sessionOfTraceState(traceState: string): string | undefined {
  for (const entry of traceState.split(',')) {
    const trimmed = entry.trim();
    if (trimmed.startsWith('sr=') && trimmed.length > 3) return trimmed.slice(3);
  }
  return undefined;
}

export function stringOf(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
