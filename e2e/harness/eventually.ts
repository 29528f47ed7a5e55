import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until `probe` gives something (not undefined, not false) and does not throw.
 * @throws what the last attempt threw, or that it never gave anything
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 60_000, intervalMs = 100 } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown = 'it never came';
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}: ${String(last)}`, { cause: last });
    }
    await sleep(intervalMs);
  }
}
