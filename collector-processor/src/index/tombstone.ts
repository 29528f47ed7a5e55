/** Tombstones in the store, so that a rebuilt index and other instances know them too. */
import { encodeKeyPart } from '@otel-replay/protocol';
import type { Tombstone } from './index.js';

export const TOMBSTONE_PREFIX = 'v1/deleted/';

export function tombstoneKey(sessionId: string): string {
  return `${TOMBSTONE_PREFIX}${encodeKeyPart(sessionId)}.json`;
}

export function encodeTombstone(tombstone: Tombstone): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(tombstone));
}
