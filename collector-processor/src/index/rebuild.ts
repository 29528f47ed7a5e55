/** Fills an empty index from the store: a listing, the footers of blocks, and `session.json`. */
import {
  BLOCK_TAIL_BYTES,
  ContractError,
  decodeFooter,
  footerLength,
  parseBlockKey,
  sessionPrefix,
  type SessionSummary,
} from '@otel-replay/protocol';
import type { Store, StoredObject } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { IndexedBlock, RebuildOptions, SessionIndex, Tombstone } from './index.js';
import { TOMBSTONE_PREFIX, tombstoneKey } from './tombstone.js';

/** Most footers are smaller, so that one range is enough. */
const GUESSED_FOOTER_BYTES = 16 * 1024;
const AT_ONCE = 16;

export interface RebuildReport {
  blocks: number;
  sessions: number;
  /** Objects that could not be read; they are logged and left alone. */
  damaged: number;
  /** Objects of sessions that are gone; a crash left them behind, and they are removed. */
  leftover: number;
}

/** Has the whole index filled from the store, unless it is complete. Throws StoreError. */
export async function fillIndex(
  index: SessionIndex,
  store: Store,
  logger: Logger,
  options?: RebuildOptions,
): Promise<void> {
  await index.rebuild(async (signal) => {
    const report = await rebuildIndex(index, store, logger, { signal });
    logger.info('index rebuilt from the store', { ...report });
  }, options);
}

/** Has the index say of one session what the store says. Throws StoreError. */
export async function reindexSession(
  index: SessionIndex,
  store: Store,
  logger: Logger,
  sessionId: string,
): Promise<void> {
  for (const prefix of [tombstoneKey(sessionId), sessionPrefix(sessionId)]) {
    await rebuildIndex(index, store, logger, { prefix });
  }
}

/** Reads everything below `prefix`; all of the store by default. Throws StoreError. */
export async function rebuildIndex(
  index: SessionIndex,
  store: Store,
  logger: Logger,
  { prefix = 'v1/', signal }: { prefix?: string; signal?: AbortSignal } = {},
): Promise<RebuildReport> {
  const report: RebuildReport = { blocks: 0, sessions: 0, damaged: 0, leftover: 0 };
  const running = new Set<Promise<void>>();
  let failure: unknown;
  let atTombstones = true;
  for await (const object of store.list(prefix)) {
    if (atTombstones && !object.key.startsWith(TOMBSTONE_PREFIX)) {
      // They come first in the listing, and must be known before what they are about.
      atTombstones = false;
      await Promise.all(running);
    }
    const work = take(index, store, object, report, logger)
      .catch((error: unknown) => (failure ??= error))
      .then(() => void running.delete(work));
    running.add(work);
    if (running.size >= AT_ONCE) await Promise.race(running);
    if (failure !== undefined || signal?.aborted === true) break;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure as Error;
  signal?.throwIfAborted();
  return report;
}

async function take(
  index: SessionIndex,
  store: Store,
  object: StoredObject,
  report: RebuildReport,
  logger: Logger,
): Promise<void> {
  const { key } = object;
  try {
    if (parseBlockKey(key) !== undefined) {
      const block = await readFooter(store, object);
      if (block === undefined) return;
      if (await index.putBlock(block)) report.blocks++;
      else await removeLeftover(store, key, report);
    } else if (key.endsWith('/session.json')) {
      const summary = await readJson<SessionSummary>(store, key);
      if (summary === undefined) return;
      if (await index.putSession(summary, { found: true })) report.sessions++;
      else await removeLeftover(store, key, report);
    } else if (key.startsWith(TOMBSTONE_PREFIX)) {
      const tombstone = await readJson<Tombstone>(store, key);
      if (tombstone !== undefined) await index.putTombstone(tombstone);
    }
  } catch (error) {
    if (!(error instanceof ContractError || error instanceof SyntaxError)) throw error;
    report.damaged++;
    logger.error('stored object is damaged and left out of the index', { key, error });
  }
}

async function removeLeftover(store: Store, key: string, report: RebuildReport): Promise<void> {
  await store.delete([key]);
  report.leftover++;
}

/** The blocks of one session, in key order. Throws StoreError; damaged ones are left out. */
export async function readBlocks(store: Store, sessionId: string): Promise<IndexedBlock[]> {
  const blocks: IndexedBlock[] = [];
  for await (const object of store.list(sessionPrefix(sessionId))) {
    if (parseBlockKey(object.key) === undefined) continue;
    try {
      const block = await readFooter(store, object);
      if (block !== undefined) blocks.push(block);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
    }
  }
  return blocks;
}

/** Undefined when the object is gone. Throws ContractError, StoreError. */
export async function readFooter(
  store: Store,
  object: StoredObject,
): Promise<IndexedBlock | undefined> {
  let end = await store.get(object.key, { start: -GUESSED_FOOTER_BYTES });
  if (end === undefined) return undefined;
  const length = footerLength(end.subarray(-BLOCK_TAIL_BYTES));
  if (length > end.length) {
    end = await store.get(object.key, { start: -length });
    if (end === undefined) return undefined;
  }
  return { key: object.key, bytes: object.size, footer: decodeFooter(end) };
}

async function readJson<T>(store: Store, key: string): Promise<T | undefined> {
  const bytes = await store.get(key);
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as T);
}
