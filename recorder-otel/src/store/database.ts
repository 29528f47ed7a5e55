/**
 * What the recorder keeps in the browser: one small IndexedDB database of the page's origin. Loaded
 * lazily by those who need it; several may have it open, in one page and in several tabs.
 *
 * Writing while the page goes away works in Chromium if the connection is open already and the
 * transaction is committed explicitly (68 of 70 leaves, up to 4 MiB); without the commit a
 * navigation loses it (0 of 10), and so does opening the database only then (0 of 20).
 */

import { DATABASE } from '../shared.js';

/** `offline`: segments that could not leave. `ring`: the pre-roll, from page to page. */
export type StoreName = 'offline' | 'ring';

/** Rejects where there is no IndexedDB, or none that may be used (private windows). */
export function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      for (const name of ['offline', 'ring'] satisfies StoreName[]) {
        opening.result.createObjectStore(name);
      }
    };
    opening.onsuccess = () => {
      const database = opening.result;
      // Another page's newer version of this package must not wait for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
    opening.onerror = () => reject(failure(opening));
  });
}

/**
 * Changes a store in one transaction, which is on its way when this returns; resolves when it is
 * committed.
 */
export function write(
  database: IDBDatabase,
  name: StoreName,
  change: (store: IDBObjectStore) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Once it is complete it survives the page, its process and the browser's; not a power cut.
    const transaction = database.transaction(name, 'readwrite', { durability: 'relaxed' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(failure(transaction));
    change(transaction.objectStore(name));
    transaction.commit();
  });
}

export function read<T>(
  database: IDBDatabase,
  name: StoreName,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = ask(database.transaction(name).objectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failure(request));
  });
}

/** A transaction that the browser ends has no error of its own. */
function failure({ error }: { error: DOMException | null }): Error {
  return error ?? new Error('the browser closed the database');
}
