/** Which strings are keys. Keys come percent-encoded; this is the last door before a path or URL. */
import { StoreError } from './index.js';

/** Throws {@link StoreError}. */
export function checkKey(key: string): void {
  const parts = key.split('/');
  if (
    key.includes('\0') ||
    key.includes('\\') ||
    parts.some((part) => part === '' || part.startsWith('.'))
  ) {
    throw refusedKey(key);
  }
}

export function refusedKey(key: string): StoreError {
  return new StoreError(
    `key ${JSON.stringify(key.slice(0, 200))} is refused: parts must not be empty, start with a dot, or hold NUL or a backslash`,
    { retryable: false },
  );
}

/** A prefix may be empty and may end with a slash. Throws {@link StoreError}. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}
