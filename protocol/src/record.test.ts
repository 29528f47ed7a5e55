import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  anyRecord,
  bitFlips,
  contractError,
  sampleHeader,
  segmentRecord,
  shape,
} from '../test/arbitraries.js';
import { concat } from './bytes.js';
import { crc32c } from './crc32c.js';
import {
  decodeRecord,
  encodeRecord,
  MAX_RECORD_BYTES,
  recordLength,
  RecordReader,
  type ReplayRecord,
} from './record.js';

const small = encodeRecord(segmentRecord(sampleHeader(), Uint8Array.of(1, 2, 3, 4, 5)));

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return concat(
    pieces,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
}

/** A record whose checksum holds, whatever its body says. */
function forge(body: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(8);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, crc32c(body), true);
  return joined([prefix, body]);
}

function forgeHeader(header: string | Uint8Array, headerLength?: number): Uint8Array {
  const bytes = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const start = new Uint8Array(5);
  start[0] = 1;
  new DataView(start.buffer).setUint32(1, headerLength ?? bytes.length, true);
  return forge(joined([start, bytes]));
}

function readAll(stream: Uint8Array, cuts: readonly number[]): ReplayRecord[] {
  const reader = new RecordReader();
  const ends = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  const records: ReplayRecord[] = [];
  let at = 0;
  for (const end of [...ends, stream.length]) {
    // The reader may not hold on to a buffer that its caller uses again.
    const chunk = stream.slice(at, end);
    const found = reader.push(chunk).map((r) => ({ ...r, payload: r.payload.slice() }));
    chunk.fill(0xaa);
    records.push(...(found as ReplayRecord[]));
    at = end;
  }
  reader.end();
  return records;
}

describe('a record', () => {
  it('comes back whole, at any offset', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(20), (record, offset) => {
        const bytes = encodeRecord(record);
        const shifted = joined([new Uint8Array(offset), bytes, Uint8Array.of(9)]);
        expect(decodeRecord(shifted, offset)).toEqual({ record, length: bytes.length });
        expect(recordLength(shifted, offset)).toBe(bytes.length);
      }),
    );
  });

  it('is found truncated at every byte', () => {
    for (let length = 0; length < small.length; length++) {
      const error = contractError(() => decodeRecord(small.subarray(0, length)));
      expect(shape(error)).toEqual({ code: 'truncated', field: 'record' });
    }
  });

  it('is found damaged for every flipped bit', () => {
    for (const { bit, bytes } of bitFlips(small)) {
      const error = contractError(() => decodeRecord(bytes));
      // A longer length looks like a record that is not all there yet.
      expect(error.code).toBe(bit < 32 && error.code === 'truncated' ? 'truncated' : 'corrupt');
    }
  });

  it.each([0, 4, MAX_RECORD_BYTES + 1, 0xffffffff])('cannot have a body of %i bytes', (length) => {
    const bytes = small.slice();
    new DataView(bytes.buffer).setUint32(0, length, true);
    for (const act of [
      () => recordLength(bytes, 0),
      () => decodeRecord(bytes),
      () => new RecordReader().push(bytes),
    ]) {
      expect(shape(contractError(act))).toEqual({ code: 'corrupt', field: 'record' });
    }
  });

  it('is not written when readers would refuse it', () => {
    const record = segmentRecord(sampleHeader(), new Uint8Array(MAX_RECORD_BYTES));
    const error = contractError(() => encodeRecord(record));
    expect(shape(error)).toEqual({ code: 'too_large', field: 'segment record' });
  });

  it.each([
    ['no JSON', forgeHeader('{')],
    ['no object', forgeHeader('[]')],
    ['null', forgeHeader('null')],
    ['no UTF-8', forgeHeader(Buffer.from('{"a":"\xff"}', 'latin1'))],
    ['empty', forgeHeader('')],
    ['longer than the record', forgeHeader('{}', 3)],
    ['of 4 GiB', forgeHeader('{}', 0xffffffff)],
    ['of an unknown kind', forge(Uint8Array.of(0, 2, 0, 0, 0, 0x7b, 0x7d))],
    ['of a kind from the future', forge(Uint8Array.of(5, 2, 0, 0, 0, 0x7b, 0x7d))],
  ])('with a right checksum and a header that is %s is corrupt', (_name, bytes) => {
    expect(contractError(() => decodeRecord(bytes)).code).toBe('corrupt');
  });
});

describe('a forged header', () => {
  const header: object = structuredClone(sampleHeader());
  const needed = [
    'sessionId',
    'recordingId',
    'index',
    'hasFullSnapshot',
    'firstTimestamp',
    'lastTimestamp',
    'eventCount',
    'traceIds',
    'payload',
  ];

  it('is accepted when it is a right one', () => {
    expect(decodeRecord(forgeHeader(JSON.stringify(header))).record.header).toEqual(header);
  });

  it.each(needed)('is refused without a right %s', (field) => {
    for (const wrong of [undefined, null, [1], field === 'sessionId' ? 1 : 'text'] as const) {
      if (wrong === 'text' && field === 'recordingId') continue;
      const bytes = forgeHeader(JSON.stringify({ ...header, [field]: wrong }));
      const error = contractError(() => decodeRecord(bytes));
      expect(shape(error)).toEqual({ code: 'corrupt', field: 'segment record' });
      expect(error.message).toContain(field);
    }
  });

  it.each([
    [2, 'spans record'],
    [3, 'signal record'],
    [4, 'manifest record'],
  ])('of kind %i is refused when it is empty', (kind, field) => {
    const error = contractError(() =>
      decodeRecord(forge(Uint8Array.of(kind, 2, 0, 0, 0, 0x7b, 0x7d))),
    );
    expect(shape(error)).toEqual({ code: 'corrupt', field });
  });
});

describe('a body whose checksum is right', () => {
  it('throws nothing but ContractErrors, whatever is in it', () => {
    const header = fc.oneof(fc.json(), fc.string());
    const body = fc.oneof(
      fc.uint8Array({ minLength: 5, maxLength: 60 }).map(forge),
      fc.tuple(header, fc.option(fc.nat(200), { nil: undefined })).map((a) => forgeHeader(...a)),
    );
    fc.assert(fc.property(body, (bytes) => void contractError(() => decodeRecord(bytes))));
  });
});

describe('RecordReader', () => {
  it('yields the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 5 }),
        fc.array(fc.nat(4000), { maxLength: 12 }),
        (records, cuts) => {
          expect(readAll(joined(records.map(encodeRecord)), cuts)).toEqual(records);
        },
      ),
    );
  });

  it('yields the same byte by byte', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 3 }), (records) => {
        const stream = joined(records.map(encodeRecord));
        expect(readAll(stream, [...stream.keys()])).toEqual(records);
      }),
      { numRuns: 20 },
    );
  });

  it('says at every byte of a record that the stream was cut', () => {
    for (let length = 1; length < small.length; length++) {
      const reader = new RecordReader();
      expect(reader.push(small.subarray(0, length))).toEqual([]);
      expect(shape(contractError(() => reader.end()))).toEqual({
        code: 'truncated',
        field: 'record',
      });
    }
  });

  it('copies each byte of a big record a fixed number of times', () => {
    const payload = new Uint8Array(1024 * 1024).fill(7);
    const stream = encodeRecord(segmentRecord(sampleHeader(), payload));
    // Counted, not timed: what a quadratic reader copies is 4,096 chunks times half a MiB.
    let copied = 0;
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'set');
    const counted = function (this: Uint8Array, source: ArrayLike<number>, offset?: number): void {
      copied += source.length;
      (set!.value as typeof Uint8Array.prototype.set).call(this, source, offset);
    };
    Object.defineProperty(Uint8Array.prototype, 'set', { value: counted, configurable: true });
    try {
      const reader = new RecordReader();
      const records: ReplayRecord[] = [];
      for (let at = 0; at < stream.length; at += 256) {
        records.push(...reader.push(stream.subarray(at, at + 256)));
      }
      expect(records).toHaveLength(1);
    } finally {
      Reflect.deleteProperty(Uint8Array.prototype, 'set');
    }
    expect(copied).toBeLessThanOrEqual(2 * stream.length);
  });
});
