/** Random OTLP trace requests as plain data, written in either encoding and in every legal form. */
import {
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_DATA,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  crc32cHex,
  SEGMENT_NAME,
} from '@otel-replay/protocol';
import fc from 'fast-check';

export type Value =
  | { string: string }
  | { bool: boolean }
  | { int: bigint }
  | { double: number }
  | { bytes: Uint8Array }
  | { array: Value[] };
export type KeyValues = [key: string, value: Value][];

export interface EventModel {
  name: string;
  time: bigint;
  attributes: KeyValues;
  extra: Uint8Array | undefined;
}

export interface SpanModel {
  traceId: string;
  spanId: string;
  traceState: string;
  name: string;
  kind: number;
  start: bigint;
  end: bigint;
  attributes: KeyValues;
  events: EventModel[];
  statusCode: number | undefined;
  extra: Uint8Array | undefined;
}

export interface ScopeModel {
  name: string;
  spans: SpanModel[];
  extra: Uint8Array | undefined;
}

export interface ResourceModel {
  attributes: KeyValues;
  scopes: ScopeModel[];
  extra: Uint8Array | undefined;
}

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: digits / 2, maxLength: digits / 2 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));
const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), {
  nil: undefined,
  freq: 4,
});
const nanos = fc.bigInt({ min: 0n, max: 2n ** 62n });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const scalar: fc.Arbitrary<Value> = fc.oneof(
  text.map((string) => ({ string })),
  fc.boolean().map((bool) => ({ bool })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ int })),
  fc.integer({ min: 0, max: 700 }).map((n) => ({ int: BigInt(n) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => ({ double })),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => ({ bytes })),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((array) => ({ array })) },
);
const key = fc.oneof(
  fc.constantFrom(
    'http.route',
    'server.address',
    'a',
    'x'.repeat(130),
    '"quoted\\key"',
    'http.other.status_code_xx',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);

/** Attributes with distinct keys; `special` ones are mixed in. */
function keyValues(special: fc.Arbitrary<[string, Value]>): fc.Arbitrary<KeyValues> {
  const any = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(key, value) },
    { weight: 2, arbitrary: special },
  );
  return fc.uniqueArray(any, { maxLength: 8, selector: ([k]) => k });
}

const status = fc.tuple(
  fc.constantFrom('http.response.status_code', 'http.status_code'),
  fc.constantFrom(0, 200, 302, 404, 499, 500, 503, 599, 600).map((n) => ({ int: BigInt(n) })),
);
const session = fc.tuple(
  fc.constant('session.id'),
  fc.constantFrom('s-1', 's-2').map((string) => ({ string })),
);
const recording = fc.tuple(
  fc.constant('session_replay.id'),
  hex(32).map((string) => ({ string })),
);
const language = fc.tuple(
  fc.constantFrom('telemetry.sdk.language', 'browser.language', 'service.name'),
  fc.constantFrom('webjs', 'nodejs').map((string) => ({ string })),
);

const event: fc.Arbitrary<EventModel> = fc.record({
  name: fc.constantFrom('exception', 'fetchStart', '', SEGMENT_NAME),
  time: nanos,
  attributes: keyValues(
    fc.tuple(
      fc.constantFrom('exception.type', 'exception.message'),
      fc.constantFrom({ string: 'Boom' }),
    ),
  ),
  extra,
});

const plainSpan: fc.Arbitrary<SpanModel> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceState: fc.constantFrom('', 'vendor=1', 'a=b, sr=from-state'),
  name: text,
  kind: fc.integer({ min: 0, max: 5 }),
  start: nanos,
  end: nanos,
  attributes: keyValues(fc.oneof(status, session, recording)),
  events: fc.array(event, { maxLength: 3 }),
  statusCode: fc.constantFrom(undefined, 0, 1, 2),
  extra,
});

/** A good segment, or one with something wrong. */
export const segmentSpan: fc.Arbitrary<SpanModel> = fc
  .tuple(
    plainSpan,
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom('bytes', 'base64'),
    fc.constantFrom('good', 'good', 'good', 'size', 'crc', 'noId', 'type', 'notBase64'),
    fc.nat(1000),
    hex(32),
  )
  .map(([span, data, form, fault, index, recordingId]) => {
    const base64 = Buffer.from(data).toString('base64');
    const payload: Value =
      fault === 'notBase64'
        ? { string: 'n*t base64!' }
        : form === 'bytes'
          ? { bytes: data }
          : { string: base64 };
    const int = (n: number): Value => ({ int: BigInt(n) });
    const attributes: KeyValues = [
      ['session.id', { string: 'session-1' }],
      ...(fault === 'noId'
        ? []
        : [['session_replay.id', { string: recordingId }] as [string, Value]]),
      ['session_replay.segment.index', fault === 'type' ? { string: 'one' } : int(index)],
      ['session_replay.segment.first_timestamp', int(1_700_000_000_000)],
      ['session_replay.segment.last_timestamp', int(1_700_000_005_000)],
    ];
    const rest = span.attributes.filter(([k]) => !k.startsWith('session'));
    const payloadAttributes: KeyValues = [
      [ATTR_PAYLOAD_DATA, payload],
      [ATTR_PAYLOAD_ENCODING, { string: 'identity' }],
      [ATTR_PAYLOAD_SIZE, int(fault === 'size' ? data.length + 1 : data.length)],
      [ATTR_PAYLOAD_UNCOMPRESSED_SIZE, int(data.length)],
      [ATTR_PAYLOAD_CRC32C, { string: fault === 'crc' ? '00000001' : crc32cHex(data) }],
    ];
    const at = index % (rest.length + 1);
    return {
      ...span,
      attributes: [...rest.slice(0, at), ...attributes, ...rest.slice(at)],
      events: [
        ...span.events.filter(({ name }) => name !== SEGMENT_NAME),
        { name: SEGMENT_NAME, time: 1n, attributes: payloadAttributes, extra: undefined },
      ],
    };
  });

const anySpan = fc.oneof(
  { weight: 3, arbitrary: plainSpan },
  { weight: 1, arbitrary: segmentSpan },
);

export const traceRequest: fc.Arbitrary<ResourceModel[]> = fc.array(
  fc.record({
    attributes: keyValues(fc.oneof(language, session)),
    scopes: fc.array(fc.record({ name: text, spans: fc.array(anySpan, { maxLength: 4 }), extra }), {
      maxLength: 3,
    }),
    extra,
  }),
  { maxLength: 3 },
);
