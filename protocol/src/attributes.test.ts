import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { anySegmentHeader, contractError, sampleHeader, shape } from '../test/arbitraries.js';
import { fromAttributes, toAttributes, type AttributeValue } from './attributes.js';
import {
  ATTR_CLICK_COUNT,
  ATTR_DROPPED_EVENTS,
  ATTR_DROPPED_TRACE_IDS,
  ATTR_ERROR_COUNT,
  ATTR_MODE,
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_DATA,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_PART_COUNT,
  ATTR_PAYLOAD_PART_INDEX,
  ATTR_PAYLOAD_SHA256,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  ATTR_POLICY,
  ATTR_RECORDER,
  ATTR_SCREEN,
  ATTR_USER_AGENT,
  ATTR_RAGE_CLICK_COUNT,
  ATTR_RECORDING_ID,
  ATTR_SEGMENT_CHECKPOINT,
  ATTR_SEGMENT_EVENT_COUNT,
  ATTR_SEGMENT_FINAL,
  ATTR_SEGMENT_FIRST_TIMESTAMP,
  ATTR_SEGMENT_HAS_FULL_SNAPSHOT,
  ATTR_SEGMENT_INDEX,
  ATTR_SEGMENT_LAST_TIMESTAMP,
  ATTR_SESSION_ID,
  ATTR_SESSION_PREVIOUS_ID,
  ATTR_TRACE_IDS,
  ATTR_URI,
  ATTRIBUTES,
  LIMITS,
} from './names.js';
import type { SegmentHeader } from './segment.js';

function attributeMap(header: SegmentHeader): Map<string, AttributeValue> {
  const { span, event } = toAttributes(header);
  return new Map<string, AttributeValue>([...Object.entries(span), ...Object.entries(event)]);
}

function changed(changes: Record<string, AttributeValue | undefined>): SegmentHeader {
  const attributes = attributeMap(sampleHeader());
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) attributes.delete(name);
    else attributes.set(name, value);
  }
  return fromAttributes(attributes);
}

describe('fromAttributes', () => {
  it('reads back what toAttributes wrote', () => {
    fc.assert(
      fc.property(anySegmentHeader, (header) => {
        expect(fromAttributes(attributeMap(header))).toEqual(header);
      }),
    );
  });

  it('takes int64 as bigint', () => {
    fc.assert(
      fc.property(anySegmentHeader, (header) => {
        const attributes = attributeMap(header);
        for (const [name, value] of attributes) {
          if (Number.isInteger(value)) attributes.set(name, BigInt(value as number));
        }
        expect(fromAttributes(attributes)).toEqual(header);
      }),
    );
  });

  it('ignores attributes it does not know', () => {
    expect(changed({ 'app.version': '1.2.3', [ATTR_POLICY]: 5 })).toEqual(sampleHeader());
  });

  it('fills in what is optional', () => {
    const required = new Map<string, AttributeValue>([
      [ATTR_SESSION_ID, 's'],
      [ATTR_RECORDING_ID, '4BF92F3577B34DA6A3CE929D0E0E4736'],
      [ATTR_SEGMENT_INDEX, 3],
      [ATTR_SEGMENT_FIRST_TIMESTAMP, 10],
      [ATTR_SEGMENT_LAST_TIMESTAMP, 10],
      [ATTR_PAYLOAD_ENCODING, 'gzip'],
      [ATTR_PAYLOAD_SIZE, 1],
      [ATTR_PAYLOAD_UNCOMPRESSED_SIZE, 2],
    ]);
    expect(fromAttributes(required)).toEqual({
      ...sampleHeader({ sessionId: 's', index: 3, checkpoint: 0, hasFullSnapshot: false }),
      firstTimestamp: 10,
      lastTimestamp: 10,
      eventCount: 0,
      clickCount: 0,
      payload: {
        encoding: 'gzip',
        format: 'rrweb',
        formatVersion: '2',
        size: 1,
        uncompressedSize: 2,
      },
    });
  });

  const REQUIRED = [
    ATTR_SESSION_ID,
    ATTR_RECORDING_ID,
    ATTR_SEGMENT_INDEX,
    ATTR_SEGMENT_FIRST_TIMESTAMP,
    ATTR_SEGMENT_LAST_TIMESTAMP,
    ATTR_PAYLOAD_ENCODING,
    ATTR_PAYLOAD_SIZE,
    ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  ];
  it.each(REQUIRED)('names %s when it is missing', (name) => {
    const error = contractError(() => changed({ [name]: undefined }));
    expect(shape(error)).toEqual({ code: 'missing', field: name });
    expect(error.message).toContain(name);
  });

  it.each([ATTR_SESSION_ID, ATTR_RECORDING_ID, ATTR_PAYLOAD_ENCODING])(
    'takes an empty %s for a missing one',
    (name) => {
      const error = contractError(() => changed({ [name]: '' }));
      expect(shape(error)).toEqual({ code: 'missing', field: name });
    },
  );

  // Not read into a header: what the processor writes, and what it takes as the environment.
  const NOT_READ = new Set<string>([
    ...[ATTR_POLICY, ATTR_URI, ATTR_PAYLOAD_DATA],
    ...[ATTR_RECORDER, ATTR_SCREEN, ATTR_USER_AGENT],
  ]);
  const BOOLEANS: string[] = [ATTR_SEGMENT_HAS_FULL_SNAPSHOT, ATTR_SEGMENT_FINAL];
  const ALL = ATTRIBUTES.filter((name) => !NOT_READ.has(name));
  const WRONG: [string, string, AttributeValue][] = ALL.flatMap((name) => {
    const values: AttributeValue[] = [new Uint8Array(2), [[] as never]];
    values.push(BOOLEANS.includes(name) ? 'true' : true);
    return values.map((value): [string, string, AttributeValue] => [name, typeof value, value]);
  });
  it.each(WRONG)('names %s when it has a wrong type (%s)', (name, _type, value) => {
    const together =
      name === ATTR_PAYLOAD_PART_INDEX ? { [ATTR_PAYLOAD_PART_COUNT]: 2 } : undefined;
    const error = contractError(() => changed({ ...together, [name]: value }));
    expect(shape(error)).toEqual({ code: 'invalid', field: name });
    expect(error.message).toContain(name);
  });

  const COUNTS = [
    ATTR_SEGMENT_INDEX,
    ATTR_SEGMENT_CHECKPOINT,
    ATTR_SEGMENT_FIRST_TIMESTAMP,
    ATTR_SEGMENT_LAST_TIMESTAMP,
    ATTR_SEGMENT_EVENT_COUNT,
    ATTR_DROPPED_TRACE_IDS,
    ATTR_ERROR_COUNT,
    ATTR_CLICK_COUNT,
    ATTR_RAGE_CLICK_COUNT,
    ATTR_DROPPED_EVENTS,
    ATTR_PAYLOAD_SIZE,
    ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
    ATTR_PAYLOAD_PART_COUNT,
  ];
  it.each(COUNTS)('takes no negative, broken or unsafe %s', (name) => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 60n]) {
      const error = contractError(() => changed({ [ATTR_PAYLOAD_PART_INDEX]: 0, [name]: value }));
      expect(shape(error)).toEqual({ code: 'invalid', field: name });
    }
  });

  it.each([
    ['a session.id longer than the limit', ATTR_SESSION_ID, 'x'.repeat(129)],
    ['a session.id too long for a key', ATTR_SESSION_ID, '😀'.repeat(30)],
    ['a session.id with a lone surrogate', ATTR_SESSION_ID, 'a\ud800'],
    ['a previous session.id longer than the limit', ATTR_SESSION_PREVIOUS_ID, 'x'.repeat(129)],
    ['a recording id that is a path', ATTR_RECORDING_ID, '../../../../../../../etc/passwd.'],
    ['a recording id of 31 digits', ATTR_RECORDING_ID, 'a'.repeat(31)],
    ['an unknown mode', ATTR_MODE, 'always'],
    ['trace ids that are one string', ATTR_TRACE_IDS, 'a'.repeat(32)],
    ['a short trace id', ATTR_TRACE_IDS, ['abc']],
    ['a number among trace ids', ATTR_TRACE_IDS, [1]],
    ['a short CRC', ATTR_PAYLOAD_CRC32C, 'abc'],
    ['a CRC that is not hex', ATTR_PAYLOAD_CRC32C, 'zzzzzzzz'],
    ['a short SHA-256', ATTR_PAYLOAD_SHA256, 'abc'],
    ['an end before the start', ATTR_SEGMENT_LAST_TIMESTAMP, 1],
  ])('refuses %s', (_name, field, value) => {
    const error = contractError(() => changed({ [field]: value }));
    expect(shape(error)).toEqual({ code: 'invalid', field });
  });

  it('refuses an encoding no reader could undo', () => {
    const error = contractError(() => changed({ [ATTR_PAYLOAD_ENCODING]: 'zstd' }));
    expect(shape(error)).toEqual({ code: 'unsupported', field: ATTR_PAYLOAD_ENCODING });
  });

  it.each([
    [0, 0],
    [2, 2],
    [0, 1025],
  ])('refuses part %i of %i', (partIndex, partCount) => {
    const error = contractError(() =>
      changed({ [ATTR_PAYLOAD_PART_INDEX]: partIndex, [ATTR_PAYLOAD_PART_COUNT]: partCount }),
    );
    expect(shape(error)).toEqual({ code: 'invalid', field: ATTR_PAYLOAD_PART_INDEX });
  });

  it.each([
    [ATTR_PAYLOAD_PART_INDEX, ATTR_PAYLOAD_PART_COUNT],
    [ATTR_PAYLOAD_PART_COUNT, ATTR_PAYLOAD_PART_INDEX],
  ])('wants %s together with %s', (given, absent) => {
    const error = contractError(() => changed({ [given]: 1 }));
    expect(shape(error)).toEqual({ code: 'missing', field: absent });
  });

  it('keeps the first trace ids and counts the others as dropped', () => {
    const ids = Array.from({ length: 70 }, (_, i) => String(i).padStart(32, '0'));
    const header = changed({ [ATTR_TRACE_IDS]: ids, [ATTR_DROPPED_TRACE_IDS]: 5 });
    expect(header.traceIds).toEqual(ids.slice(0, LIMITS.TRACE_IDS));
    expect(header.droppedTraceIds).toBe(5 + 70 - LIMITS.TRACE_IDS);
  });

  it('throws nothing but ContractErrors, whatever the values', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.uint8Array({ maxLength: 4 }),
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxLength: 4 }),
    ) as fc.Arbitrary<AttributeValue>;
    const wrong = fc.dictionary(fc.constantFrom(...ALL), value, { minKeys: 1 });
    fc.assert(
      fc.property(wrong, (changes) => {
        try {
          changed(changes);
        } catch {
          contractError(() => changed(changes));
        }
      }),
    );
  });
});

describe('toAttributes', () => {
  it('puts no optional field and no zero count on the wire', () => {
    const { span, event } = toAttributes(sampleHeader({ clickCount: 0 }));
    expect(Object.keys(span)).toHaveLength(9);
    expect(Object.keys(event)).toHaveLength(5);
  });
});
