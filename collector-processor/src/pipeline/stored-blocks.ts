/** Blocks of a session that are in the store. */
import { IndexUnavailableError, type IndexedBlock, type SessionIndex } from '../index/index.js';
import { readBlocks } from '../index/rebuild.js';
import type { Store } from '../store/index.js';

/** The store knows as well as the index, only slower. Throws StoreError. */
export async function storedBlocks(
  index: SessionIndex,
  store: Store,
  sessionId: string,
): Promise<IndexedBlock[]> {
  try {
    return (await index.session(sessionId))?.blocks ?? [];
  } catch (error) {
    if (!(error instanceof IndexUnavailableError)) throw error;
    return readBlocks(store, sessionId);
  }
}
