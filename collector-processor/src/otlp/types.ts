/** What a walk through one OTLP request body yields. Views point into the body: copy what is kept. */
import type { ContractError, SegmentHeader, Signal } from '@otel-replay/protocol';

export type OtlpContentType = 'application/x-protobuf' | 'application/json';

/** A replay payload cut out of a trace or log request. */
export interface CutSegment {
  /** Checked: required attributes present, size and checksum of `data` hold. */
  header: SegmentHeader;
  /** The compressed payload as sent; base64 already decoded. */
  data: Uint8Array;
}

/** A signal with the session it names itself, if it does. */
export interface WireSignal extends Signal {
  sessionId?: string;
}

/**
 * The ordinary spans of a body, read lazily: most are only forwarded, and nothing is allocated
 * for those. Indexes are 0 .. count-1 in wire order.
 */
export interface SpanTable {
  readonly count: number;
  /** Bytes of the body, which is held as long as this is. */
  readonly bodyBytes: number;
  /** 32 lower-case hex digits. */
  traceId(index: number): string;
  /** `session.id` of the span or of its Resource. */
  sessionId(index: number): string | undefined;
  /** `session_replay.id` of the span. */
  recordingId(index: number): string | undefined;
  /** Unix milliseconds. */
  startTime(index: number): number;
  endTime(index: number): number;
  /** An OTLP export request with only these spans, their Resource and scope; a copy. */
  extract(indexes: readonly number[]): Uint8Array;
}

export interface CutResult {
  contentType: OtlpContentType;
  /**
   * What goes to the next hop: the very same buffer when nothing was cut, a new one when something
   * was, undefined when nothing but segments was in it.
   */
  forward: Uint8Array | undefined;
  /** Spans or log records in `forward`. */
  forwardCount: number;
  segments: CutSegment[];
  /** Segments that broke the contract: cut, not kept, reported by partial success. */
  rejected: ContractError[];
  signals: WireSignal[];
  spans: SpanTable;
}

/** What configuration looks for on ordinary spans; each that has it becomes a signal. */
export interface SpanQuery {
  /** Spans that took at least so long are `slow_span` signals. */
  slowSpanMs?: number;
  /** Spans with such an attribute, their Resource aside, are `attribute` signals. */
  attributes: readonly AttributeQuery[];
}

export interface AttributeQuery {
  key: string;
  /** The key as UTF-8. */
  keyBytes: Uint8Array;
  /** Texts are cut to {@link MAX_SIGNAL_TEXT} characters before. */
  matches: (value: string | number) => boolean;
}

/** Texts of signals are no longer, in characters. */
export const MAX_SIGNAL_TEXT = 256;

export interface CutOptions {
  /** Leave the segment spans in the traces, without their payload. Default false: cut them whole. */
  forwardSegmentSpans: boolean;
  /** Compressed bytes one segment may have. */
  maxSegmentBytes: number;
  /** What else than an error makes a span a signal; absent: spans are not looked at for more. */
  query?: SpanQuery;
}
