import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { crc32c, crc32cHex } from './crc32c.js';

const ISCSI_READ_COMMAND = [
  '01c00000000000000000000000000000',
  '14000000000004000000001400000018',
  '28000000000000000200000000000000',
].join('');

describe('crc32c', () => {
  // RFC 3720 B.4 prints the checksum bytes in transmission order; these are the numbers.
  it.each([
    ['32 zeros', new Uint8Array(32), '8a9136aa'],
    ['32 ones', new Uint8Array(32).fill(0xff), '62a8ab43'],
    ['0..31', Uint8Array.from({ length: 32 }, (_, i) => i), '46dd794e'],
    ['31..0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), '113fdb5c'],
    ['an iSCSI read command', Buffer.from(ISCSI_READ_COMMAND, 'hex'), 'd9963a56'],
    ['"123456789"', new TextEncoder().encode('123456789'), 'e3069283'],
    ['nothing', new Uint8Array(0), '00000000'],
  ])('gives the known sum of %s', (_name, bytes, expected) => {
    expect(crc32cHex(bytes)).toBe(expected);
  });

  it('sums in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
        const first = crc32c(bytes.subarray(0, at));
        expect(crc32c(bytes.subarray(at), first)).toBe(crc32c(bytes));
      }),
    );
  });

  it('gives the same for a view that starts anywhere in its buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(9), (bytes, offset) => {
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        expect(crc32c(shifted.subarray(offset))).toBe(crc32c(bytes));
      }),
    );
  });
});
