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
import {
  BLOCK_TAIL_BYTES,
  decodeBlock,
  decodeFooter,
  encodeBlock,
  footerLength,
  type BlockFooter,
} from './block.js';
import { concat } from './bytes.js';
import { crc32c } from './crc32c.js';
import { segmentEntry } from './entry.js';
import { LIMITS } from './names.js';
import { decodeRecord, type ReplayRecord } from './record.js';

const records: ReplayRecord[] = [
  segmentRecord(sampleHeader({ masking: 'default' }), Uint8Array.of(1, 2, 3)),
  segmentRecord(sampleHeader({ index: 1, hasFullSnapshot: false }), Uint8Array.of(4)),
];
const small = encodeBlock(records);

const anyBlock = fc.array(anyRecord, { maxLength: 6 }).map((all) => {
  const { sessionId, recordingId } = sampleHeader();
  const ofOne = all.map((record): ReplayRecord => {
    if (record.kind !== 'segment') return record;
    const header = { ...record.header, sessionId, recordingId };
    return { ...record, header };
  });
  return [...ofOne, records[0]!];
});

/** The block with another footer whose checksum and length are right. */
function withFooter(change: (footer: BlockFooter) => unknown): Uint8Array {
  const end = small.length - footerLength(small);
  const json = new TextEncoder().encode(JSON.stringify(change(decodeFooter(small))));
  return concatAll([small.subarray(0, end), json, tailOf(json)]);
}

function tailOf(json: Uint8Array): Uint8Array {
  const tail = new Uint8Array(BLOCK_TAIL_BYTES);
  const view = new DataView(tail.buffer);
  view.setUint32(0, crc32c(json), true);
  view.setUint32(4, json.length, true);
  tail.set([0x53, 0x52, 0x42, 0x45], 8);
  return tail;
}

function concatAll(pieces: Uint8Array[]): Uint8Array {
  return concat(
    pieces,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
}

describe('a block', () => {
  it('comes back whole', () => {
    fc.assert(
      fc.property(anyBlock, (all) => {
        expect(decodeBlock(encodeBlock(all)).records).toEqual(all);
      }),
    );
  });

  it('can be read by ranges: tail, footer, then one record', () => {
    fc.assert(
      fc.property(anyBlock, (all) => {
        const bytes = encodeBlock(all);
        const length = footerLength(bytes.slice(-BLOCK_TAIL_BYTES));
        const footer = decodeFooter(bytes.slice(-length));
        expect(footer).toEqual(decodeBlock(bytes).footer);
        footer.entries.forEach((entry, i) => {
          const range = bytes.slice(entry.offset, entry.offset + entry.length);
          const { record } = decodeRecord(range);
          expect(record).toEqual(all[i]);
          expect(entry.kind).toBe(record.kind);
          if (record.kind !== 'segment') return;
          expect(entry.segment).toEqual(segmentEntry(record.header));
          expect(entry.firstTimestamp).toBe(record.header.firstTimestamp);
          expect(entry.lastTimestamp).toBe(record.header.lastTimestamp);
        });
      }),
    );
  });

  it('says in its footer whose it is', () => {
    const header = sampleHeader({ previousSessionId: 'p', userId: 'u', serviceName: 'shop' });
    const { entries, ...about } = decodeFooter(encodeBlock([segmentRecord(header, small)]));
    const { sessionId, recordingId } = header;
    expect(about).toEqual({
      sessionId,
      recordingId,
      previousSessionId: 'p',
      userId: 'u',
      serviceName: 'shop',
    });
    expect(entries).toHaveLength(1);
  });

  it('is found truncated at every byte', () => {
    for (let length = 0; length < small.length; length++) {
      const error = contractError(() => decodeBlock(small.subarray(0, length)));
      expect(error.field).toBe('block');
      expect(error.code).toBe(length < 8 + BLOCK_TAIL_BYTES ? 'corrupt' : 'truncated');
    }
  });

  it('whose start is missing is found out at every byte', () => {
    for (let from = 1; from < small.length; from++) {
      contractError(() => decodeBlock(small.subarray(from)));
    }
  });

  it('is found damaged for every flipped bit', () => {
    for (const { bytes } of bitFlips(small)) {
      const { code } = contractError(() => decodeBlock(bytes));
      expect(['corrupt', 'truncated', 'unsupported']).toContain(code);
    }
  });

  it('of another version is not read', () => {
    const bytes = small.slice();
    bytes[4] = 2;
    expect(shape(contractError(() => decodeBlock(bytes)))).toEqual({
      code: 'unsupported',
      field: 'block',
    });
  });

  it.each<[string, (footer: BlockFooter) => unknown]>([
    ['no object', () => []],
    ['without entries', () => ({ sessionId: 's' })],
    ['whose entries are no objects', (f) => ({ ...f, entries: [null] })],
    ['whose offsets are text', (f) => ({ ...f, entries: [{ ...f.entries[0], offset: '8' }] })],
    ['whose lengths are fractions', (f) => ({ ...f, entries: [{ ...f.entries[0], length: 0.5 }] })],
    ['that leaves a record out', (f) => ({ ...f, entries: f.entries.slice(1) })],
    ['that ends early', (f) => ({ ...f, entries: f.entries.slice(0, 1) })],
    ['that repeats a record', (f) => ({ ...f, entries: [f.entries[0], ...f.entries] })],
    ['that points before the block', (f) => ({ ...f, entries: [{ offset: -9, length: 1 }] })],
    ['that points behind it', (f) => ({ ...f, entries: [{ offset: 8, length: 2 ** 52 }] })],
    [
      'that says another offset',
      (f) => ({ ...f, entries: f.entries.map((e) => ({ ...e, offset: e.offset + 1 })) }),
    ],
    [
      'that says another length',
      (f) => ({ ...f, entries: f.entries.map((e) => ({ ...e, length: e.length - 1 })) }),
    ],
  ])('with a right checksum and a footer %s is corrupt', (_name, change) => {
    expect(contractError(() => decodeBlock(withFooter(change))).code).toBe('corrupt');
  });

  it('with a right checksum and any footer at all throws nothing but ContractErrors', () => {
    const entry = fc.record(
      { offset: fc.oneof(fc.constant(8), fc.jsonValue()), length: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const footer = fc.oneof(fc.jsonValue(), fc.record({ entries: fc.array(entry) }));
    fc.assert(
      fc.property(footer, (forged) => {
        contractError(() => decodeBlock(withFooter(() => forged)));
      }),
    );
  });

  it('whose footer is no JSON is corrupt', () => {
    const json = Uint8Array.of(0x7b, 0xff);
    const error = contractError(() => decodeFooter(concatAll([json, tailOf(json)])));
    expect(error.code).toBe('corrupt');
  });

  it('cannot make a reader fetch a footer larger than a block', () => {
    const tail = small.slice(-BLOCK_TAIL_BYTES);
    new DataView(tail.buffer).setUint32(4, LIMITS.BLOCK_BYTES + 1, true);
    expect(contractError(() => footerLength(tail)).code).toBe('corrupt');
  });

  it('holds at least one segment, and one recording only', () => {
    const other = segmentRecord(sampleHeader({ recordingId: 'f'.repeat(32) }), small);
    expect(contractError(() => encodeBlock([])).code).toBe('missing');
    expect(contractError(() => encodeBlock([...records, other])).code).toBe('invalid');
  });
});

describe('segmentEntry', () => {
  it('gives the clock skew where both times are known', () => {
    const times = { clientSendTime: 1000, receivedTime: 900 };
    expect(segmentEntry(sampleHeader(times)).clockSkewMs).toBe(-100);
    expect(segmentEntry(sampleHeader({ receivedTime: 900 }))).not.toHaveProperty('clockSkewMs');
  });
});
