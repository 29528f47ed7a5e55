/** Payload codec: rrweb events <-> the compressed bytes of a segment (wire contract, section 2). */
import { concat } from './bytes.js';
import { crc32cHex } from './crc32c.js';
import { ContractError } from './errors.js';
import { checkFormat, readEvents, writeEvents } from './events.js';
import {
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_DATA,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_PART_COUNT,
  ATTR_PAYLOAD_PART_INDEX,
  ATTR_PAYLOAD_SHA256,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  LIMITS,
} from './names.js';
import type { PayloadEncoding, PayloadFormat, PayloadHeader, ReplayEvent } from './segment.js';

export interface DecodeLimits {
  /**
   * Inflated bytes this reader is willing to hold, and characters that the events may have as JSON;
   * default {@link LIMITS.SEGMENT_UNCOMPRESSED_BYTES}.
   */
  maxUncompressedBytes?: number;
  /**
   * Inflates in place of `DecompressionStream`, whose streams cost Node several times what inflating
   * does. Must not give more than `maxBytes`; what it throws means that the data is corrupt.
   */
  inflate?: (format: 'gzip' | 'deflate-raw', data: Uint8Array, maxBytes: number) => Uint8Array;
}

/** Splits `encoding[;dict=<id>]`. Throws {@link ContractError} `unsupported` for anything unknown. */
export function parseEncoding(encoding: string): { name: PayloadEncoding; dict?: string } {
  const [name, ...params] = encoding.split(';').map((s) => s.trim());
  if (name !== 'gzip' && name !== 'deflate-raw' && name !== 'identity') {
    throw new ContractError(
      'unsupported',
      ATTR_PAYLOAD_ENCODING,
      `"${encoding}" is not known; send gzip, deflate-raw or identity`,
    );
  }
  const dict = params.find((p) => p.startsWith('dict='))?.slice(5);
  return dict === undefined ? { name } : { name, dict };
}

/**
 * Compresses events into a payload and fills in the {@link PayloadHeader}. For tools and tests;
 * the recorder compresses while it records.
 */
export async function encodePayload(
  events: readonly ReplayEvent[],
  encoding: PayloadEncoding = 'deflate-raw',
  format: PayloadFormat = 'rrweb',
): Promise<{ header: PayloadHeader; data: Uint8Array }> {
  const { raw, formatVersion } = writeEvents(events, format);
  const data =
    encoding === 'identity'
      ? raw
      : await collect(through(raw, new CompressionStream(encoding)), Number.POSITIVE_INFINITY);
  return {
    data,
    header: {
      encoding,
      format,
      formatVersion,
      size: data.length,
      uncompressedSize: raw.length,
      crc32c: crc32cHex(data),
    },
  };
}

/**
 * Checks what can be checked without inflating: size and CRC-32C of the bytes as sent. (SHA-256 is
 * checked by {@link decodePayload}: Web Crypto has it only asynchronously.)
 * Throws {@link ContractError} `truncated`, `corrupt`, or `invalid` for a header with wrong types.
 */
export function checkPayload(header: PayloadHeader, data: Uint8Array): void {
  checkHeader(header);
  if (data.length !== header.size) {
    throw new ContractError(
      'truncated',
      ATTR_PAYLOAD_SIZE,
      `${header.size} bytes were announced, ${data.length} arrived; an attribute length limit on the way cuts payloads`,
    );
  }
  if (header.crc32c !== undefined) {
    const actual = crc32cHex(data);
    if (actual !== header.crc32c.toLowerCase()) {
      throw new ContractError(
        'corrupt',
        ATTR_PAYLOAD_CRC32C,
        `announced ${header.crc32c}, computed ${actual}`,
      );
    }
  }
}

/** Headers also come from files that anyone may have written: a NaN size must not lift a bound. */
function checkHeader(header: PayloadHeader): void {
  const wrong = (field: string, expected: string, value: unknown): ContractError =>
    new ContractError('invalid', field, `must be ${expected}, is ${typeof value}`);
  const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  if (typeof header.encoding !== 'string')
    throw wrong(ATTR_PAYLOAD_ENCODING, 'a string', header.encoding);
  if (!isSize(header.size)) throw wrong(ATTR_PAYLOAD_SIZE, 'an integer of 0 or more', header.size);
  if (!isSize(header.uncompressedSize)) {
    const found = header.uncompressedSize;
    throw wrong(ATTR_PAYLOAD_UNCOMPRESSED_SIZE, 'an integer of 0 or more', found);
  }
  if (header.crc32c !== undefined && typeof header.crc32c !== 'string')
    throw wrong(ATTR_PAYLOAD_CRC32C, 'a string', header.crc32c);
  if (header.sha256 !== undefined && typeof header.sha256 !== 'string')
    throw wrong(ATTR_PAYLOAD_SHA256, 'a string', header.sha256);
}

/**
 * The events of a whole payload (parts joined before). Inflation stops at the announced size, so
 * memory is bounded by `min(uncompressedSize, maxUncompressedBytes)`; what a columnar payload becomes
 * is bounded by `maxUncompressedBytes` as if it had been JSON.
 * Throws {@link ContractError}: `truncated`, `corrupt`, `too_large`, `unsupported` or `invalid`.
 */
export async function decodePayload(
  header: PayloadHeader,
  data: Uint8Array,
  limits: DecodeLimits = {},
): Promise<ReplayEvent[]> {
  checkPayload(header, data);
  const { name, dict } = parseEncoding(header.encoding);
  if (dict !== undefined) {
    throw new ContractError(
      'unsupported',
      ATTR_PAYLOAD_ENCODING,
      `dictionary "${dict}" is not known to this reader`,
    );
  }
  checkFormat(header);
  const max = limits.maxUncompressedBytes ?? LIMITS.SEGMENT_UNCOMPRESSED_BYTES;
  if (header.uncompressedSize > max) {
    throw new ContractError(
      'too_large',
      ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
      `${header.uncompressedSize} bytes announced, at most ${max} are read`,
    );
  }
  await checkSha256(header, data);
  const raw =
    name === 'identity' ? data : await inflate(name, data, header.uncompressedSize, limits);
  if (raw.length !== header.uncompressedSize) {
    throw new ContractError(
      'corrupt',
      ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
      `${header.uncompressedSize} bytes announced, ${raw.length} came out`,
    );
  }
  return readEvents(header, raw, max);
}

async function checkSha256(header: PayloadHeader, data: Uint8Array): Promise<void> {
  // Web Crypto is absent on pages served over plain http; there the processor's check must do.
  const subtle = (globalThis.crypto as typeof globalThis.crypto | undefined)?.subtle;
  if (header.sha256 === undefined || subtle === undefined) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>));
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual !== header.sha256.toLowerCase()) {
    throw new ContractError(
      'corrupt',
      ATTR_PAYLOAD_SHA256,
      `announced ${header.sha256.slice(0, 80)}, computed ${actual}`,
    );
  }
}

/**
 * Joins the parts of one payload, in any order, duplicates allowed.
 * Throws {@link ContractError}: `missing` when a part is not there, `invalid` when the parts are not of
 * one payload, `too_large` above {@link LIMITS.SEGMENT_UNCOMPRESSED_BYTES}, and what
 * {@link checkPayload} throws of a part.
 */
export function joinParts(parts: readonly { header: PayloadHeader; data: Uint8Array }[]): {
  header: PayloadHeader;
  data: Uint8Array;
} {
  const first = parts[0];
  if (first === undefined) {
    throw new ContractError('missing', ATTR_PAYLOAD_DATA, 'no part was given');
  }
  const count = first.header.partCount ?? 1;
  const byIndex = new Map<number, Uint8Array>();
  for (const part of parts) {
    checkPayload(part.header, part.data);
    checkSamePayload(first.header, part.header);
    byIndex.set(part.header.partIndex ?? 0, part.data);
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; i < count; i++) {
    const piece = byIndex.get(i);
    if (piece === undefined) {
      throw new ContractError(
        'missing',
        ATTR_PAYLOAD_PART_INDEX,
        `part ${i} of ${count} is not there`,
      );
    }
    pieces.push(piece);
    size += piece.length;
  }
  if (size > LIMITS.SEGMENT_UNCOMPRESSED_BYTES) {
    throw new ContractError(
      'too_large',
      ATTR_PAYLOAD_PART_COUNT,
      `the parts have ${size} bytes, at most ${LIMITS.SEGMENT_UNCOMPRESSED_BYTES} are read`,
    );
  }
  const data = pieces.length === 1 ? pieces[0]! : concat(pieces, size);
  const { encoding, format, formatVersion, uncompressedSize } = first.header;
  return { data, header: { encoding, format, formatVersion, uncompressedSize, size } };
}

function checkSamePayload(first: PayloadHeader, other: PayloadHeader): void {
  const fields = [
    [ATTR_PAYLOAD_PART_COUNT, first.partCount, other.partCount],
    [ATTR_PAYLOAD_ENCODING, first.encoding, other.encoding],
    [ATTR_PAYLOAD_UNCOMPRESSED_SIZE, first.uncompressedSize, other.uncompressedSize],
  ] as const;
  for (const [field, one, another] of fields) {
    if (one === another) continue;
    const message = `parts of one payload must agree, found ${one} and ${another}`;
    throw new ContractError('invalid', field, message);
  }
}

async function inflate(
  format: 'gzip' | 'deflate-raw',
  data: Uint8Array,
  max: number,
  { inflate: inflateBy }: DecodeLimits,
): Promise<Uint8Array> {
  try {
    if (inflateBy !== undefined) return inflateBy(format, data, max);
    return await collect(through(data, new DecompressionStream(format)), max);
  } catch (cause) {
    if (cause instanceof ContractError) throw cause;
    throw new ContractError(
      'corrupt',
      ATTR_PAYLOAD_DATA,
      `cannot be inflated as ${format}: ${String(cause)}`,
    );
  }
}

function through(
  data: Uint8Array,
  transform: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(data as Uint8Array<ArrayBuffer>);
      controller.close();
    },
  });
  return source.pipeThrough(transform);
}

async function collect(stream: ReadableStream<Uint8Array>, max: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > max) {
      await reader.cancel().catch(() => undefined);
      throw new ContractError(
        'too_large',
        ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
        `more than the announced ${max} bytes come out`,
      );
    }
    chunks.push(value);
  }
  return concat(chunks, size);
}
