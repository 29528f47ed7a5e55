/** The walkers against an oracle that decodes everything: protobufjs, and JSON.parse. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTR_PAYLOAD_DATA, SEGMENT_NAME } from '@otel-replay/protocol';
import { jsonBody, protobufObject, scrambled } from '../../test/otlp/encode.js';
import {
  traceRequest,
  type ResourceModel,
  type SpanModel,
  type Value,
} from '../../test/otlp/model.js';
import { TraceRequest } from '../../test/otlp/schema.js';
import { cutTraces } from './cut.js';
import { decodeSpans } from './decode-spans.js';
import type { CutResult, SpanQuery } from './types.js';

const CUT = { forwardSegmentSpans: false, maxSegmentBytes: 1024 };
const LEAVE = { ...CUT, forwardSegmentSpans: true };
const PB = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const QUERY: SpanQuery = {
  slowSpanMs: 500,
  attributes: [
    { key: 'a', keyBytes: Buffer.from('a'), matches: (value) => typeof value === 'number' },
    { key: 'http.route', keyBytes: Buffer.from('http.route'), matches: (v) => v === '/slow' },
  ],
};
const ASK = { ...CUT, query: QUERY };
const RUNS = { numRuns: Number(process.env['ORACLE_RUNS'] ?? 100) };

const isPayload = (span: SpanModel): boolean =>
  span.events.some(
    (e) => e.name === SEGMENT_NAME && e.attributes.some(([k]) => k === ATTR_PAYLOAD_DATA),
  );

/** What must be forwarded. */
function expectedForward(request: readonly ResourceModel[], leave: boolean): ResourceModel[] {
  return request.flatMap((resource) => {
    const scopes = resource.scopes.flatMap((scope) => {
      const spans = scope.spans.flatMap((span) => {
        if (!isPayload(span)) return [span];
        if (!leave) return [];
        const events = span.events.map((e) =>
          e.name === SEGMENT_NAME
            ? { ...e, attributes: e.attributes.filter(([k]) => k !== ATTR_PAYLOAD_DATA) }
            : e,
        );
        return [{ ...span, events }];
      });
      return spans.length === 0 && scope.spans.length > 0 ? [] : [{ ...scope, spans }];
    });
    return scopes.length === 0 && resource.scopes.length > 0 ? [] : [{ ...resource, scopes }];
  });
}

const encode = (request: readonly ResourceModel[]): Buffer =>
  Buffer.from(TraceRequest.encode(protobufObject(request)).finish());
const decode = (body: Uint8Array): unknown =>
  TraceRequest.toObject(TraceRequest.decode(body), { longs: String, bytes: String, arrays: true });

function allSpans(
  request: readonly ResourceModel[],
): { span: SpanModel; resource: ResourceModel }[] {
  return request.flatMap((resource) =>
    resource.scopes.flatMap((scope) => scope.spans.map((span) => ({ span, resource }))),
  );
}

function text(attributes: SpanModel['attributes'], key: string): string | undefined {
  const value = attributes.find(([k]) => k === key)?.[1];
  return value !== undefined && 'string' in value ? value.string : undefined;
}

function expectedSignals(request: readonly ResourceModel[]): string[] {
  return allSpans(request).flatMap(({ span }) => {
    if (isPayload(span)) return [];
    const number = (key: string): number | undefined => {
      const value = span.attributes.find(([k]) => k === key)?.[1];
      return value !== undefined && 'int' in value ? Number(value.int) : undefined;
    };
    const code = number('http.response.status_code') ?? number('http.status_code');
    return [
      ...(span.statusCode === 2 ? ['error_span'] : []),
      ...(code !== undefined && code >= 500 && code < 600 ? ['http_5xx'] : []),
      ...(code === 0 && span.kind === 3 ? ['failed_fetch'] : []),
      ...span.events.filter((e) => e.name === 'exception').map(() => 'exception'),
    ].map((kind) => `${kind} ${span.spanId}`);
  });
}

/** `kind spanId what`, of slow spans and wanted attributes. */
function expectedFound(request: readonly ResourceModel[]): string[] {
  return allSpans(request).flatMap(({ span }) => {
    if (isPayload(span)) return [];
    const took = span.start > 0n ? span.end - span.start : 0n;
    const value = (key: string): string | number | undefined => {
      const found = span.attributes.find(([k]) => k === key)?.[1];
      if (found === undefined) return undefined;
      if ('int' in found) return Number(found.int);
      return 'double' in found ? found.double : 'string' in found ? found.string : undefined;
    };
    const number = value('a');
    return [
      ...(took >= 500_000_000n ? [`slow_span ${span.spanId} ${Number(took / 1000n) / 1000}`] : []),
      ...(typeof number === 'number' ? [`attribute ${span.spanId} a ${number}`] : []),
      ...(value('http.route') === '/slow' ? [`attribute ${span.spanId} http.route /slow`] : []),
    ];
  });
}

function found(result: CutResult): string[] {
  return result.signals.flatMap(({ kind, spanId, durationMs, attribute }) =>
    durationMs === undefined
      ? attribute === undefined
        ? []
        : [`${kind} ${spanId} ${attribute.key} ${attribute.value}`]
      : [`${kind} ${spanId} ${durationMs}`],
  );
}

function expectSpanTable(result: CutResult, request: readonly ResourceModel[]): void {
  const ordinary = allSpans(request).filter(({ span }) => !isPayload(span));
  expect(result.spans.count).toBe(ordinary.length);
  ordinary.forEach(({ span, resource }, i) => {
    expect(result.spans.traceId(i)).toBe(span.traceId);
    expect(result.spans.sessionId(i)).toBe(
      text(span.attributes, 'session.id') ??
        text(resource.attributes, 'session.id') ??
        (span.traceState.includes('sr=') ? 'from-state' : undefined),
    );
    expect(result.spans.recordingId(i)).toBe(text(span.attributes, 'session_replay.id'));
    expect(result.spans.startTime(i)).toBeCloseTo(Number(span.start) / 1e6, 0);
    expect(result.spans.endTime(i)).toBeCloseTo(Number(span.end) / 1e6, 0);
  });
}

const outcome = (result: CutResult): unknown => ({
  ...result,
  contentType: undefined,
  forward: undefined,
  spans: undefined,
  segments: result.segments.map(({ header, data }) => ({
    header,
    data: Buffer.from(data).toString('hex'),
  })),
});

describe('protobuf walker', () => {
  it('forwards canonical bodies byte for byte as an encoder would write the rest', () => {
    fc.assert(
      fc.property(traceRequest, (request) => {
        const body = encode(request);
        for (const options of [CUT, LEAVE]) {
          const result = cutTraces(body, PB, options);
          const rest = expectedForward(request, options.forwardSegmentSpans);
          const forward = result.forward ?? Buffer.alloc(0);
          expect(Buffer.from(forward).equals(encode(rest))).toBe(true);
          expect(result.forwardCount).toBe(allSpans(rest).length);
          const segments = allSpans(request).filter(({ span }) => isPayload(span)).length;
          expect(result.segments.length + result.rejected.length).toBe(segments);
          if (segments === 0) expect(result.forward).toBe(body);
        }
      }),
      RUNS,
    );
  });

  it('reads fields in any order, padded varints and unknown fields, and keeps them', () => {
    fc.assert(
      fc.property(traceRequest, fc.infiniteStream(fc.nat(0xffff)), (request, numbers) => {
        const random = (n: number): number => (numbers.next().value as number) % n;
        const body = scrambled(TraceRequest, protobufObject(request), random);
        for (const options of [CUT, LEAVE]) {
          const result = cutTraces(body, PB, options);
          const rest = expectedForward(request, options.forwardSegmentSpans);
          expect(decode(result.forward ?? Buffer.alloc(0))).toEqual(decode(encode(rest)));
          expect(outcome(result)).toEqual(outcome(cutTraces(encode(request), PB, options)));
          expectSpanTable(result, request);
          const signals = result.signals.map((s) => `${s.kind} ${s.spanId}`);
          expect(signals).toEqual(expectedSignals(request));
        }
      }),
      RUNS,
    );
  });

  it('finds what it is asked for, in every form, and everything else as before', () => {
    fc.assert(
      fc.property(timedRequest, fc.infiniteStream(fc.nat(0xffff)), (request, numbers) => {
        const random = (n: number): number => (numbers.next().value as number) % n;
        const body = scrambled(TraceRequest, protobufObject(request), random);
        for (const bytes of [body, encode(request)]) {
          const asked = cutTraces(bytes, PB, ASK);
          expect(found(asked)).toEqual(expectedFound(request));
          const others = asked.signals.filter((s) => !FOUND.has(s.kind));
          expect({ ...asked, signals: others }).toEqual(cutTraces(bytes, PB, CUT));
        }
      }),
      RUNS,
    );
  });

  it('extracts any choice of spans with their Resource and scope', () => {
    fc.assert(
      fc.property(traceRequest, fc.nat(0xffff), (request, mask) => {
        const { spans } = cutTraces(encode(request), PB, CUT);
        const chosen = Array.from({ length: spans.count }, (_, i) => i).filter(
          (i) => (mask >> i) & 1,
        );
        let i = 0;
        const wanted = expectedForward(request, false).flatMap((resource) => {
          const scopes = resource.scopes.flatMap((scope) => {
            const left = scope.spans.filter(() => chosen.includes(i++));
            return left.length > 0 ? [{ ...scope, spans: left }] : [];
          });
          return scopes.length > 0 ? [{ ...resource, scopes }] : [];
        });
        // An encoder writes the schema URL behind the scopes, an extract before: compare meaning.
        expect(decode(spans.extract(chosen))).toEqual(decode(encode(wanted)));
      }),
      RUNS,
    );
  });
});

const FOUND = new Set(['slow_span', 'attribute']);

/** Around the threshold, from 2004 to 2036. */
const timedRequest = fc
  .tuple(
    traceRequest,
    fc.array(
      fc.tuple(
        fc.bigInt({ min: 11n * 10n ** 17n, max: 21n * 10n ** 17n }),
        fc.constantFrom(0n, 499_998_000n, 499_999_000n, 500_000_000n, 500_001_000n, 10n ** 15n),
        fc.constantFrom<Value>({ string: '/slow' }, { string: '/' }, { double: 1.5 }, { int: 7n }),
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([request, choices]): ResourceModel[] => {
    let n = 0;
    return request.map((resource) => ({
      ...resource,
      scopes: resource.scopes.map((scope) => ({
        ...scope,
        spans: scope.spans.map((span) => {
          const [at, took, value] = choices[n++ % choices.length]!;
          // Whole microseconds: what is finer is rounded away.
          const start = n % 5 === 0 ? 0n : at - (at % 1000n);
          const key = 'double' in value || 'int' in value ? 'a' : 'http.route';
          const rest = span.attributes.filter(([k]) => k !== key);
          return {
            ...span,
            start,
            end: start + took,
            attributes: [...rest, [key, value] as [string, Value]],
          };
        }),
      })),
    }));
  });

const form = fc.record({
  snake: fc.boolean(),
  upperHex: fc.boolean(),
  intsAsNumbers: fc.boolean(),
  enumNames: fc.boolean(),
  indent: fc.constantFrom(0, 2),
  bom: fc.boolean(),
});

describe('JSON walker', () => {
  it('means the same as the protobuf walker in every form, and keeps every byte beside the cuts', () => {
    fc.assert(
      fc.property(traceRequest, form, (request, jsonForm) => {
        const body = jsonBody(request, jsonForm);
        for (const options of [CUT, LEAVE]) {
          const result = cutTraces(body, JSON_TYPE, options);
          const rest = expectedForward(request, options.forwardSegmentSpans);
          const protobuf = cutTraces(encode(request), PB, options);
          expect(outcome(result)).toEqual(outcome(protobuf));
          expectSpanTable(result, request);
          expect(result.forward === undefined).toBe(
            protobuf.forward === undefined || (rest.length === 0 && request.length > 0),
          );
          if (result.forward === undefined) continue;
          const parse = (bytes: Uint8Array): unknown =>
            JSON.parse(
              Buffer.from(bytes)
                .toString()
                .replace(/^\ufeff/, ''),
            );
          expect(parse(result.forward)).toEqual(parse(jsonBody(rest, jsonForm)));
          if (jsonForm.indent === 0)
            expect(Buffer.from(result.forward).equals(jsonBody(rest, jsonForm))).toBe(true);
          const all = Array.from({ length: result.spans.count }, (_, i) => i);
          expect(decodeSpans(JSON_TYPE, result.spans.extract(all))).toEqual(
            decodeSpans(PB, protobuf.spans.extract(all)),
          );
        }
      }),
      RUNS,
    );
  });

  it('finds what it is asked for as the protobuf walker does', () => {
    fc.assert(
      fc.property(timedRequest, form, (request, jsonForm) => {
        const asked = cutTraces(jsonBody(request, jsonForm), JSON_TYPE, ASK);
        expect(found(asked)).toEqual(expectedFound(request));
        expect(outcome(asked)).toEqual(outcome(cutTraces(encode(request), PB, ASK)));
      }),
      RUNS,
    );
  });
});
