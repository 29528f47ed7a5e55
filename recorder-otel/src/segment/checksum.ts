/**
 * CRC-32C as `crc32cHex` of the protocol computes it, a byte at a time: a segment is small, and the
 * fast form would be the larger part of a kilobyte in every page. Tested to be equal.
 */
const table = new Int32Array(256);

export function checksum(bytes: Uint8Array): string {
  if (table[1] === 0) {
    for (let n = 0; n < 256; n++) {
      let c = n;
      for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 && 0x82f63b78);
      table[n] = c;
    }
  }
  let c = -1;
  // Counted: an iterator costs several times as much before the code is compiled.
  for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ table[(c ^ bytes[i]!) & 255]!;
  return (~c >>> 0).toString(16).padStart(8, '0');
}
