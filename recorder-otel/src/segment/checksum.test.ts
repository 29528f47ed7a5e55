import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32cHex } from '@otel-replay/protocol';
import { checksum } from './checksum.js';

test('is the checksum of the protocol', () => {
  expect(checksum(new TextEncoder().encode('123456789'))).toBe('e3069283');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(checksum(bytes)).toBe(crc32cHex(bytes));
    }),
  );
});
