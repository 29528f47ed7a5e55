/** Damaged bodies: typed errors only, no hang, and no output a full parser would not read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBody, protobufObject } from '../../test/otlp/encode.js';
import { traceRequest } from '../../test/otlp/model.js';
import { TraceRequest } from '../../test/otlp/schema.js';
import { cutLogs, cutTraces } from './cut.js';
import { decodeSpans } from './decode-spans.js';
import { MalformedOtlpError } from './errors.js';
import type { CutResult, OtlpContentType, SpanQuery } from './types.js';

const CASES = Number(process.env['FUZZ_CASES'] ?? 3000);
const OPTIONS = { forwardSegmentSpans: false, maxSegmentBytes: 1024 };

/** Keys that the bodies have, so that values are looked at too. */
const QUERY: SpanQuery = {
  slowSpanMs: 1,
  attributes: ['a', 'http.route', 'session.id'].map((key) => ({
    ...{ key, keyBytes: Buffer.from(key), matches: (value) => value !== 's-1' },
  })),
};

/** Everything a caller may do with a body; true when it was accepted. */
function exercise(body: Uint8Array, contentType: OtlpContentType, leave: boolean): boolean {
  try {
    const cuts = [cutTraces, cutLogs].map((cut): CutResult =>
      cut(body, contentType, {
        ...OPTIONS,
        forwardSegmentSpans: leave,
        ...(leave ? {} : { query: QUERY }),
      }),
    );
    for (const { spans, forward } of cuts) {
      expect((forward?.length ?? 0) <= body.length).toBe(true);
      const all = Array.from({ length: spans.count }, (_, i) => i);
      for (const i of all) {
        expect(spans.traceId(i)).toMatch(/^([0-9a-f]{32})?$/);
        expect(spans.sessionId(i)).not.toBe('');
        expect(spans.endTime(i) - spans.startTime(i)).not.toBeNaN();
      }
      spans.extract(all);
    }
    decodeSpans(contentType, body);
    return true;
  } catch (error) {
    if (!(error instanceof MalformedOtlpError)) throw error;
    return false;
  }
}

function mutate(body: Buffer, numbers: readonly number[]): Buffer {
  let out = Buffer.from(body);
  for (const n of numbers) {
    const at = out.length === 0 ? 0 : n % out.length;
    const how = (n >> 16) % 4;
    if (how === 0) out = out.subarray(0, at);
    else if (how === 1) out[at]! ^= 1 << ((n >> 20) & 7);
    else if (how === 2) out[at] = (n >> 20) & 0xff;
    else
      out = Buffer.concat([
        out.subarray(0, at),
        Buffer.alloc((n >> 20) & 15, n >> 8),
        out.subarray(at),
      ]);
  }
  return out;
}

const FORM = {
  snake: false,
  upperHex: false,
  intsAsNumbers: true,
  enumNames: false,
  indent: 0,
  bom: false,
};

describe('damaged bodies', () => {
  it.each(['application/x-protobuf', 'application/json'] as const)('%s', (contentType) => {
    let accepted = 0;
    const mutations = fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        traceRequest,
        fc.array(mutations, { minLength: 20, maxLength: 20 }),
        fc.boolean(),
        (request, all, leave) => {
          const body =
            contentType === 'application/json'
              ? jsonBody(request, FORM)
              : Buffer.from(TraceRequest.encode(protobufObject(request)).finish());
          for (const numbers of all) {
            if (exercise(mutate(body, numbers), contentType, leave)) accepted++;
          }
        },
      ),
      { numRuns: Math.ceil(CASES / 20) },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('refuses groups, impossible fields and endless lengths', () => {
    const bad = [
      [0x0b], // start group
      [0x0c], // end group
      [0x0e], // wire type 6
      [0x00, 0x00], // field 0
      [0x0a], // no length
      [0x0a, 0x05, 0x00], // length beyond the end
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // 2^64 - 1
      [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], // eleven bytes
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00],
    ];
    for (const bytes of bad) {
      expect(() => cutTraces(Buffer.from(bytes), 'application/x-protobuf', OPTIONS)).toThrow(
        MalformedOtlpError,
      );
    }
    for (const text of [
      '',
      '[',
      'null',
      '{"resourceSpans":[{]}',
      '{} x',
      '{"a":"\\',
      '{"resourceSpans":[1]}',
    ]) {
      expect(() => cutTraces(Buffer.from(text), 'application/json', OPTIONS), text).toThrow(
        MalformedOtlpError,
      );
    }
  });

  it('is not led into deep recursion', () => {
    let value: Buffer = Buffer.from([0x18, 1]);
    const wrap = (tag: number, inner: Buffer): Buffer =>
      Buffer.concat([Buffer.from([tag, ...varint(inner.length)]), inner]);
    for (let i = 0; i < 5000; i++) value = wrap(0x2a, wrap(0x0a, value)); // arrays of arrays
    const attribute = wrap(0x4a, Buffer.concat([Buffer.from([0x0a, 1, 97]), wrap(0x12, value)]));
    const span = Buffer.concat([attribute, Buffer.from([0x7a, 2, 0x18, 2])]); // status ERROR: decoded
    const body = wrap(0x0a, wrap(0x12, wrap(0x12, span)));
    expect(cutTraces(body, 'application/x-protobuf', OPTIONS).signals).toHaveLength(1);
    expect(decodeSpans('application/x-protobuf', body)).toHaveLength(1);
    const deep = `{"resourceSpans":[{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`;
    expect(cutTraces(Buffer.from(deep), 'application/json', OPTIONS).forwardCount).toBe(0);
  });
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}
