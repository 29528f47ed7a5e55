/** What the heap keeps of a record in the journal. */
import {
  blockEntry,
  type BlockEntry,
  type BlockFooter,
  type SegmentHeader,
  type SignalHeader,
  type SpansHeader,
} from '@otel-replay/protocol';
import type { Position } from '../journal/journal.js';
import type { HeldCompanion, HeldSegment } from '../session/held.js';
import {
  packSegment,
  unpackSegment,
  type PackedSegment,
  type RecordingFacts,
} from './packed-segment.js';

export interface JournaledSegment extends HeldSegment {
  /** Of the payload alone, compressed. */
  readonly payloadBytes: number;
  readonly position: Position;
  readonly packed: PackedSegment;
}

export interface JournaledCompanion extends HeldCompanion {
  readonly sessionId: string;
  readonly position: Position;
  /** A {@link BlockEntry} as JSON, which takes a third of the objects it spells. */
  readonly entry: string;
  /** Of the page whose spans they are. */
  readonly recordingId: string | undefined;
}

export type Journaled = JournaledSegment | JournaledCompanion;

export function journaledSegment(
  header: SegmentHeader,
  position: Position,
  arrival: number,
): JournaledSegment {
  const { recordingId, index, payload } = header;
  return {
    kind: 'segment',
    recordingId,
    index,
    partIndex: payload.partIndex ?? 0,
    partCount: payload.partCount ?? 1,
    checkpoint: header.hasFullSnapshot,
    checkpointCount: header.checkpoint,
    bytes: position.length,
    payloadBytes: payload.size,
    arrival,
    begin: arrival - ageOf(header),
    position,
    packed: packSegment(header),
  };
}

export function journaledCompanion(
  record: { kind: 'spans'; header: SpansHeader } | { kind: 'signal'; header: SignalHeader },
  position: Position,
  arrival: number,
): JournaledCompanion {
  return {
    kind: record.kind,
    sessionId: record.header.sessionId,
    recordingId: record.kind === 'spans' ? record.header.recordingId : undefined,
    bytes: position.length,
    arrival,
    begin: arrival,
    position,
    entry: JSON.stringify(blockEntry({ ...record, payload: NOTHING }, 0, position.length)),
  };
}

/** How old its first event was when it was sent, on the sender's own clock. */
function ageOf({ clientSendTime, firstTimestamp }: SegmentHeader): number {
  return clientSendTime === undefined ? 0 : Math.max(0, clientSendTime - firstTimestamp);
}

const NOTHING = new Uint8Array(0);

export function recordingFacts({ packed }: JournaledSegment): RecordingFacts {
  return unpackSegment(packed).facts;
}

/** Records that are in no block yet, seen as one: offsets mean nothing, `positions` do. */
export interface LiveSource {
  readonly footer: BlockFooter;
  readonly positions: ReadonlyMap<BlockEntry, Position>;
}

export function liveSources(sessionId: string, held: readonly Journaled[]): LiveSource[] {
  const sources = new Map<string, { footer: BlockFooter; positions: Map<BlockEntry, Position> }>();
  for (const record of held) {
    const recordingId = record.recordingId ?? '';
    let source = sources.get(recordingId);
    if (source === undefined) {
      const footer: BlockFooter = { sessionId, recordingId, entries: [] };
      sources.set(recordingId, (source = { footer, positions: new Map() }));
    }
    const entry = record.kind === 'segment' ? segmentOf(record, source.footer) : parse(record);
    source.footer.entries.push(entry);
    source.positions.set(entry, record.position);
  }
  return [...sources.values()];
}

function segmentOf({ packed, bytes }: JournaledSegment, footer: BlockFooter): BlockEntry {
  const { entry: segment, facts } = unpackSegment(packed);
  Object.assign(footer, facts);
  const { firstTimestamp, lastTimestamp } = segment;
  return { kind: 'segment', offset: 0, length: bytes, firstTimestamp, lastTimestamp, segment };
}

function parse({ entry }: JournaledCompanion): BlockEntry {
  return JSON.parse(entry) as BlockEntry;
}
