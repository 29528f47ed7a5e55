/** How many segments wait in a page's browser for a later page. */
import type { Page } from 'playwright-core';

export function storedSegments(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const ask = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('no database'));
      });
    const all = await indexedDB.databases();
    if (!all.some(({ name }) => name === 'otel-session')) return 0;
    const database = await ask(indexedDB.open('otel-session'));
    const keys = await ask(database.transaction('offline').objectStore('offline').getAllKeys());
    database.close();
    // Those of further pieces of large segments are longer.
    return keys.filter((key) => (key as unknown[]).length === 7).length;
  });
}

/** Bytes of each value that waits there. */
export function storedSizes(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const ask = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('no database'));
      });
    const database = await ask(indexedDB.open('otel-session'));
    const values = (await ask(database.transaction('offline').objectStore('offline').getAll())) as (
      { data: Uint8Array } | Uint8Array
    )[];
    database.close();
    return values.map(
      (value) => (value instanceof Uint8Array ? value : value.data).buffer.byteLength,
    );
  });
}
