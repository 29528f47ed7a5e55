/** Generators and samples that the codec tests share. */
import fc from 'fast-check';
import {
  ContractError,
  crc32cHex,
  type ContractErrorCode,
  type PayloadHeader,
  type ReplayEvent,
  type ReplayRecord,
  type SegmentHeader,
} from '../src/index.js';

export const HOSTILE_IDS = [
  '.',
  '..',
  '../..',
  '-',
  '/',
  '\\',
  '%2F',
  '%',
  '😀',
  'a\0b',
  'é',
  'k',
  ' ',
  'CON',
  'a'.repeat(128),
  'session.json',
];

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

const count = fc.nat();
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
export const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: digits,
    maxLength: digits,
  });
/** Short enough for a key when every character takes twelve bytes percent-encoded. */
export const anyId = fc.oneof(
  fc.constantFrom(...HOSTILE_IDS),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 16 }),
);

export const anyPayloadHeader: fc.Arbitrary<PayloadHeader> = fc
  .record({
    encoding: fc.constantFrom('gzip', 'deflate-raw', 'identity', 'deflate-raw;dict=v1'),
    format: fc.constantFrom('rrweb', 'screenshots'),
    formatVersion: fc.constantFrom('2', '1'),
    size: count,
    uncompressedSize: count,
    crc32c: optional(hex(8)),
    sha256: optional(hex(64)),
    parts: optional(fc.tuple(fc.nat(511), fc.nat(511))),
  })
  .map(({ parts, ...header }) =>
    withoutUndefined({
      ...header,
      partIndex: parts?.[0],
      partCount: parts === undefined ? undefined : parts[0] + parts[1] + 1,
    }),
  ) as fc.Arbitrary<PayloadHeader>;

export const anySegmentHeader: fc.Arbitrary<SegmentHeader> = fc
  .record({
    sessionId: anyId,
    previousSessionId: optional(anyId),
    recordingId: hex(32),
    index: count,
    checkpoint: count,
    hasFullSnapshot: fc.boolean(),
    firstTimestamp: fc.integer({ min: 0, max: 2 ** 41 }),
    lastTimestamp: fc.integer({ min: 2 ** 41, max: Number.MAX_SAFE_INTEGER }),
    eventCount: count,
    final: optional(fc.boolean()),
    mode: fc.constantFrom('stream' as const, 'buffer' as const),
    trigger: optional(text),
    sampleRate: optional(fc.double({ min: 0, max: 1, noNaN: true })),
    traceIds: fc.array(hex(32), { maxLength: 64 }),
    droppedTraceIds: count,
    errorCount: count,
    clickCount: count,
    rageClickCount: count,
    requestCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    failedRequestCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    consoleErrorCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    deadClickCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    longTaskCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    customEventCount: optional(fc.integer({ min: 1, max: 2 ** 31 })),
    droppedEvents: count,
    clientSendTime: optional(count),
    masking: optional(text),
    url: optional(text),
    userId: optional(text),
    userHash: optional(text),
    payload: anyPayloadHeader,
  })
  // JSON has no -0; neither has a sample rate.
  .map((header) =>
    withoutUndefined(header.sampleRate === 0 ? { ...header, sampleRate: 0 } : header),
  ) as fc.Arbitrary<SegmentHeader>;

export const anyRecord: fc.Arbitrary<ReplayRecord> = fc.oneof(
  fc
    .tuple(anySegmentHeader, fc.uint8Array({ maxLength: 64 }))
    .map(([header, payload]) => segmentRecord(header, payload)),
  fc.record({ sessionId: anyId, timestamp: count, name: text }).map((s): ReplayRecord => ({
    kind: 'signal',
    header: { ...s, kind: 'manual', origin: 'browser' },
    payload: new Uint8Array(0),
  })),
  fc
    .tuple(anyId, count, fc.uint8Array({ maxLength: 64 }))
    .map(([sessionId, timestamp, payload]): ReplayRecord => ({
      kind: 'spans',
      header: {
        sessionId,
        contentType: 'application/x-protobuf',
        firstTimestamp: timestamp,
        lastTimestamp: timestamp + 1,
        spanCount: 1,
        traceIds: ['0af7651916cd43dd8448eb211c80319c'],
      },
      payload,
    })),
);

/** A segment record whose announced size and checksum are those of `payload`. */
export function segmentRecord(header: SegmentHeader, payload: Uint8Array): ReplayRecord {
  const { length } = payload;
  const sums = { size: length, uncompressedSize: length, crc32c: crc32cHex(payload) };
  return {
    kind: 'segment',
    header: { ...header, payload: { ...header.payload, ...sums } },
    payload,
  };
}

export const EVENTS: ReplayEvent[] = [
  { type: 4, timestamp: 1_767_225_600_000, data: { href: 'https://shop.example/', width: 800 } },
  { type: 2, timestamp: 1_767_225_600_010, data: { node: { type: 0, id: 1, childNodes: [] } } },
  { type: 3, timestamp: 1_767_225_601_000, data: { source: 2, type: 2, id: 1, x: 3, y: 4 } },
];

export function sampleHeader(overrides: Partial<SegmentHeader> = {}): SegmentHeader {
  return {
    sessionId: 'session-1',
    recordingId: '4bf92f3577b34da6a3ce929d0e0e4736',
    index: 0,
    checkpoint: 1,
    hasFullSnapshot: true,
    firstTimestamp: 1_767_225_600_000,
    lastTimestamp: 1_767_225_601_000,
    eventCount: 3,
    mode: 'stream',
    traceIds: [],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 1,
    rageClickCount: 0,
    droppedEvents: 0,
    payload: {
      encoding: 'identity',
      format: 'rrweb',
      formatVersion: '2',
      size: 0,
      uncompressedSize: 0,
    },
    ...overrides,
  };
}

/** The ContractError that `act` throws; fails for any other error, and when there is none. */
export function contractError(act: () => unknown): ContractError {
  try {
    act();
  } catch (error) {
    return asContractError(error);
  }
  throw new Error('nothing was thrown');
}

export async function contractRejection(act: Promise<unknown>): Promise<ContractError> {
  const error = await act.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  );
  return asContractError(error);
}

function asContractError(error: unknown): ContractError {
  if (error instanceof ContractError) return error;
  throw new Error(`not a ContractError: ${String(error)}`, { cause: error });
}

export function shape(error: ContractError): { code: ContractErrorCode; field: string } {
  return { code: error.code, field: error.field };
}

/** Every copy of `bytes` with one bit the other way. */
export function* bitFlips(bytes: Uint8Array): Generator<{ bit: number; bytes: Uint8Array }> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    yield { bit, bytes: flipped };
  }
}
