/** Cuts replay out of protobuf trace and log requests. */
import { ContractError, SEGMENT_NAME } from '@otel-replay/protocol';
import { EMPTY_SPAN_TABLE } from './empty-table.js';
import { SEVERITY_ERROR, type AnyValue } from './model.js';
import { decodeLogRecord, decodeSpan, EVENT, LOG, SPAN } from './protobuf-decode.js';
import { MAYBE_SEGMENT, SUSPICIOUS } from './flags.js';
import { mayMatch } from './protobuf-query.js';
import { scanSpan } from './protobuf-scan.js';
import {
  attributesBesidePayload,
  cutPayloadOfRecord,
  cutPayloadsOfSpan,
  payloadData,
  payloadEvents,
  payloadOfRecord,
  type PayloadHolder,
} from './protobuf-segments.js';
import { ProtobufResources, ProtobufSpanTable } from './protobuf-table.js';
import { ProtobufWalk, type Verdict } from './protobuf-walk.js';
import { bytesEqual, eachField, LEN, readInt32, readString, VARINT } from './protobuf-wire.js';
import { buildSegment } from './segment-builder.js';
import { EXCEPTION_NAME, logSignals, spanSignals } from './signals.js';
import type { CutOptions, CutResult } from './types.js';

export interface PendingSegment extends PayloadHolder {
  /** The span around the payload event; undefined for a log record. */
  span: { start: number; end: number } | undefined;
  resource: number;
}

/** What the walk found: byte ranges, nothing decoded yet. */
export interface WalkedTraces {
  walk: ProtobufWalk;
  pending: PendingSegment[];
  /** Spans that may be signals. */
  suspicious: number[];
}

/**
 * The walk alone: every span is looked at, segments are found and cut, the rest is left as it is.
 * Throws MalformedOtlpError when the body is not protobuf.
 */
export function walkProtobufTraces(
  body: Uint8Array,
  options: Pick<CutOptions, 'forwardSegmentSpans' | 'query'>,
): WalkedTraces {
  const { query } = options;
  const walk = new ProtobufWalk(body);
  const { ranges, edits, varints } = walk;
  const pending: PendingSegment[] = [];
  const suspicious: number[] = [];
  walk.run({
    item(start, end, scope): Verdict {
      const flags = scanSpan(body, start, end, varints);
      if (flags !== 0) {
        if ((flags & MAYBE_SEGMENT) !== 0) {
          const events = payloadEvents(body, start, end);
          if (events.length > 0) {
            const resource = ranges.scopes[scope]!.resource;
            for (const event of events) pending.push({ ...event, span: { start, end }, resource });
            if (!options.forwardSegmentSpans) return 'drop';
            cutPayloadsOfSpan(edits, body, start, end);
            return 'edited';
          }
        }
      }
      if (
        (flags & SUSPICIOUS) !== 0 ||
        (query !== undefined && mayMatch(body, start, end, query, varints))
      ) {
        suspicious.push(ranges.count);
      }
      ranges.add(start, end, scope);
      return 'keep';
    },
  });
  return { walk, pending, suspicious };
}

/** Throws MalformedOtlpError when the body is not protobuf. */
export function cutProtobufTraces(body: Uint8Array, options: CutOptions): CutResult {
  const { walk, pending, suspicious } = walkProtobufTraces(body, options);
  const { ranges } = walk;
  const resources = new ProtobufResources(body, ranges);
  const result = emptyResult(walk);
  result.spans = new ProtobufSpanTable(body, ranges, resources);
  for (const index of suspicious) {
    const span = decodeSpan(body, ranges.start(index), ranges.end(index));
    const resource = resources.attributes(ranges.resource(index));
    result.signals.push(...spanSignals(span, resource, options.query));
  }
  addSegments(result, body, pending, resources, options);
  return result;
}

/** Throws MalformedOtlpError when the body is not protobuf. */
export function cutProtobufLogs(body: Uint8Array, options: CutOptions): CutResult {
  const walk = new ProtobufWalk(body);
  const { ranges, edits } = walk;
  const pending: PendingSegment[] = [];
  const suspicious: number[] = [];
  walk.run({
    item(start, end, scope): Verdict {
      const seen = scanRecord(body, start, end);
      if (seen === 'segment') {
        const holder = payloadOfRecord(body, start, end);
        if (holder !== undefined) {
          const resource = ranges.scopes[scope]!.resource;
          pending.push({ ...holder, span: undefined, resource });
          if (!options.forwardSegmentSpans) return 'drop';
          cutPayloadOfRecord(edits, body, start, end);
          return 'edited';
        }
      } else if (seen === 'suspicious') suspicious.push(ranges.count);
      ranges.add(start, end, scope);
      return 'keep';
    },
  });
  const resources = new ProtobufResources(body, ranges);
  const result = emptyResult(walk);
  for (const index of suspicious) {
    const record = decodeLogRecord(body, ranges.start(index), ranges.end(index));
    result.signals.push(...logSignals(record, resources.attributes(ranges.resource(index))));
  }
  addSegments(result, body, pending, resources, options);
  return result;
}

const EXCEPTION_KEYS = ['exception.type', 'exception.message'].map((key) => Buffer.from(key));

/** Whether a log record is worth decoding. */
function scanRecord(
  body: Uint8Array,
  start: number,
  end: number,
): 'segment' | 'suspicious' | undefined {
  let name = '';
  let suspicious = false;
  eachField(body, start, end, (f) => {
    if (f.wireType === LEN) {
      if (f.number === LOG.eventName) name = readString(body, f.start, f.end);
      else if (f.number === LOG.attributes && !suspicious) {
        suspicious = hasExceptionKey(body, f.start, f.end);
      }
    } else if (f.number === LOG.severityNumber && f.wireType === VARINT) {
      if (readInt32(body, f.start, f.end) >= SEVERITY_ERROR) suspicious = true;
    }
  });
  if (name === SEGMENT_NAME) return 'segment';
  return suspicious || name === EXCEPTION_NAME ? 'suspicious' : undefined;
}

function hasExceptionKey(body: Uint8Array, start: number, end: number): boolean {
  let matches = false;
  eachField(body, start, end, (f) => {
    if (f.number !== 1 || f.wireType !== LEN) return;
    const { start: from, end: to } = f;
    matches = EXCEPTION_KEYS.some((key) => to - from === key.length && bytesEqual(body, from, key));
  });
  return matches;
}

function emptyResult(walk: ProtobufWalk): CutResult {
  return {
    contentType: 'application/x-protobuf',
    forward: walk.forward(),
    forwardCount: walk.kept,
    segments: [],
    rejected: [],
    signals: [],
    spans: EMPTY_SPAN_TABLE,
  };
}

function addSegments(
  result: CutResult,
  body: Uint8Array,
  pending: readonly PendingSegment[],
  resources: ProtobufResources,
  options: CutOptions,
): void {
  for (const { span, start, end, payload, resource } of pending) {
    const attributes = new Map<string, AnyValue>();
    attributesBesidePayload(attributes, body, start, end, span ? EVENT.attributes : LOG.attributes);
    if (span) attributesBesidePayload(attributes, body, span.start, span.end, SPAN.attributes);
    try {
      const data = payloadData(body, payload);
      const found = { attributes, data, resource: resources.attributes(resource) };
      result.segments.push(buildSegment(found, options));
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      result.rejected.push(error);
    }
  }
}
