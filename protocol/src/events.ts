/** The inflated payload <-> rrweb events, in each of the formats. */
import { decodeColumnar } from './columnar/decoder.js';
import { createColumnarEncoder } from './columnar/encoder.js';
import { COLUMNAR_FORMAT, COLUMNAR_VERSION } from './columnar/layout.js';
import { ContractError } from './errors.js';
import { ATTR_PAYLOAD_DATA, ATTR_PAYLOAD_FORMAT, ATTR_PAYLOAD_FORMAT_VERSION } from './names.js';
import type { PayloadFormat, PayloadHeader, ReplayEvent } from './segment.js';

type FormatOf = Pick<PayloadHeader, 'format' | 'formatVersion'>;

/** Throws {@link ContractError} `unsupported` for a format or version that cannot be read here. */
export function checkFormat({ format, formatVersion }: FormatOf): void {
  if (format !== 'rrweb' && format !== COLUMNAR_FORMAT) {
    throw new ContractError(
      'unsupported',
      ATTR_PAYLOAD_FORMAT,
      `"${format}" is not known to this reader; it reads rrweb and ${COLUMNAR_FORMAT}`,
    );
  }
  if (format === COLUMNAR_FORMAT && formatVersion !== COLUMNAR_VERSION) {
    throw new ContractError(
      'unsupported',
      ATTR_PAYLOAD_FORMAT_VERSION,
      `${format} "${formatVersion}" is not known to this reader; it reads version ${COLUMNAR_VERSION}`,
    );
  }
}

export function writeEvents(
  events: readonly ReplayEvent[],
  format: PayloadFormat,
): { raw: Uint8Array; formatVersion: string } {
  if (format === 'rrweb') {
    return { raw: new TextEncoder().encode(JSON.stringify(events)), formatVersion: '2' };
  }
  const encoder = createColumnarEncoder();
  for (const event of events) encoder.add(event);
  return { raw: encoder.finish(), formatVersion: encoder.formatVersion };
}

/** Throws {@link ContractError} `corrupt`, or `too_large` above `maxCharacters` of JSON. */
export function readEvents(
  { format }: FormatOf,
  raw: Uint8Array,
  maxCharacters: number,
): ReplayEvent[] {
  const events = format === COLUMNAR_FORMAT ? decodeColumnar(raw, maxCharacters) : parse(raw);
  if (!Array.isArray(events) || !events.every(isReplayEvent)) {
    throw new ContractError(
      'corrupt',
      ATTR_PAYLOAD_DATA,
      'not an array of rrweb events ({ type, timestamp, data })',
    );
  }
  return events;
}

function parse(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch (cause) {
    throw new ContractError('corrupt', ATTR_PAYLOAD_DATA, `not UTF-8 JSON: ${String(cause)}`);
  }
}

function isReplayEvent(value: unknown): value is ReplayEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type, timestamp } = value as Partial<ReplayEvent>;
  return typeof type === 'number' && typeof timestamp === 'number' && Number.isFinite(timestamp);
}
