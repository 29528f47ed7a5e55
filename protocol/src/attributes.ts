/** Segment header <-> OTLP attributes: the one place that knows which name carries which field. */
import { ContractError } from './errors.js';
import { checkKeyPart } from './key.js';
import {
  ATTR_CLICK_COUNT,
  ATTR_CLIENT_SEND_TIME,
  ATTR_REQUEST_COUNT,
  ATTR_FAILED_REQUEST_COUNT,
  ATTR_CONSOLE_ERROR_COUNT,
  ATTR_DEAD_CLICK_COUNT,
  ATTR_LONG_TASK_COUNT,
  ATTR_CUSTOM_EVENT_COUNT,
  ATTR_DROPPED_EVENTS,
  ATTR_DROPPED_TRACE_IDS,
  ATTR_ERROR_COUNT,
  ATTR_MASKING,
  ATTR_MODE,
  ATTR_PAYLOAD_CRC32C,
  ATTR_PAYLOAD_ENCODING,
  ATTR_PAYLOAD_FORMAT,
  ATTR_PAYLOAD_FORMAT_VERSION,
  ATTR_PAYLOAD_PART_COUNT,
  ATTR_PAYLOAD_PART_INDEX,
  ATTR_PAYLOAD_SHA256,
  ATTR_PAYLOAD_SIZE,
  ATTR_PAYLOAD_UNCOMPRESSED_SIZE,
  ATTR_RAGE_CLICK_COUNT,
  ATTR_RECORDING_ID,
  ATTR_SAMPLE_RATE,
  ATTR_SEGMENT_CHECKPOINT,
  ATTR_SEGMENT_EVENT_COUNT,
  ATTR_SEGMENT_FINAL,
  ATTR_SEGMENT_FIRST_TIMESTAMP,
  ATTR_SEGMENT_HAS_FULL_SNAPSHOT,
  ATTR_SEGMENT_INDEX,
  ATTR_SEGMENT_LAST_TIMESTAMP,
  ATTR_SESSION_ID,
  ATTR_SESSION_PREVIOUS_ID,
  ATTR_TRACE_IDS,
  ATTR_TRIGGER,
  ATTR_URL_FULL,
  ATTR_USER_HASH,
  ATTR_USER_ID,
  LIMITS,
} from './names.js';
import { parseEncoding } from './payload.js';
import type { PayloadHeader, SegmentHeader } from './segment.js';

/** An OTLP attribute value as either OTLP encoding yields it. int64 may come as number or bigint. */
export type AttributeValue =
  string | number | bigint | boolean | Uint8Array | readonly (string | number | bigint | boolean)[];

/** Attribute maps of the segment span and of its payload event, without the payload bytes. */
export interface SegmentAttributes {
  span: Record<string, string | number | boolean | string[]>;
  event: Record<string, string | number>;
}

/**
 * Counts that not every recorder keeps; absent is 0, on the wire and in a header.
 */
const OPTIONAL_COUNTS = [
  [ATTR_REQUEST_COUNT, 'requestCount'],
  [ATTR_FAILED_REQUEST_COUNT, 'failedRequestCount'],
  [ATTR_CONSOLE_ERROR_COUNT, 'consoleErrorCount'],
  [ATTR_DEAD_CLICK_COUNT, 'deadClickCount'],
  [ATTR_LONG_TASK_COUNT, 'longTaskCount'],
  [ATTR_CUSTOM_EVENT_COUNT, 'customEventCount'],
] as const;

/** What a recorder puts on the wire for `header`; absent optional fields stay absent. */
export function toAttributes(header: SegmentHeader): SegmentAttributes {
  const span: SegmentAttributes['span'] = {
    [ATTR_SESSION_ID]: header.sessionId,
    [ATTR_RECORDING_ID]: header.recordingId,
    [ATTR_SEGMENT_INDEX]: header.index,
    [ATTR_SEGMENT_CHECKPOINT]: header.checkpoint,
    [ATTR_SEGMENT_FIRST_TIMESTAMP]: header.firstTimestamp,
    [ATTR_SEGMENT_LAST_TIMESTAMP]: header.lastTimestamp,
    [ATTR_SEGMENT_EVENT_COUNT]: header.eventCount,
    [ATTR_MODE]: header.mode,
  };
  const put = (name: string, value: string | number | boolean | string[] | undefined): void => {
    if (value !== undefined) span[name] = value;
  };
  const count = (name: string, value = 0): void => {
    if (value > 0) span[name] = value;
  };
  put(ATTR_SESSION_PREVIOUS_ID, header.previousSessionId);
  if (header.hasFullSnapshot) span[ATTR_SEGMENT_HAS_FULL_SNAPSHOT] = true;
  put(ATTR_SEGMENT_FINAL, header.final);
  put(ATTR_TRIGGER, header.trigger);
  put(ATTR_SAMPLE_RATE, header.sampleRate);
  if (header.traceIds.length > 0) span[ATTR_TRACE_IDS] = header.traceIds;
  count(ATTR_DROPPED_TRACE_IDS, header.droppedTraceIds);
  count(ATTR_ERROR_COUNT, header.errorCount);
  count(ATTR_CLICK_COUNT, header.clickCount);
  count(ATTR_RAGE_CLICK_COUNT, header.rageClickCount);
  count(ATTR_DROPPED_EVENTS, header.droppedEvents);
  count(ATTR_REQUEST_COUNT, header.requestCount);
  count(ATTR_FAILED_REQUEST_COUNT, header.failedRequestCount);
  count(ATTR_CONSOLE_ERROR_COUNT, header.consoleErrorCount);
  count(ATTR_DEAD_CLICK_COUNT, header.deadClickCount);
  count(ATTR_LONG_TASK_COUNT, header.longTaskCount);
  count(ATTR_CUSTOM_EVENT_COUNT, header.customEventCount);
  put(ATTR_CLIENT_SEND_TIME, header.clientSendTime);
  put(ATTR_MASKING, header.masking);
  put(ATTR_URL_FULL, header.url);
  put(ATTR_USER_ID, header.userId);
  put(ATTR_USER_HASH, header.userHash);

  const p = header.payload;
  const event: SegmentAttributes['event'] = {
    [ATTR_PAYLOAD_ENCODING]: p.encoding,
    [ATTR_PAYLOAD_FORMAT]: p.format,
    [ATTR_PAYLOAD_FORMAT_VERSION]: p.formatVersion,
    [ATTR_PAYLOAD_SIZE]: p.size,
    [ATTR_PAYLOAD_UNCOMPRESSED_SIZE]: p.uncompressedSize,
  };
  if (p.crc32c !== undefined) event[ATTR_PAYLOAD_CRC32C] = p.crc32c;
  if (p.sha256 !== undefined) event[ATTR_PAYLOAD_SHA256] = p.sha256;
  if (p.partIndex !== undefined) event[ATTR_PAYLOAD_PART_INDEX] = p.partIndex;
  if (p.partCount !== undefined) event[ATTR_PAYLOAD_PART_COUNT] = p.partCount;
  return { span, event };
}

/**
 * Reads and checks a segment header.
 * @param attributes span (or log record) and payload event attributes, together; the payload bytes
 *   themselves are not needed
 * @throws ContractError `missing`, `invalid` or `unsupported`, naming the attribute
 */
export function fromAttributes(attributes: ReadonlyMap<string, AttributeValue>): SegmentHeader {
  const read = new Reader(attributes);
  const header: SegmentHeader = {
    sessionId: read.id(ATTR_SESSION_ID, LIMITS.SESSION_ID_LENGTH),
    recordingId: read.hex(ATTR_RECORDING_ID, 32),
    index: read.requiredCount(ATTR_SEGMENT_INDEX),
    checkpoint: read.count(ATTR_SEGMENT_CHECKPOINT),
    hasFullSnapshot: read.boolean(ATTR_SEGMENT_HAS_FULL_SNAPSHOT) ?? false,
    firstTimestamp: read.requiredCount(ATTR_SEGMENT_FIRST_TIMESTAMP),
    lastTimestamp: read.requiredCount(ATTR_SEGMENT_LAST_TIMESTAMP),
    eventCount: read.count(ATTR_SEGMENT_EVENT_COUNT),
    mode: read.mode(),
    traceIds: read.traceIds(),
    droppedTraceIds: read.droppedTraceIds(),
    errorCount: read.count(ATTR_ERROR_COUNT),
    clickCount: read.count(ATTR_CLICK_COUNT),
    rageClickCount: read.count(ATTR_RAGE_CLICK_COUNT),
    droppedEvents: read.count(ATTR_DROPPED_EVENTS),
    payload: readPayload(read),
  };
  if (header.lastTimestamp < header.firstTimestamp) {
    throw new ContractError(
      'invalid',
      ATTR_SEGMENT_LAST_TIMESTAMP,
      `${header.lastTimestamp} is before ${ATTR_SEGMENT_FIRST_TIMESTAMP} ${header.firstTimestamp}`,
    );
  }
  const optional = <K extends keyof SegmentHeader>(
    key: K,
    value: SegmentHeader[K] | undefined,
  ): void => {
    if (value !== undefined) header[key] = value;
  };
  optional(
    'previousSessionId',
    read.optionalId(ATTR_SESSION_PREVIOUS_ID, LIMITS.SESSION_ID_LENGTH),
  );
  optional('final', read.boolean(ATTR_SEGMENT_FINAL));
  optional('trigger', read.string(ATTR_TRIGGER));
  optional('sampleRate', read.number(ATTR_SAMPLE_RATE));
  optional('clientSendTime', read.number(ATTR_CLIENT_SEND_TIME));
  optional('masking', read.string(ATTR_MASKING));
  optional('url', read.string(ATTR_URL_FULL));
  optional('userId', read.string(ATTR_USER_ID));
  optional('userHash', read.string(ATTR_USER_HASH));
  for (const [name, field] of OPTIONAL_COUNTS) optional(field, read.count(name) || undefined);
  return header;
}

function readPayload(read: Reader): PayloadHeader {
  const payload: PayloadHeader = {
    encoding: read.encoding(),
    format: read.string(ATTR_PAYLOAD_FORMAT) ?? 'rrweb',
    formatVersion: read.string(ATTR_PAYLOAD_FORMAT_VERSION) ?? '2',
    size: read.requiredCount(ATTR_PAYLOAD_SIZE),
    uncompressedSize: read.requiredCount(ATTR_PAYLOAD_UNCOMPRESSED_SIZE),
  };
  const crc = read.string(ATTR_PAYLOAD_CRC32C);
  if (crc !== undefined) payload.crc32c = read.checkHex(ATTR_PAYLOAD_CRC32C, crc, 8);
  const sha = read.string(ATTR_PAYLOAD_SHA256);
  if (sha !== undefined) payload.sha256 = read.checkHex(ATTR_PAYLOAD_SHA256, sha, 64);
  if (read.has(ATTR_PAYLOAD_PART_COUNT) || read.has(ATTR_PAYLOAD_PART_INDEX)) {
    payload.partCount = read.requiredCount(ATTR_PAYLOAD_PART_COUNT);
    payload.partIndex = read.requiredCount(ATTR_PAYLOAD_PART_INDEX);
    if (
      payload.partCount < 1 ||
      payload.partCount > 1024 ||
      payload.partIndex >= payload.partCount
    ) {
      throw new ContractError(
        'invalid',
        ATTR_PAYLOAD_PART_INDEX,
        `part ${payload.partIndex} of ${payload.partCount}; parts count from 0 and are at most 1024`,
      );
    }
  }
  return payload;
}

/** Typed look-ups that name the attribute when it is not what it should be. */
class Reader {
  readonly #attributes: ReadonlyMap<string, AttributeValue>;

  constructor(attributes: ReadonlyMap<string, AttributeValue>) {
    this.#attributes = attributes;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  string(name: string): string | undefined {
    const value = this.#attributes.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw wrongType(name, 'a string', value);
    return value;
  }

  required(name: string): string {
    const value = this.string(name);
    if (value === undefined || value === '') throw missing(name);
    return value;
  }

  optionalId(name: string, maxLength: number): string | undefined {
    return this.#attributes.has(name) ? this.id(name, maxLength) : undefined;
  }

  id(name: string, maxLength: number): string {
    const value = this.required(name);
    if (value.length > maxLength) {
      throw new ContractError('invalid', name, `${value.length} characters, at most ${maxLength}`);
    }
    if (/\p{Surrogate}/u.test(value)) {
      throw new ContractError('invalid', name, 'holds a lone surrogate, so it has no UTF-8 form');
    }
    checkKeyPart(name, value);
    return value;
  }

  hex(name: string, digits: number): string {
    return this.checkHex(name, this.required(name), digits);
  }

  checkHex(name: string, value: string, digits: number): string {
    const lower = value.toLowerCase();
    if (lower.length !== digits || !/^[0-9a-f]+$/.test(lower)) {
      throw new ContractError(
        'invalid',
        name,
        `"${value.slice(0, 80)}" is not ${digits} hex digits`,
      );
    }
    return lower;
  }

  number(name: string): number | undefined {
    const value = this.#attributes.get(name);
    if (value === undefined) return undefined;
    const n = typeof value === 'bigint' ? Number(value) : value;
    if (typeof n !== 'number' || !Number.isFinite(n)) throw wrongType(name, 'a number', value);
    return n;
  }

  count(name: string): number {
    const n = this.number(name) ?? 0;
    if (!Number.isSafeInteger(n) || n < 0) throw wrongType(name, 'an integer of 0 or more', n);
    return n;
  }

  requiredCount(name: string): number {
    if (!this.#attributes.has(name)) throw missing(name);
    return this.count(name);
  }

  boolean(name: string): boolean | undefined {
    const value = this.#attributes.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
    return value;
  }

  mode(): SegmentHeader['mode'] {
    const value = this.string(ATTR_MODE) ?? 'stream';
    if (value !== 'stream' && value !== 'buffer')
      throw wrongType(ATTR_MODE, '"stream" or "buffer"', value);
    return value;
  }

  encoding(): string {
    const value = this.required(ATTR_PAYLOAD_ENCODING);
    parseEncoding(value);
    return value;
  }

  /** Those the recorder counted, and those above the limit that this reader leaves out. */
  droppedTraceIds(): number {
    const value = this.#attributes.get(ATTR_TRACE_IDS);
    const left = Array.isArray(value) ? Math.max(0, value.length - LIMITS.TRACE_IDS) : 0;
    return this.count(ATTR_DROPPED_TRACE_IDS) + left;
  }

  traceIds(): string[] {
    const value = this.#attributes.get(ATTR_TRACE_IDS);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw wrongType(ATTR_TRACE_IDS, 'an array of strings', value);
    return (value as readonly unknown[]).slice(0, LIMITS.TRACE_IDS).map((id) => {
      if (typeof id !== 'string') throw wrongType(ATTR_TRACE_IDS, 'an array of strings', id);
      return this.checkHex(ATTR_TRACE_IDS, id, 32);
    });
  }
}

function missing(name: string): ContractError {
  return new ContractError('missing', name, 'is required on every segment');
}

function wrongType(name: string, expected: string, value: unknown): ContractError {
  const shown = typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80);
  return new ContractError('invalid', name, `must be ${expected}, is ${typeof value} ${shown}`);
}
