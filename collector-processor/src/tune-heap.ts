import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the process small. What a session holds lives for a minute, and V8 would let such garbage
 * grow to more than twice the live heap before it looks; smaller steps cost little processor time
 * (`npm run bench -- ingest` prints both).
 */
export function tuneHeap(): void {
  setFlagsFromString('--heap-growing-percent=40');
  setFlagsFromString('--max-semi-space-size=8');
  setFlagsFromString('--semi-space-growth-factor=1');
}
