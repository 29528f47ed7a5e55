import { createHash } from 'node:crypto';
import { constants, deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bitFlips, contractError, contractRejection, EVENTS, shape } from '../test/arbitraries.js';
import { concat } from './bytes.js';
import { crc32cHex } from './crc32c.js';
import {
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_DATA,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_FORMAT,
  ATTR_PAYLOAD_FORMAT_VERSION,
  ATTR_PAYLOAD_PART_COUNT,
  ATTR_PAYLOAD_PART_INDEX,
  ATTR_PAYLOAD_SHA256,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  LIMITS,
} from './names.js';
import {
  checkPayload,
  decodePayload,
  encodePayload,
  joinParts,
  parseEncoding,
  type DecodeLimits,
} from './payload.js';
import type { PayloadEncoding, PayloadHeader, ReplayEvent } from './segment.js';

const ENCODINGS: PayloadEncoding[] = ['gzip', 'deflate-raw', 'identity'];

const anyEvents = fc.array(
  fc.record({
    type: fc.nat(6),
    timestamp: fc.nat(),
    data: fc
      .jsonValue({ noUnicodeString: false })
      .map((v) => JSON.parse(JSON.stringify(v)) as unknown),
  }),
  { maxLength: 20 },
) as fc.Arbitrary<ReplayEvent[]>;

async function sample(encoding: PayloadEncoding = 'deflate-raw') {
  return encodePayload(EVENTS, encoding);
}

/** As if a recorder had announced exactly these bytes, without a checksum. */
function announced(data: Uint8Array, header: PayloadHeader): PayloadHeader {
  const { encoding, format, formatVersion, uncompressedSize } = header;
  return { encoding, format, formatVersion, uncompressedSize, size: data.length };
}

function parts(data: Uint8Array, header: PayloadHeader, partCount: number) {
  const step = Math.ceil(data.length / partCount);
  return Array.from({ length: partCount }, (_, partIndex) => {
    const slice = data.slice(partIndex * step, (partIndex + 1) * step);
    const size = slice.length;
    const partHeader = { ...header, size, crc32c: crc32cHex(slice), partIndex, partCount };
    return { data: slice, header: partHeader };
  });
}

describe.each(ENCODINGS)('a payload as %s', (encoding) => {
  it('comes back whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        const { header, data } = await encodePayload(events, encoding);
        expect(await decodePayload(header, data)).toEqual(events);
      }),
      { numRuns: 50 },
    );
  });

  it('is found truncated at every byte', async () => {
    const { header, data } = await sample(encoding);
    for (let length = 0; length < data.length; length++) {
      const error = await contractRejection(decodePayload(header, data.subarray(0, length)));
      expect(shape(error)).toEqual({ code: 'truncated', field: ATTR_PAYLOAD_SIZE });
    }
  });

  it('is found truncated at every byte even when the sizes and sums agree', async () => {
    const { header, data } = await sample(encoding);
    for (let length = 0; length < data.length; length++) {
      const cut = data.subarray(0, length);
      const error = await contractRejection(decodePayload(announced(cut, header), cut));
      expect(error.code).toBe('corrupt');
    }
  });

  it('is found corrupt for every flipped bit', async () => {
    const { header, data } = await sample(encoding);
    for (const { bytes } of bitFlips(data)) {
      const error = contractError(() => checkPayload(header, bytes));
      expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_CRC32C });
    }
  });

  it('fails only with ContractErrors for flipped bits that no checksum guards', async () => {
    const { header, data } = await sample(encoding);
    for (const { bit, bytes } of bitFlips(data)) {
      if (bit % 3 !== 0) continue; // a third is enough: each inflates
      const decoded = decodePayload(announced(bytes, header), bytes);
      await decoded.catch(() => contractRejection(decoded));
    }
  });
});

describe('a payload in columns', () => {
  it.each(ENCODINGS)('comes back whole as %s', async (encoding) => {
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        const { header, data } = await encodePayload(events, encoding, 'rrweb-columnar');
        expect(header).toMatchObject({ format: 'rrweb-columnar', formatVersion: '1' });
        expect(await decodePayload(header, data)).toEqual(events);
      }),
      { numRuns: 30 },
    );
  });

  it('fails only with ContractErrors for flipped bits that no checksum guards', async () => {
    const { header, data } = await encodePayload(EVENTS, 'identity', 'rrweb-columnar');
    for (const { bytes } of bitFlips(data)) {
      const decoded = decodePayload(announced(bytes, header), bytes);
      await decoded.catch(() => contractRejection(decoded));
    }
  });

  it('must hold events', async () => {
    const { header, data } = await encodePayload(
      [{ timestamp: 1 } as ReplayEvent],
      'identity',
      'rrweb-columnar',
    );
    const error = await contractRejection(decodePayload(header, data));
    expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_DATA });
  });

  it('is refused in another version', async () => {
    const { header, data } = await encodePayload(EVENTS, 'identity', 'rrweb-columnar');
    const error = await contractRejection(decodePayload({ ...header, formatVersion: '9' }, data));
    expect(shape(error)).toEqual({ code: 'unsupported', field: ATTR_PAYLOAD_FORMAT_VERSION });
  });

  it('that would become more than the reader holds is too large', async () => {
    const events = EVENTS.map((event) => ({ ...event, data: Array(99).fill('x'.repeat(5000)) }));
    const { header, data } = await encodePayload(events, 'deflate-raw', 'rrweb-columnar');
    const decoded = decodePayload(header, data, { maxUncompressedBytes: 100_000 });
    const error = await contractRejection(decoded);
    expect(shape(error)).toEqual({ code: 'too_large', field: ATTR_PAYLOAD_UNCOMPRESSED_SIZE });
    expect(await decodePayload(header, data)).toEqual(events);
  });
});

describe('a payload with a SHA-256', () => {
  it('is checked against it', async () => {
    const { header, data } = await sample('identity');
    const digest = createHash('sha256').update(data).digest('hex');
    const good = { ...announced(data, header), sha256: digest };
    expect(await decodePayload(good, data)).toEqual(EVENTS);
    for (const { bit, bytes } of bitFlips(data)) {
      if (bit % 16 !== 0) continue;
      const error = await contractRejection(decodePayload(good, bytes));
      expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_SHA256 });
    }
  });
});

describe('sizes bound memory', () => {
  /** Deflate of `mebibytes` of zeros, made without ever holding them. */
  function bomb(mebibytes: number): Uint8Array {
    const finishFlush = constants.Z_FULL_FLUSH;
    const piece = deflateRawSync(new Uint8Array(1024 * 1024), { finishFlush });
    const pieces = Array.from({ length: mebibytes }, () => piece);
    pieces.push(deflateRawSync(new Uint8Array(0)));
    return concat(
      pieces,
      pieces.reduce((sum, p) => sum + p.length, 0),
    );
  }

  it('stops a zip bomb at the announced size', async () => {
    const data = bomb(2048);
    const { header } = await sample();
    const before = process.memoryUsage().rss;
    const error = await contractRejection(decodePayload(announced(data, header), data));
    expect(shape(error)).toEqual({ code: 'too_large', field: ATTR_PAYLOAD_UNCOMPRESSED_SIZE });
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  it('refuses a huge announced size before it inflates anything', async () => {
    const { header, data } = await sample();
    const uncompressedSize = LIMITS.SEGMENT_UNCOMPRESSED_BYTES + 1;
    const error = await contractRejection(decodePayload({ ...header, uncompressedSize }, data));
    expect(shape(error)).toEqual({ code: 'too_large', field: ATTR_PAYLOAD_UNCOMPRESSED_SIZE });
  });

  it("honours the reader's own limit", async () => {
    const { header, data } = await sample();
    const limit = { maxUncompressedBytes: header.uncompressedSize };
    expect(await decodePayload(header, data, limit)).toEqual(EVENTS);
    limit.maxUncompressedBytes--;
    const error = await contractRejection(decodePayload(header, data, limit));
    expect(error.code).toBe('too_large');
  });

  it.each([
    ['size', ATTR_PAYLOAD_SIZE],
    ['uncompressedSize', ATTR_PAYLOAD_UNCOMPRESSED_SIZE],
  ])('refuses a forged %s', async (key, field) => {
    const { header, data } = await sample();
    for (const forged of [undefined, null, '9', -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await contractRejection(decodePayload({ ...header, [key]: forged }, data));
      expect(shape(error)).toEqual({ code: 'invalid', field });
    }
  });

  it('finds an announced size that is too big', async () => {
    const { header, data } = await sample();
    const uncompressedSize = header.uncompressedSize + 1;
    const error = await contractRejection(decodePayload({ ...header, uncompressedSize }, data));
    expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_UNCOMPRESSED_SIZE });
  });
});

describe('decodePayload', () => {
  async function decodeText(text: string | Uint8Array): Promise<unknown> {
    const data = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const { header } = await sample('identity');
    return decodePayload({ ...announced(data, header), uncompressedSize: data.length }, data);
  }

  it.each(['', '{', '{}', 'null', '[1]', '[null]', '[{"type":3}]', '[{"type":"3","timestamp":1}]'])(
    'refuses %j',
    async (text) => {
      const error = await contractRejection(decodeText(text));
      expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_DATA });
    },
  );

  it('refuses what is not UTF-8', async () => {
    // Valid JSON of an event once a lenient decoder has put U+FFFD in.
    const bytes = new TextEncoder().encode('[{"type":3,"timestamp":1,"data":"?"}]');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    const error = await contractRejection(decodeText(bytes));
    expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_DATA });
  });

  it.each([
    [{ encoding: 'zstd' }, ATTR_PAYLOAD_ENCODING, 'unsupported'],
    [{ encoding: 'gzip;dict=v1' }, ATTR_PAYLOAD_ENCODING, 'unsupported'],
    [{ encoding: 7 }, ATTR_PAYLOAD_ENCODING, 'invalid'],
    [{ crc32c: 7 }, ATTR_PAYLOAD_CRC32C, 'invalid'],
    [{ sha256: 7 }, ATTR_PAYLOAD_SHA256, 'invalid'],
    [{ format: 'video' }, ATTR_PAYLOAD_FORMAT, 'unsupported'],
  ])('refuses the header %j', async (changes, field, code) => {
    const { header, data } = await sample();
    const error = await contractRejection(
      decodePayload({ ...header, ...changes } as PayloadHeader, data),
    );
    expect(shape(error)).toEqual({ code, field });
  });

  it('never guesses the encoding from the bytes', async () => {
    const { header, data } = await sample('gzip');
    const error = await contractRejection(
      decodePayload({ ...header, encoding: 'deflate-raw' }, data),
    );
    expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_DATA });
  });
});

describe('inflating another way', () => {
  const inflate: NonNullable<DecodeLimits['inflate']> = (format, data, maxOutputLength) =>
    (format === 'gzip' ? gunzipSync : inflateRawSync)(data, { maxOutputLength });

  it('gives the same, within the same bounds', async () => {
    for (const encoding of ENCODINGS) {
      const { header, data } = await sample(encoding);
      expect(await decodePayload(header, data, { inflate })).toEqual(EVENTS);
      if (encoding === 'identity') continue;
      const less = { ...header, uncompressedSize: header.uncompressedSize - 1 };
      const error = await contractRejection(decodePayload(less, data, { inflate }));
      expect(error.code).toBe('corrupt');
    }
  });

  it('calls what cannot be inflated corrupt', async () => {
    const { header, data } = await sample();
    const bytes = data.slice().fill(0xff, 0, 8);
    const decoded = decodePayload(announced(bytes, header), bytes, { inflate });
    expect((await contractRejection(decoded)).code).toBe('corrupt');
  });
});

describe('parseEncoding', () => {
  it('splits off the dictionary', () => {
    expect(parseEncoding('gzip')).toEqual({ name: 'gzip' });
    expect(parseEncoding('deflate-raw;dict=v1')).toEqual({ name: 'deflate-raw', dict: 'v1' });
    expect(parseEncoding('deflate-raw; dict=v1')).toEqual({ name: 'deflate-raw', dict: 'v1' });
  });

  it.each(['', 'GZIP', 'deflate', 'br', 'toString'])('refuses %j', (encoding) => {
    const error = contractError(() => parseEncoding(encoding));
    expect(shape(error)).toEqual({ code: 'unsupported', field: ATTR_PAYLOAD_ENCODING });
  });
});

describe('joinParts', () => {
  it('joins in any order, with duplicates', async () => {
    const { header, data } = await sample();
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 9 })
          .chain((count) =>
            fc.tuple(
              fc.constant(count),
              fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
              fc.array(fc.nat(count - 1), { maxLength: 4 }),
            ),
          ),
        async ([count, order, again]) => {
          const all = parts(data, header, count);
          const joined = joinParts([...order, ...again].map((i) => all[i]!));
          expect(joined.data).toEqual(data);
          expect(await decodePayload(joined.header, joined.data)).toEqual(EVENTS);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes a payload that was never cut', async () => {
    const whole = await sample();
    expect(joinParts([whole]).data).toEqual(whole.data);
  });

  it('names the part that is missing', async () => {
    const { header, data } = await sample();
    for (let absent = 0; absent < 4; absent++) {
      const some = parts(data, header, 4).filter((_, i) => i !== absent);
      const error = contractError(() => joinParts(some));
      expect(shape(error)).toEqual({ code: 'missing', field: ATTR_PAYLOAD_PART_INDEX });
      expect(error.message).toContain(`part ${absent} of 4`);
    }
    expect(contractError(() => joinParts([])).code).toBe('missing');
  });

  it('checks every part', async () => {
    const { header, data } = await sample();
    const all = parts(data, header, 3);
    all[1]!.data[0]! ^= 1;
    const error = contractError(() => joinParts(all));
    expect(shape(error)).toEqual({ code: 'corrupt', field: ATTR_PAYLOAD_CRC32C });
  });

  it.each([
    [{ partCount: 4 }, ATTR_PAYLOAD_PART_COUNT],
    [{ encoding: 'gzip' }, ATTR_PAYLOAD_ENCODING],
    [{ uncompressedSize: 1 }, ATTR_PAYLOAD_UNCOMPRESSED_SIZE],
  ])('refuses parts that disagree: %j', async (changes, field) => {
    const { header, data } = await sample();
    const all = parts(data, header, 3);
    Object.assign(all[2]!.header, changes);
    expect(shape(contractError(() => joinParts(all)))).toEqual({ code: 'invalid', field });
  });

  it('does not join more than a reader would inflate', async () => {
    const { header } = await sample();
    const data = new Uint8Array(LIMITS.SEGMENT_UNCOMPRESSED_BYTES / 64 + 1);
    const all = Array.from({ length: 64 }, (_, partIndex) => ({
      data,
      header: { ...announced(data, header), partIndex, partCount: 64 },
    }));
    const error = contractError(() => joinParts(all));
    expect(shape(error)).toEqual({ code: 'too_large', field: ATTR_PAYLOAD_PART_COUNT });
  });
});
