/** Folds recorded segments into checkpoints. Runs in a thread of its own; pure but for its input. */
import { gunzipSync, inflateRawSync } from 'node:zlib';
import {
  ContractError,
  decodePayload,
  decodeRecord,
  encodeRecord,
  joinParts,
  type ReplayEvent,
  type SegmentHeader,
} from '@otel-replay/protocol';
import { checkpointSegment, createReducer, type Reducer } from '@otel-replay/protocol/reduce';
import type { SyntheticCheckpoint } from './checkpoint.js';

export interface FoldOptions {
  /** Segments that must come, in order and without a hole; the first begins with a checkpoint. */
  firstIndex: number;
  lastIndex: number;
  /** First moment of the segment after the last, Unix milliseconds. */
  nextTimestamp: number;
  /** On the way, a checkpoint is made every so often. */
  everyMs: number;
}

type Piece = { header: SegmentHeader; payload: Uint8Array };

interface Snapshot {
  nextIndex: number;
  timestamp: number;
  events: ReplayEvent[];
}

/**
 * The checkpoint after `lastIndex` first, then those on the way, the last ones first. `records` may
 * begin with a synthetic one; it counts as the segments up to its index.
 * Throws {@link ContractError} for what is missing, damaged, or of a format that cannot be read.
 */
export async function* foldSegments(
  records: AsyncIterable<Uint8Array>,
  o: FoldOptions,
): AsyncGenerator<SyntheticCheckpoint> {
  const reducer = createReducer();
  const onTheWay: Snapshot[] = [];
  let keptAt: number | undefined;
  let last: SegmentHeader | undefined;
  for await (const parts of wholeSegments(records)) {
    const { header } = parts[0]!;
    const expected = last === undefined ? o.firstIndex : last.index + 1;
    if (header.index !== expected) throw missing(expected);
    keptAt ??= header.firstTimestamp;
    if (last !== undefined && header.firstTimestamp - keptAt >= o.everyMs) {
      keptAt = header.firstTimestamp;
      const events = snapshotOf(reducer, keptAt);
      onTheWay.push({ nextIndex: header.index, timestamp: keptAt, events });
    }
    for (const event of await eventsOf(parts)) reducer.apply(event);
    last = header;
  }
  if (last?.index !== o.lastIndex) throw missing((last?.index ?? o.firstIndex - 1) + 1);
  const timestamp = o.nextTimestamp;
  const events = snapshotOf(reducer, timestamp);
  yield encoded(last, { nextIndex: o.lastIndex + 1, timestamp, events });
  for (const snapshot of onTheWay.reverse()) yield encoded(last, snapshot);
}

function snapshotOf(reducer: Reducer, time: number): ReplayEvent[] {
  const events = reducer.snapshotAt(time);
  if (events === undefined) {
    throw new ContractError('missing', 'checkpoint', 'the first segment has no full snapshot');
  }
  return events;
}

/** Parts come one after another. */
async function* wholeSegments(records: AsyncIterable<Uint8Array>): AsyncGenerator<Piece[]> {
  let parts: Piece[] = [];
  for await (const bytes of records) {
    const { record } = decodeRecord(bytes);
    if (record.kind !== 'segment') continue;
    if (parts.length > 0 && parts[0]!.header.index !== record.header.index) {
      throw missing(parts[0]!.header.index);
    }
    parts.push(record);
    if (parts.length < (record.header.payload.partCount ?? 1)) continue;
    yield parts;
    parts = [];
  }
  if (parts.length > 0) throw missing(parts[0]!.header.index);
}

async function eventsOf(parts: readonly Piece[]): Promise<ReplayEvent[]> {
  const { header, data } = joinParts(
    parts.map((part) => ({ header: part.header.payload, data: part.payload })),
  );
  const events = await decodePayload(header, data, { inflate });
  return events.sort((a, b) => a.timestamp - b.timestamp);
}

/** At once: the thread has nothing else to do. */
function inflate(format: 'gzip' | 'deflate-raw', data: Uint8Array, maxBytes: number): Uint8Array {
  const options = { maxOutputLength: Math.max(1, maxBytes) };
  return format === 'gzip' ? gunzipSync(data, options) : inflateRawSync(data, options);
}

async function encoded(
  like: SegmentHeader,
  { nextIndex, timestamp, events }: Snapshot,
): Promise<SyntheticCheckpoint> {
  const made = await checkpointSegment({ like, nextIndex, timestamp, events });
  return { nextIndex, timestamp, record: encodeRecord({ kind: 'segment', ...made }) };
}

function missing(index: number): ContractError {
  return new ContractError('missing', 'segment', `segment ${index} is not there`);
}
