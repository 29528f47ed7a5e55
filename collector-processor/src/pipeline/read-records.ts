/** Reads records from where they are: ranges of stored blocks, or the journal. */
import { decodeRecord, recordLength, type BlockEntry } from '@otel-replay/protocol';
import { ReleasedError, type Journal } from '../journal/journal.js';
import type { OtlpContentType } from '../otlp/types.js';
import type { Store } from '../store/index.js';
import { isStored, type Source } from './manifest.js';

export interface Located {
  entry: BlockEntry;
  source: Source;
}

/** What is asked of a store at once; neighbours in a block share a request. */
const MAX_RANGE_BYTES = 1024 * 1024;

export interface RecordReaderOptions {
  store: Store;
  journal: Journal;
  /** Finds a record again that left the journal for a block meanwhile. */
  relocate(located: Located): Promise<Located | undefined>;
}

/** Encoded records in the order asked; those that are gone (deleted meanwhile) are left out. */
export async function* readLocated(
  o: RecordReaderOptions,
  wanted: readonly Located[],
): AsyncGenerator<Uint8Array> {
  let i = 0;
  while (i < wanted.length) {
    const { entry, source } = wanted[i]!;
    if (!isStored(source)) {
      const bytes = await readLive(o, wanted[i]!);
      if (bytes !== undefined) yield bytes;
      i++;
      continue;
    }
    let n = i + 1;
    let end = entry.offset + entry.length;
    while (n < wanted.length) {
      const next = wanted[n]!;
      const follows = next.source === source && next.entry.offset === end;
      if (!follows || end + next.entry.length - entry.offset > MAX_RANGE_BYTES) break;
      end += next.entry.length;
      n++;
    }
    const bytes = await o.store.get(source.key, { start: entry.offset, end });
    if (bytes === undefined) yield* readElsewhere(o, wanted.slice(i, n));
    for (let at = 0; bytes !== undefined && at < bytes.length;) {
      const length = recordLength(bytes, at);
      if (length === undefined) break;
      yield bytes.subarray(at, at + length);
      at += length;
    }
    i = n;
  }
}

/**
 * Their block is gone. Another one took its place, or it was deleted or removed by a rule of the
 * store: what is left is given all the same.
 */
async function* readElsewhere(
  o: RecordReaderOptions,
  lost: readonly Located[],
): AsyncGenerator<Uint8Array> {
  for (const located of lost) {
    const again = await o.relocate(located);
    if (again === undefined || !isStored(again.source)) return;
    const bytes = await o.store.get(again.source.key, rangeOf(again.entry));
    if (bytes !== undefined) yield bytes;
  }
}

async function readLive(o: RecordReaderOptions, located: Located): Promise<Uint8Array | undefined> {
  const { entry, source } = located;
  if (isStored(source)) return o.store.get(source.key, rangeOf(entry));
  const position = source.positions.get(entry);
  if (position === undefined) return undefined;
  try {
    return await o.journal.read(position);
  } catch (error) {
    if (!(error instanceof ReleasedError)) throw error;
    const again = await o.relocate(located);
    if (again === undefined || !isStored(again.source)) return undefined;
    return o.store.get(again.source.key, rangeOf(again.entry));
  }
}

function rangeOf(entry: BlockEntry): { start: number; end: number } {
  return { start: entry.offset, end: entry.offset + entry.length };
}

export async function* startingWith(
  first: Uint8Array,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* others;
}

export async function* decodeSpans(
  records: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ contentType: OtlpContentType; payload: Uint8Array }> {
  for await (const bytes of records) {
    const { record } = decodeRecord(bytes);
    if (record.kind !== 'spans') continue;
    yield { contentType: record.header.contentType, payload: record.payload };
  }
}
