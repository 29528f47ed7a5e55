/**
 * Base64 from bytes to bytes. In slices: one large latin1 string lands in V8's large-object space
 * and costs four times as much (measured on 100 KB and 300 KB payloads).
 */
const SLICE = 32 * 1024;
const PAD = 0x3d;

/** Undefined when [start, end) is not base64 (RFC 4648 §4 or §5, padding optional). */
export function decodeBase64(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  while (end > start && bytes[end - 1] === PAD) end--;
  const digits = end - start;
  if (digits % 4 === 1) return undefined;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Math.floor((digits * 3) / 4);
  const out = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (let from = start; from < end; from += SLICE) {
    const to = Math.min(from + SLICE, end);
    const wanted = Math.floor(((to - from) * 3) / 4);
    // Node skips what is no base64 digit, so a short result is how that shows.
    if (out.write(source.toString('latin1', from, to), at, 'base64') !== wanted) return undefined;
    at += wanted;
  }
  return out;
}
