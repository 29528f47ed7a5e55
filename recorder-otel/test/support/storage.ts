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
    const count = await ask(database.transaction('offline').objectStore('offline').count());
    database.close();
    return count;
  });
}
