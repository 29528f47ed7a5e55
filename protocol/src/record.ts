/**
 * The framing that journal, blocks, the events endpoint and export files share:
 *
 *   u32 body length | u32 CRC-32C of the body | body
 *   body = u8 kind | u32 header length | header (UTF-8 JSON) | payload bytes
 *
 * All integers little-endian. A record can be copied between the four as bytes.
 */
import { concat, parseJsonObject } from './bytes.js';
import { crc32c } from './crc32c.js';
import { ContractError } from './errors.js';
import { checkRecordHeader } from './header.js';
import type { SegmentHeader } from './segment.js';
import type { SessionManifest, Signal } from './api.js';

/** What a `spans` record says of the OTLP bytes it carries. */
export interface SpansHeader {
  sessionId: string;
  /** Of the payload: an OTLP `ExportTraceServiceRequest` in this encoding. */
  contentType: 'application/x-protobuf' | 'application/json';
  /** Unix milliseconds: earliest span start, latest span end. */
  firstTimestamp: number;
  lastTimestamp: number;
  spanCount: number;
  traceIds: string[];
  /** Earliest span start of each of `traceIds`, in the same order. */
  traceTimestamps?: number[];
  /** `session_replay.id` of the spans: they are this page's and share its clock. Absent: a backend's. */
  recordingId?: string;
  /** Unix milliseconds, processor clock. */
  receivedTime?: number;
}

export interface SignalHeader extends Signal {
  sessionId: string;
  /** Unix milliseconds, processor clock. */
  receivedTime?: number;
}

export type ReplayRecord =
  | { kind: 'segment'; header: SegmentHeader; payload: Uint8Array }
  | { kind: 'spans'; header: SpansHeader; payload: Uint8Array }
  | { kind: 'signal'; header: SignalHeader; payload: Uint8Array }
  | { kind: 'manifest'; header: SessionManifest; payload: Uint8Array };

export type RecordKind = ReplayRecord['kind'];

const KINDS: readonly RecordKind[] = ['segment', 'spans', 'signal', 'manifest'];
const PREFIX = 8;
const BODY_PREFIX = 5;

/** No honest record is larger: a segment is at most 1 MiB, a spans record one request. */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/** The bytes of one record. */
export function encodeRecord(record: ReplayRecord): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(record.header));
  const bodyLength = BODY_PREFIX + header.length + record.payload.length;
  if (bodyLength > MAX_RECORD_BYTES) {
    throw new ContractError(
      'too_large',
      `${record.kind} record`,
      `${bodyLength} bytes, at most ${MAX_RECORD_BYTES}`,
    );
  }
  const out = new Uint8Array(PREFIX + bodyLength);
  const view = new DataView(out.buffer);
  out[PREFIX] = KINDS.indexOf(record.kind) + 1;
  view.setUint32(PREFIX + 1, header.length, true);
  out.set(header, PREFIX + BODY_PREFIX);
  out.set(record.payload, PREFIX + BODY_PREFIX + header.length);
  view.setUint32(0, bodyLength, true);
  view.setUint32(4, crc32c(out.subarray(PREFIX)), true);
  return out;
}

/** Total bytes of the record at `offset`, or undefined while its prefix is not all there. */
export function recordLength(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < PREFIX) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = view.getUint32(offset, true);
  if (body < BODY_PREFIX || body > MAX_RECORD_BYTES) {
    throw new ContractError(
      'corrupt',
      'record',
      `length ${body} at byte ${offset} is not possible`,
    );
  }
  return PREFIX + body;
}

/**
 * The record at `offset`; its payload is a view into `bytes`.
 * Throws {@link ContractError}: `truncated` when `bytes` end early, `corrupt` when the checksum or
 * the structure does not hold.
 */
export function decodeRecord(
  bytes: Uint8Array,
  offset = 0,
): { record: ReplayRecord; length: number } {
  const length = recordLength(bytes, offset);
  if (length === undefined || bytes.length - offset < length) {
    throw new ContractError('truncated', 'record', `bytes end inside the record at ${offset}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = bytes.subarray(offset + PREFIX, offset + length);
  if (crc32c(body) !== view.getUint32(offset + 4, true)) {
    throw new ContractError('corrupt', 'record', `checksum of the record at ${offset} is wrong`);
  }
  const kind = KINDS[body[0]! - 1];
  const headerLength = view.getUint32(offset + PREFIX + 1, true);
  if (kind === undefined || headerLength > body.length - BODY_PREFIX) {
    const message = `kind or header length of the record at ${offset} is wrong`;
    throw new ContractError('corrupt', 'record', message);
  }
  const header = parseJsonObject(
    body.subarray(BODY_PREFIX, BODY_PREFIX + headerLength),
    `header of the ${kind} record at ${offset}`,
  );
  checkRecordHeader(kind, header);
  const payload = body.subarray(BODY_PREFIX + headerLength);
  return { record: { kind, header, payload } as ReplayRecord, length };
}

/** Takes chunks of a record stream as they arrive and yields whole records. */
export class RecordReader {
  // Chunks are joined only when a whole record is there: many small ones cost linear time.
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #needed = PREFIX;

  /**
   * Payloads may be views into `chunk`; what is not yet a whole record is copied.
   * Throws {@link ContractError} `corrupt` when the stream is damaged.
   */
  push(chunk: Uint8Array): ReplayRecord[] {
    if (this.#buffered + chunk.length < this.#needed) {
      this.#keep(chunk);
      return [];
    }
    const bytes =
      this.#buffered === 0
        ? chunk
        : concat([...this.#chunks, chunk], this.#buffered + chunk.length);
    const records: ReplayRecord[] = [];
    let at = 0;
    let length = recordLength(bytes, at);
    while (length !== undefined && bytes.length - at >= length) {
      records.push(decodeRecord(bytes, at).record);
      at += length;
      length = recordLength(bytes, at);
    }
    this.#chunks = [];
    this.#buffered = 0;
    this.#needed = length ?? PREFIX;
    this.#keep(bytes.subarray(at));
    return records;
  }

  /** Throws {@link ContractError} `truncated` when the stream ended inside a record. */
  end(): void {
    if (this.#buffered > 0) {
      throw new ContractError(
        'truncated',
        'record',
        `the stream ended ${this.#buffered} bytes into a record`,
      );
    }
  }

  #keep(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk.slice());
    this.#buffered += chunk.length;
  }
}
