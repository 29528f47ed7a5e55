/**
 * CRC-32C (Castagnoli), RFC 3720 appendix B.4, reflected polynomial 0x82F63B78. Eight bytes a step
 * ("slicing by 8"): the processor runs it over every payload byte it accepts.
 */
let tables: Int32Array | undefined;

function makeTables(): Int32Array {
  const t = new Int32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    t[n] = c;
  }
  for (let n = 0; n < 256; n++) {
    let c = t[n]!;
    for (let k = 1; k < 8; k++) {
      c = (c >>> 8) ^ t[c & 255]!;
      t[k * 256 + n] = c;
    }
  }
  return t;
}

/**
 * @param bytes what to sum
 * @param previous the result for the bytes before these, to sum in pieces; 0 to start
 * @returns unsigned 32-bit checksum
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const t = (tables ??= makeTables());
  let c = ~previous;
  let i = 0;
  const end8 = bytes.length - 7;
  while (i < end8) {
    const a =
      c ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    c =
      t[1792 + (a & 255)]! ^
      t[1536 + ((a >>> 8) & 255)]! ^
      t[1280 + ((a >>> 16) & 255)]! ^
      t[1024 + (a >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
    i += 8;
  }
  while (i < bytes.length) c = (c >>> 8) ^ t[(c ^ bytes[i++]!) & 255]!;
  return ~c >>> 0;
}

/** The form used on the wire: eight lower-case hex digits. */
export function crc32cHex(bytes: Uint8Array): string {
  return crc32c(bytes).toString(16).padStart(8, '0');
}
