/**
 * A block: one object in the store, playable on its own (wire contract, section 4).
 *
 *   "SRBK" u8 version u8[3] 0 | records | footer (UTF-8 JSON) | u32 CRC-32C | u32 footer length | "SRBE"
 *
 * The footer tells where each record lies, so that a reader can fetch the footer and then ranges,
 * and what the block holds, so that an index can be rebuilt from footers alone.
 */
import { concat, parseJsonObject } from './bytes.js';
import { crc32c } from './crc32c.js';
import { segmentEntry, type SegmentEntry } from './entry.js';
import type { PageEnvironment } from './environment.js';
import { ContractError } from './errors.js';
import { LIMITS } from './names.js';
import {
  decodeRecord,
  encodeRecord,
  type RecordKind,
  type ReplayRecord,
  type SignalHeader,
  type SpansHeader,
} from './record.js';

const VERSION = 1;
const HEAD = 8;
/** Bytes after the footer JSON. */
export const BLOCK_TAIL_BYTES = 12;
const MAGIC = [0x53, 0x52, 0x42, 0x4b]; // SRBK
const END_MAGIC = [0x53, 0x52, 0x42, 0x45]; // SRBE

export interface BlockEntry {
  kind: RecordKind;
  /** Bytes from the start of the block; the record with its prefix. */
  offset: number;
  length: number;
  /** Unix milliseconds. */
  firstTimestamp: number;
  lastTimestamp: number;
  /** Segments only. */
  segment?: SegmentEntry;
  /** Spans only: an index knows their traces without reading them. */
  spans?: SpansHeader;
  /** Signals only. */
  signal?: SignalHeader;
}

export interface BlockFooter {
  sessionId: string;
  recordingId: string;
  previousSessionId?: string;
  serviceName?: string;
  userId?: string;
  userHash?: string;
  masking?: string;
  environment?: PageEnvironment;
  entries: BlockEntry[];
}

/** A record with its bytes as {@link encodeRecord} made them: in a journal they are there already. */
export interface EncodedRecord {
  record: ReplayRecord;
  bytes: Uint8Array;
}

/** Lays records out as a block. Records must be of one recording; spans and signals of its session. */
export function encodeBlock(records: readonly ReplayRecord[]): Uint8Array {
  return layOutBlock(records.map((record) => ({ record, bytes: encodeRecord(record) }))).bytes;
}

/** {@link encodeBlock} for records whose bytes are known; hands out the footer too. */
export function layOutBlock(records: readonly EncodedRecord[]): {
  bytes: Uint8Array;
  footer: BlockFooter;
} {
  const first = records.find(({ record }) => record.kind === 'segment')?.record;
  if (first?.kind !== 'segment') {
    throw new ContractError('missing', 'block', 'holds no segment');
  }
  const { sessionId, recordingId } = first.header;
  const footer: BlockFooter = { sessionId, recordingId, entries: [] };
  const pieces: Uint8Array[] = [Uint8Array.from([...MAGIC, VERSION, 0, 0, 0])];
  let size = HEAD;
  for (const { record, bytes } of records) {
    footer.entries.push(blockEntry(record, size, bytes.length));
    if (record.kind === 'segment') noteSegment(footer, record.header);
    pieces.push(bytes);
    size += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(footer));
  const tail = new Uint8Array(BLOCK_TAIL_BYTES);
  const view = new DataView(tail.buffer);
  view.setUint32(0, crc32c(json), true);
  view.setUint32(4, json.length, true);
  tail.set(END_MAGIC, 8);
  pieces.push(json, tail);
  return { bytes: concat(pieces, size + json.length + tail.length), footer };
}

function noteSegment(
  footer: BlockFooter,
  h: Extract<ReplayRecord, { kind: 'segment' }>['header'],
): void {
  if (h.sessionId !== footer.sessionId || h.recordingId !== footer.recordingId) {
    throw new ContractError('invalid', 'block', 'holds segments of more than one recording');
  }
  for (const key of [
    'previousSessionId',
    'serviceName',
    'userId',
    'userHash',
    'masking',
  ] as const) {
    const value = h[key];
    if (value !== undefined) footer[key] = value;
  }
  if (h.environment !== undefined) footer.environment = h.environment;
}

/** What a footer says of a record of `length` bytes at `offset`. */
export function blockEntry(record: ReplayRecord, offset: number, length: number): BlockEntry {
  switch (record.kind) {
    case 'segment': {
      const { firstTimestamp, lastTimestamp } = record.header;
      const segment = segmentEntry(record.header);
      return { kind: 'segment', offset, length, firstTimestamp, lastTimestamp, segment };
    }
    case 'signal': {
      const { timestamp } = record.header;
      return {
        kind: 'signal',
        offset,
        length,
        firstTimestamp: timestamp,
        lastTimestamp: timestamp,
        signal: record.header,
      };
    }
    case 'spans': {
      const { firstTimestamp, lastTimestamp } = record.header;
      return { kind: 'spans', offset, length, firstTimestamp, lastTimestamp, spans: record.header };
    }
    case 'manifest': {
      const { firstTimestamp, lastTimestamp } = record.header;
      return { kind: 'manifest', offset, length, firstTimestamp, lastTimestamp };
    }
  }
}

/**
 * Length in bytes of the footer, tail included, from the last {@link BLOCK_TAIL_BYTES} bytes.
 * Throws {@link ContractError} `truncated` when they are not the end of a block, `corrupt` when the
 * length is not possible.
 */
export function footerLength(tail: Uint8Array): number {
  if (tail.length < BLOCK_TAIL_BYTES || !endsWith(tail, END_MAGIC)) {
    throw new ContractError(
      'truncated',
      'block',
      'does not end like a block; it was cut or is none',
    );
  }
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - 8, true);
  // A reader allocates what this says before it can check it.
  if (length > LIMITS.BLOCK_BYTES) {
    throw new ContractError('corrupt', 'block', `a footer of ${length} bytes is not possible`);
  }
  return length + BLOCK_TAIL_BYTES;
}

/**
 * The footer from the last bytes of a block: at least {@link footerLength} of them.
 * Throws {@link ContractError} `truncated` or `corrupt`.
 */
export function decodeFooter(end: Uint8Array): BlockFooter {
  const length = footerLength(end);
  if (length > end.length) {
    throw new ContractError('truncated', 'block', `footer of ${length} bytes, ${end.length} given`);
  }
  const json = end.subarray(end.length - length, end.length - BLOCK_TAIL_BYTES);
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength);
  if (crc32c(json) !== view.getUint32(end.length - BLOCK_TAIL_BYTES, true)) {
    throw new ContractError('corrupt', 'block', 'checksum of the footer is wrong');
  }
  const footer = parseJsonObject(json, 'block footer') as BlockFooter;
  if (!Array.isArray(footer.entries) || !footer.entries.every(isEntry)) {
    throw new ContractError('corrupt', 'block footer', 'entries are not an array of byte ranges');
  }
  return footer;
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { offset, length } = value as Partial<BlockEntry>;
  return Number.isSafeInteger(offset) && Number.isSafeInteger(length);
}

/**
 * Footer and records of a whole block; payloads are views into `bytes`.
 * Throws {@link ContractError} `truncated` or `corrupt`.
 */
export function decodeBlock(bytes: Uint8Array): { footer: BlockFooter; records: ReplayRecord[] } {
  if (bytes.length < HEAD + BLOCK_TAIL_BYTES || !MAGIC.every((b, i) => bytes[i] === b)) {
    throw new ContractError('corrupt', 'block', 'does not start like a block');
  }
  if (bytes.subarray(5, HEAD).some((reserved) => reserved !== 0)) {
    throw new ContractError('corrupt', 'block', 'reserved bytes of the head are not zero');
  }
  if (bytes[4] !== VERSION) {
    throw new ContractError(
      'unsupported',
      'block',
      `version ${bytes[4]}, this reader knows ${VERSION}`,
    );
  }
  const footer = decodeFooter(bytes);
  const end = bytes.length - footerLength(bytes);
  const records: ReplayRecord[] = [];
  let at = HEAD;
  for (const entry of footer.entries) {
    // Each byte belongs to one record, so a forged footer cannot multiply them.
    if (entry.offset !== at || at + entry.length > end) throw notTiled(at);
    const { record, length } = decodeRecord(bytes.subarray(0, end), at);
    if (length !== entry.length) throw notTiled(at);
    records.push(record);
    at += length;
  }
  if (at !== end) throw notTiled(at);
  return { footer, records };
}

function notTiled(at: number): ContractError {
  return new ContractError('corrupt', 'block', `the footer does not match the records at ${at}`);
}

function endsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  const at = bytes.length - magic.length;
  return magic.every((b, i) => bytes[at + i] === b);
}
