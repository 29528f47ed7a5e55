/** Fills an empty index from the store: a listing, the footers of blocks, and `session.json`. */
import {
  BLOCK_TAIL_BYTES,
  ContractError,
  decodeFooter,
  footerLength,
  parseBlockKey,
  type SessionSummary,
} from '@otel-replay/protocol';
import type { Store, StoredObject } from '../store/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { IndexedBlock, SessionIndex, Tombstone } from './index.js';
import { TOMBSTONE_PREFIX } from './tombstone.js';

/** Most footers are smaller, so that one range is enough. */
const GUESSED_FOOTER_BYTES = 16 * 1024;
const AT_ONCE = 16;

export interface RebuildReport {
  blocks: number;
  sessions: number;
  /** Objects that could not be read; they are logged and left alone. */
  damaged: number;
}

/** Has the whole index filled from the store. Throws StoreError. */
export async function fillIndex(index: SessionIndex, store: Store, logger: Logger): Promise<void> {
  await index.rebuild(async () => {
    logger.info('index rebuilt from the store', { ...(await rebuildIndex(index, store, logger)) });
  });
}

/** Reads everything below `prefix`; all of the store by default. Throws StoreError. */
export async function rebuildIndex(
  index: SessionIndex,
  store: Store,
  logger: Logger,
  prefix = 'v1/',
): Promise<RebuildReport> {
  const report: RebuildReport = { blocks: 0, sessions: 0, damaged: 0 };
  const running = new Set<Promise<void>>();
  let failure: unknown;
  for await (const object of store.list(prefix)) {
    const work = take(index, store, object, report, logger)
      .catch((error: unknown) => (failure ??= error))
      .then(() => void running.delete(work));
    running.add(work);
    if (running.size >= AT_ONCE) await Promise.race(running);
    if (failure !== undefined) break;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure as Error;
  return report;
}

async function take(
  index: SessionIndex,
  store: Store,
  object: StoredObject,
  report: RebuildReport,
  logger: Logger,
): Promise<void> {
  try {
    if (parseBlockKey(object.key) !== undefined) {
      const block = await readFooter(store, object);
      if (block === undefined) return;
      await index.putBlock(block);
      report.blocks++;
    } else if (object.key.endsWith('/session.json')) {
      const summary = await readJson<SessionSummary>(store, object.key);
      if (summary === undefined) return;
      await index.putSession(summary);
      report.sessions++;
    } else if (object.key.startsWith(TOMBSTONE_PREFIX)) {
      const tombstone = await readJson<Tombstone>(store, object.key);
      if (tombstone !== undefined) await index.putTombstone(tombstone);
    }
  } catch (error) {
    if (!(error instanceof ContractError || error instanceof SyntaxError)) throw error;
    report.damaged++;
    logger.error('stored object is damaged and left out of the index', { key: object.key, error });
  }
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
