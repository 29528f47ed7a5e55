/** Cuts replay out of JSON trace and log requests; the meaning is that of protobuf-cut. */
import { ContractError } from '@otel-replay/protocol';
import { Edits } from './edits.js';
import { EMPTY_SPAN_TABLE } from './empty-table.js';
import { MAYBE_SEGMENT, SUSPICIOUS } from './flags.js';
import { JsonCursor, malformedJson, parseJson, type Name } from './json-cursor.js';
import { logRecordFromJson, spanFromJson } from './json-decode.js';
import { mayMatchObject } from './json-query.js';
import { NAME, scanRecordObject, scanSpanObject } from './json-scan.js';
import {
  attributesBesidePayload,
  cutElements,
  cutPayloadOfRecord,
  cutPayloadsOfSpan,
  payloadData,
  payloadEvents,
  payloadOfRecord,
  type PayloadHolder,
  type Range,
} from './json-segments.js';
import { JsonResources, JsonSpanTable } from './json-table.js';
import type { AnyValue } from './model.js';
import { buildSegment } from './segment-builder.js';
import { logSignals, spanSignals } from './signals.js';
import { SpanRanges } from './span-ranges.js';
import type { CutOptions, CutResult } from './types.js';

interface PendingSegment extends PayloadHolder {
  /** The span around the payload event; undefined for a log record. */
  span: Range | undefined;
  resource: number;
}

/** What differs between the two signals. */
interface Shape {
  resources: Name;
  scopes: Name;
  items: Name;
  scan(cursor: JsonCursor): number;
  payloads(bytes: Uint8Array, start: number, end: number): PayloadHolder[];
  cut(edits: Edits, bytes: Uint8Array, holders: readonly PayloadHolder[]): void;
  isSpan: boolean;
}

const TRACES: Shape = {
  resources: NAME.resourceSpans,
  scopes: NAME.scopeSpans,
  items: NAME.spans,
  scan: scanSpanObject,
  payloads: payloadEvents,
  cut: cutPayloadsOfSpan,
  isSpan: true,
};

const LOGS: Shape = {
  resources: NAME.resourceLogs,
  scopes: NAME.scopeLogs,
  items: NAME.logRecords,
  scan: scanRecordObject,
  payloads: (bytes, start, end) => {
    const holder = payloadOfRecord(bytes, start, end);
    return holder === undefined ? [] : [holder];
  },
  cut: (edits, bytes, holders) => {
    for (const holder of holders) cutPayloadOfRecord(edits, bytes, holder);
  },
  isSpan: false,
};

/** Throws MalformedOtlpError when the body is not JSON. */
export function cutJsonTraces(body: Uint8Array, options: CutOptions): CutResult {
  const walk = new JsonWalk(body, TRACES, options);
  const resources = new JsonResources(body, walk.ranges);
  const result = walk.result(resources);
  result.spans = new JsonSpanTable(body, { ...walk, resources });
  for (const index of walk.suspicious) {
    const span = spanFromJson(parseJson(body, walk.ranges.start(index), walk.ranges.end(index)));
    const resource = resources.attributes(walk.ranges.resource(index));
    result.signals.push(...spanSignals(span, resource, options.query));
  }
  return result;
}

/** Throws MalformedOtlpError when the body is not JSON. */
export function cutJsonLogs(body: Uint8Array, options: CutOptions): CutResult {
  const walk = new JsonWalk(body, LOGS, options);
  const resources = new JsonResources(body, walk.ranges);
  const result = walk.result(resources);
  for (const index of walk.suspicious) {
    const { ranges } = walk;
    const record = logRecordFromJson(parseJson(body, ranges.start(index), ranges.end(index)));
    result.signals.push(...logSignals(record, resources.attributes(ranges.resource(index))));
  }
  return result;
}

class JsonWalk {
  readonly ranges = new SpanRanges();
  /** Of each span: where its trace id is, or -1 when it takes a closer look. */
  readonly plainTraceIds: number[] = [];
  readonly suspicious: number[] = [];
  readonly #body: Uint8Array;
  readonly #shape: Shape;
  readonly #options: CutOptions;
  readonly #edits = new Edits();
  readonly #cursor: JsonCursor;
  readonly #pending: PendingSegment[] = [];
  #kept = 0;
  #nothingLeft = false;

  constructor(body: Uint8Array, shape: Shape, options: CutOptions) {
    this.#body = body;
    this.#shape = shape;
    this.#options = options;
    const hasBom = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
    this.#cursor = new JsonCursor(body, hasBom ? 3 : 0);
    this.#request();
  }

  result(resources: JsonResources): CutResult {
    const body = this.#body;
    const result: CutResult = {
      contentType: 'application/json',
      forward: this.#nothingLeft ? undefined : this.#edits.empty ? body : this.#edits.apply(body),
      forwardCount: this.#kept,
      segments: [],
      rejected: [],
      signals: [],
      spans: EMPTY_SPAN_TABLE,
    };
    for (const { span, start, end, payload, resource } of this.#pending) {
      const attributes = new Map<string, AnyValue>();
      attributesBesidePayload(attributes, body, start, end);
      if (span) attributesBesidePayload(attributes, body, span.start, span.end);
      try {
        const data = payloadData(body, payload);
        const found = { attributes, data, resource: resources.attributes(resource) };
        result.segments.push(buildSegment(found, this.#options));
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        result.rejected.push(error);
      }
    }
    return result;
  }

  #request(): void {
    const cursor = this.#cursor;
    cursor.space();
    let total = 0;
    let kept = 0;
    if (cursor.firstMember()) {
      do {
        if (!cursor.keyIs(this.#shape.resources)) cursor.skip();
        else {
          const counts = cutElements(cursor, this.#edits, (start) => this.#resource(start));
          total += counts.total;
          kept += counts.kept;
        }
      } while (cursor.nextMember());
    }
    cursor.space();
    if (cursor.pos !== this.#body.length) throw malformedJson(cursor.pos);
    this.#nothingLeft = total > 0 && kept === 0;
  }

  /** True when nothing but what was cut was inside; so below. */
  #resource(start: number): boolean {
    const resource = this.ranges.resources.push({ start, end: start }) - 1;
    const empty = this.#container(this.#shape.scopes, (from) => this.#scope(from, resource));
    this.ranges.resources[resource]!.end = this.#cursor.pos;
    return empty;
  }

  #scope(start: number, resource: number): boolean {
    const scope = this.ranges.scopes.push({ start, end: start, resource }) - 1;
    const empty = this.#container(this.#shape.items, (from) => this.#item(from, scope, resource));
    this.ranges.scopes[scope]!.end = this.#cursor.pos;
    return empty;
  }

  #container(children: Name, dropped: (start: number) => boolean): boolean {
    const cursor = this.#cursor;
    let total = 0;
    let kept = 0;
    if (!cursor.firstMember()) return false;
    do {
      if (!cursor.keyIs(children)) cursor.skip();
      else {
        const counts = cutElements(cursor, this.#edits, dropped);
        total += counts.total;
        kept += counts.kept;
      }
    } while (cursor.nextMember());
    return total > 0 && kept === 0;
  }

  #item(start: number, scope: number, resource: number): boolean {
    const cursor = this.#cursor;
    const flags = this.#shape.scan(cursor);
    const end = cursor.pos;
    if ((flags & MAYBE_SEGMENT) !== 0) {
      const holders = this.#shape.payloads(this.#body, start, end);
      if (holders.length > 0) {
        const span = this.#shape.isSpan ? { start, end } : undefined;
        for (const holder of holders) this.#pending.push({ ...holder, span, resource });
        if (!this.#options.forwardSegmentSpans) return true;
        this.#shape.cut(this.#edits, this.#body, holders);
        this.#kept++;
        return false;
      }
    }
    const { query } = this.#options;
    if (
      (flags & SUSPICIOUS) !== 0 ||
      (query !== undefined && this.#shape.isSpan && mayMatchObject(cursor, start, query))
    ) {
      this.suspicious.push(this.ranges.count);
    }
    this.ranges.add(start, end, scope);
    this.plainTraceIds.push(cursor.traceIdAt);
    this.#kept++;
    return false;
  }
}
