/** Writes journal records as a block, or adds them to one that is stored. Same records, same bytes. */
import {
  blockKey,
  ContractError,
  decodeBlock,
  decodeRecord,
  encodeRecord,
  layOutBlock,
  type EncodedRecord,
  type ReplayRecord,
} from '@otel-replay/protocol';
import type { IndexedBlock } from '../index/index.js';
import type { Journal } from '../journal/journal.js';
import type { Store } from '../store/index.js';
import type { Journaled } from './journaled.js';

export interface WrittenBlock {
  block: IndexedBlock;
  /** Could not be read back from the journal. */
  corrupt: Journaled[];
}

const ORDER: readonly ReplayRecord['kind'][] = ['segment', 'spans', 'signal', 'manifest'];

const order = ({ record }: EncodedRecord): number => ORDER.indexOf(record.kind);

/** Undefined when none of the segments could be read. Throws StoreError. */
export async function writeBlock(
  journal: Journal,
  store: Store,
  held: readonly Journaled[],
): Promise<WrittenBlock | { block: undefined; corrupt: Journaled[] }> {
  const { records, corrupt } = await readRecords(journal, held);
  const segments = records.flatMap(({ record }) =>
    record.kind === 'segment' ? [record.header] : [],
  );
  const first = segments[0];
  if (first === undefined) return { block: undefined, corrupt };
  const key = blockKey({
    sessionId: first.sessionId,
    recordingId: first.recordingId,
    firstIndex: first.index,
    lastIndex: segments.at(-1)!.index,
    firstTimestamp: Math.min(...segments.map((s) => s.firstTimestamp)),
    lastTimestamp: Math.max(...segments.map((s) => s.lastTimestamp)),
    checkpoint: first.hasFullSnapshot,
    instance: journal.instanceId,
  });
  return { block: await put(store, key, records), corrupt };
}

/**
 * Adds spans and signals that came when no block was open to a stored one, behind what it has, so
 * that offsets known to readers stay true. Undefined when the block is gone. Throws StoreError.
 */
export async function amendBlock(
  journal: Journal,
  store: Store,
  key: string,
  held: readonly Journaled[],
): Promise<WrittenBlock | undefined> {
  const before = await store.get(key);
  if (before === undefined) return undefined;
  const { records: stored, footer } = decodeBlock(before);
  const there = new Set(footer.entries.map((e) => JSON.stringify(e.spans ?? e.signal)));
  const { records, corrupt } = await readRecords(journal, held);
  const added = records.filter(({ record }) => !there.has(JSON.stringify(record.header)));
  const all = [...stored.map((record) => ({ record, bytes: encodeRecord(record) })), ...added];
  return { block: await put(store, key, all), corrupt };
}

async function put(
  store: Store,
  key: string,
  records: readonly EncodedRecord[],
): Promise<IndexedBlock> {
  const { bytes, footer } = layOutBlock(records);
  await store.put(key, bytes);
  return { key, bytes: bytes.length, footer };
}

async function readRecords(
  journal: Journal,
  held: readonly Journaled[],
): Promise<{ records: EncodedRecord[]; corrupt: Journaled[] }> {
  const records: EncodedRecord[] = [];
  const corrupt: Journaled[] = [];
  for (const item of held) {
    try {
      let bytes = await journal.read(item.position);
      const { record } = decodeRecord(bytes);
      // Signals may have entered the journal before their session was known.
      if (
        record.kind === 'signal' &&
        item.kind === 'signal' &&
        record.header.sessionId !== item.sessionId
      ) {
        record.header.sessionId = item.sessionId;
        bytes = encodeRecord(record);
      }
      records.push({ record, bytes });
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      corrupt.push(item);
    }
  }
  return {
    records: records.sort((a, b) => order(a) - order(b)),
    corrupt,
  };
}
