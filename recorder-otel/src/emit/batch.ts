/** Which segments go into one request: of a page that lives, and of one that goes away. */
import { LIMITS } from '../shared.js';
import type { Item } from './item.js';

/** After an outage, several segments share a request; small ones keep the page responsive. */
const BATCH_BYTES = 256 * 1024;
export const BATCH_COUNT = 64;

/** The oldest of those that no request is under way with; one at least, if there is one. */
export function nextBatch(items: readonly Item[], maxCount: number): Item[] {
  let bytes = 0;
  return items
    .filter((item) => !item.sending)
    .slice(0, maxCount)
    .filter((item, i) => (bytes += item.bytes) <= BATCH_BYTES || i === 0);
}

/**
 * The oldest that fit what is left of the budget for pages that go away.
 * @param unloading requests under way are cancelled, and so repeated
 */
export function leavingBatch(items: readonly Item[], unloading: boolean): Item[] {
  const chosen: Item[] = [];
  let budget = LIMITS.UNLOAD_BYTES;
  for (const item of items) if (item.keepalive) budget -= item.bytes;
  for (const item of items) {
    // What is in the spill is safe there.
    if (item.keepalive || item.kept === 'yes' || (item.sending && !unloading)) continue;
    if ((budget -= item.bytes) < 0) break;
    chosen.push(item);
  }
  return chosen;
}
