/** Salt of {@link sessionHash} for `canaryShare`: independent of what the session rate chooses. */
export const CANARY_SALT = 'canary';

/**
 * Where a session lies in [0, 1): the same on every machine and in every language, so that all
 * instances agree without asking. 32-bit FNV-1a over the UTF-8 bytes of salt and id, then the
 * finaliser of MurmurHash3, because FNV alone leaves the high bits of short ids uneven.
 */
export function sessionHash(sessionId: string, salt = ''): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(salt + sessionId)) {
    h = Math.imul(h ^ byte, 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}
