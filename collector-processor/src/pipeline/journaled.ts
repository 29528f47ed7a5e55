/** What the heap keeps of a record in the journal. */
import {
  blockEntry,
  type BlockEntry,
  type BlockFooter,
  type ReplayRecord,
  type SegmentHeader,
  type SignalHeader,
  type SpansHeader,
} from '@otel-replay/protocol';
import type { Position } from '../journal/journal.js';
import type { HeldCompanion, HeldSegment } from '../session/held.js';

/** What a block's footer says of its recording. */
export type RecordingFacts = Omit<BlockFooter, 'sessionId' | 'recordingId' | 'entries'>;

/**
 * A {@link BlockEntry} as JSON: a string in the heap is a third of the objects it spells, and what
 * most sessions hold nobody ever asks about.
 */
type PackedEntry = string;

export interface JournaledSegment extends HeldSegment {
  /** Of the payload alone, compressed. */
  readonly payloadBytes: number;
  readonly position: Position;
  readonly entry: PackedEntry;
  /** {@link RecordingFacts} as JSON. */
  readonly facts: string;
}

export interface JournaledCompanion extends HeldCompanion {
  readonly sessionId: string;
  readonly position: Position;
  readonly entry: PackedEntry;
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
    entry: entryOf({ kind: 'segment', header, payload: NOTHING }, position),
    facts: JSON.stringify(factsOf(header)),
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
    entry: entryOf({ ...record, payload: NOTHING }, position),
  };
}

/** How old its first event was when it was sent, on the sender's own clock. */
function ageOf({ clientSendTime, firstTimestamp }: SegmentHeader): number {
  return clientSendTime === undefined ? 0 : Math.max(0, clientSendTime - firstTimestamp);
}

const NOTHING = new Uint8Array(0);

function entryOf(record: ReplayRecord, position: Position): PackedEntry {
  return JSON.stringify(blockEntry(record, 0, position.length));
}

export function recordingFacts({ facts }: JournaledSegment): RecordingFacts {
  return JSON.parse(facts) as RecordingFacts;
}

function factsOf(h: SegmentHeader): RecordingFacts {
  const facts: RecordingFacts = {};
  if (h.previousSessionId !== undefined) facts.previousSessionId = h.previousSessionId;
  if (h.serviceName !== undefined) facts.serviceName = h.serviceName;
  if (h.userId !== undefined) facts.userId = h.userId;
  if (h.userHash !== undefined) facts.userHash = h.userHash;
  if (h.masking !== undefined) facts.masking = h.masking;
  return facts;
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
    const entry = JSON.parse(record.entry) as BlockEntry;
    source.footer.entries.push(entry);
    source.positions.set(entry, record.position);
    if (record.kind === 'segment') Object.assign(source.footer, recordingFacts(record));
  }
  return [...sources.values()];
}
