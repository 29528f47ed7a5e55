import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const LARGE_HEAP_BYTES = 120 * 1024 * 1024;
const LOOK_INTERVAL_MS = 1000;

/**
 * Keeps a large heap small. What a session holds lives for a minute, and V8 would let such garbage
 * grow to more than twice the live heap before it looks. Smaller steps cost processor time, so a
 * small heap, as ordinary spans that pass through make one, is left to V8.
 */
export function tuneHeap(): void {
  let isTight = false;
  const look = (): void => {
    const isLarge = getHeapStatistics().total_heap_size > LARGE_HEAP_BYTES;
    if (isLarge === isTight) return;
    isTight = isLarge;
    setFlagsFromString(`--heap-growing-percent=${isTight ? 40 : 0}`); // 0: as V8 likes
    setFlagsFromString(`--max-semi-space-size=${isTight ? 8 : 16}`);
  };
  setInterval(look, LOOK_INTERVAL_MS).unref();
}
