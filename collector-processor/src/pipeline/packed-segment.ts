/**
 * What footers and manifests say of a segment, as one short text. Sessions hold hundreds of thousands
 * of them for a minute, and hardly anybody asks: names would be most of it, objects even more.
 */
import {
  segmentEntry,
  type BlockFooter,
  type SegmentEntry,
  type SegmentHeader,
} from '@otel-replay/protocol';

/** What a block's footer says of its recording. */
export type RecordingFacts = Omit<BlockFooter, 'sessionId' | 'recordingId' | 'entries'>;

export type PackedSegment = string;

const ENTRY = {
  ...{ index: 0, partIndex: 1, partCount: 2, checkpoint: 3, firstTimestamp: 4, lastTimestamp: 5 },
  ...{ eventCount: 6, bytes: 7, uncompressedBytes: 8, errorCount: 9, clickCount: 10 },
  ...{ rageClickCount: 11, droppedEvents: 12, url: 13, traceIds: 14, clockSkewMs: 15 },
  // Rare, and therefore last.
  ...{ final: 22, droppedTraceIds: 23 },
} as const satisfies Record<keyof SegmentEntry, number>;

const FACTS = {
  ...{ previousSessionId: 16, serviceName: 17, userId: 18, userHash: 19, masking: 20 },
  environment: 21,
} as const satisfies Record<keyof RecordingFacts, number>;

export function packSegment(header: SegmentHeader): PackedSegment {
  const fields: unknown[] = [];
  const entry = segmentEntry(header);
  // What is not there makes no place for itself.
  const put = (at: number, value: unknown): void => {
    if (value !== undefined) fields[at] = value;
  };
  for (const key of keysOf(ENTRY)) put(ENTRY[key], entry[key]);
  for (const key of keysOf(FACTS)) put(FACTS[key], header[key]);
  return JSON.stringify(fields);
}

export function unpackSegment(packed: PackedSegment): {
  entry: SegmentEntry;
  facts: RecordingFacts;
} {
  const fields = JSON.parse(packed) as unknown[];
  return {
    entry: pick<SegmentEntry>(ENTRY, fields),
    facts: pick<RecordingFacts>(FACTS, fields),
  };
}

/** What was not there became null. */
function pick<T>(places: Readonly<Record<string, number>>, fields: readonly unknown[]): T {
  const found = Object.entries(places).filter(([, at]) => fields[at] != null);
  return Object.fromEntries(found.map(([key, at]) => [key, fields[at]])) as T;
}

function keysOf<K extends string>(places: Readonly<Record<K, number>>): K[] {
  return Object.keys(places) as K[];
}
