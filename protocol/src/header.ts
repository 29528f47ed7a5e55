/**
 * What a record's header must have for its reader not to trip over it. A checksum only says that the
 * bytes are those that were written: an export file may have been written by anyone.
 */
import { ContractError } from './errors.js';

type Shape = Readonly<
  Record<string, 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'array'>
>;

const SHAPES: Readonly<Record<'segment' | 'spans' | 'signal' | 'manifest', Shape>> = {
  segment: {
    sessionId: 'string',
    recordingId: 'string',
    index: 'number',
    checkpoint: 'number',
    hasFullSnapshot: 'boolean',
    firstTimestamp: 'number',
    lastTimestamp: 'number',
    eventCount: 'number',
    traceIds: 'strings',
    payload: 'object',
  },
  spans: {
    sessionId: 'string',
    contentType: 'string',
    firstTimestamp: 'number',
    lastTimestamp: 'number',
    traceIds: 'strings',
  },
  signal: { sessionId: 'string', kind: 'string', timestamp: 'number', origin: 'string' },
  manifest: {
    sessionId: 'string',
    firstTimestamp: 'number',
    lastTimestamp: 'number',
    recordings: 'array',
    traces: 'array',
    signals: 'array',
  },
};

/** Throws {@link ContractError} `corrupt`, naming the kind of record and the field. */
export function checkRecordHeader(kind: keyof typeof SHAPES, header: object): void {
  for (const [field, type] of Object.entries(SHAPES[kind])) {
    const value = (header as Record<string, unknown>)[field];
    if (isOf(type, value)) continue;
    const found = value === null ? 'null' : typeof value;
    throw new ContractError('corrupt', `${kind} record`, `${field} must be ${type}, is ${found}`);
  }
}

function isOf(type: Shape[string], value: unknown): boolean {
  switch (type) {
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
