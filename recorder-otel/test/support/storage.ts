/** What a page's origin has stored in the browser: for tests that look for what must not be there. */
import type { Page } from 'playwright-core';

export interface StoredEntry {
  /** `indexedDB otel-session/offline`, `localStorage`, ... */
  place: string;
  key: string;
  /** All texts and numbers of the value, and its byte arrays, in one. */
  bytes: Buffer;
}

/** Every entry of IndexedDB, localStorage, sessionStorage, cookies and caches. */
export async function storedEntries(page: Page): Promise<StoredEntry[]> {
  const entries = await page.evaluate(readAll);
  return entries.map(({ place, key, base64 }) => ({
    place,
    key,
    bytes: Buffer.from(base64, 'base64'),
  }));
}

/** How many segments wait in the browser for a later page. */
export async function storedSegments(page: Page): Promise<number> {
  const entries = await storedEntries(page);
  return entries.filter(({ place }) => place === 'indexedDB otel-session/offline').length;
}

/** Runs in the page; may use nothing from outside. */
async function readAll(): Promise<{ place: string; key: string; base64: string }[]> {
  const found: { place: string; key: string; base64: string }[] = [];
  const encoder = new TextEncoder();

  const append = (value: unknown, into: number[]): void => {
    if (value instanceof Uint8Array) into.push(...value);
    else if (value instanceof ArrayBuffer) into.push(...new Uint8Array(value));
    else if (value instanceof Map || Array.isArray(value)) {
      for (const item of value as Iterable<unknown>) append(item, into);
    } else if (value !== null && typeof value === 'object') {
      append(Object.entries(value), into);
    } else into.push(...encoder.encode(` ${String(value)} `));
  };
  const add = (place: string, key: unknown, value: unknown): void => {
    const bytes: number[] = [];
    append(value, bytes);
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    found.push({ place, key: JSON.stringify(key), base64: btoa(binary) });
  };
  const settled = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no answer'));
    });

  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name ?? ''));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName);
      const [keys, values] = await Promise.all([
        settled(store.getAllKeys()),
        settled(store.getAll() as IDBRequest<unknown[]>),
      ]);
      keys.forEach((key, i) => add(`indexedDB ${name}/${storeName}`, key, [key, values[i]]));
    }
    database.close();
  }
  for (const [place, storage] of [
    ['localStorage', localStorage],
    ['sessionStorage', sessionStorage],
  ] as const) {
    for (let i = 0; i < storage.length; i++) {
      const key = storage.key(i) ?? '';
      add(place, key, `${key} ${storage.getItem(key)}`);
    }
  }
  for (const cookie of document.cookie.split('; ')) if (cookie) add('cookie', cookie, cookie);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const body = await (await cache.match(request))?.arrayBuffer();
      add(`cache ${name}`, request.url, [request.url, body ?? '']);
    }
  }
  return found;
}
