/** What every store must do. Run it against each implementation. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError, type Store } from './index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (b: Uint8Array | undefined): string | undefined =>
  b === undefined ? undefined : new TextDecoder().decode(b);

async function keys(store: Store, prefix: string): Promise<string[]> {
  const out: string[] = [];
  for await (const { key } of store.list(prefix)) out.push(key);
  return out;
}

/** @param makeStore a fresh, empty store that is not started */
export function storeContract(name: string, makeStore: () => Store | Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await makeStore();
      await store.start();
    });
    afterEach(() => store.stop());

    it('gives back what was put, and replaces it', async () => {
      await store.put('v1/sessions/a/session.json', bytes('one'));
      expect(text(await store.get('v1/sessions/a/session.json'))).toBe('one');
      await store.put('v1/sessions/a/session.json', bytes('two, longer'));
      expect(text(await store.get('v1/sessions/a/session.json'))).toBe('two, longer');
    });

    it('keeps empty and binary objects', async () => {
      await store.put('v1/empty', new Uint8Array(0));
      expect(await store.get('v1/empty')).toHaveLength(0);
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.put('v1/all', all);
      expect([...(await store.get('v1/all'))!]).toEqual([...all]);
    });

    it('answers undefined for a key that is not there, also below an object', async () => {
      await store.put('v1/a', bytes('x'));
      expect(await store.get('v1/b')).toBeUndefined();
      expect(await store.get('v1/a/below')).toBeUndefined();
    });

    it('reads ranges, also from the end and beyond it', async () => {
      await store.put('v1/r', bytes('0123456789'));
      const range = async (start: number, end?: number) =>
        text(await store.get('v1/r', end === undefined ? { start } : { start, end }));
      expect(await range(2, 5)).toBe('234');
      expect(await range(7)).toBe('789');
      expect(await range(-3)).toBe('789');
      expect(await range(-30)).toBe('0123456789');
      expect(await range(8, 50)).toBe('89');
      expect(await range(-4, 8)).toBe('67');
      expect(await range(3, 3)).toBe('');
      expect(await range(20)).toBe('');
      expect(await range(20, 30)).toBe('');
      expect(await store.get('v1/none', { start: 0, end: 3 })).toBeUndefined();
    });

    it('lists by prefix in key order with sizes', async () => {
      const all = ['v1/b/2', 'v1/a/1', 'v1/a-/1', 'v1/a/10', 'v1/a%20/1', 'v1/ab', 'v2/x'];
      for (const key of all) await store.put(key, bytes(key));
      expect(await keys(store, 'v1/')).toEqual(
        all.filter((k) => k.startsWith('v1/')).sort((a, b) => (a < b ? -1 : 1)),
      );
      expect(await keys(store, 'v1/a/')).toEqual(['v1/a/1', 'v1/a/10']);
      expect(await keys(store, 'v1/a/10')).toEqual(['v1/a/10']);
      expect(await keys(store, 'v3/')).toEqual([]);
      for await (const { key, size } of store.list('v1/a')) expect(size).toBe(key.length);
    });

    it('deletes, idempotently', async () => {
      await store.put('v1/s/r/1', bytes('x'));
      await store.put('v1/s/r/2', bytes('x'));
      await store.delete(['v1/s/r/1', 'v1/s/r/none']);
      expect(await keys(store, 'v1/')).toEqual(['v1/s/r/2']);
      await store.delete(['v1/s/r/1', 'v1/s/r/2']);
      await store.delete(['v1/s/r/2']);
      expect(await keys(store, '')).toEqual([]);
      await store.put('v1/s/r/1', bytes('again'));
      expect(text(await store.get('v1/s/r/1'))).toBe('again');
    });

    it('prolongs what is there, and what is not', async () => {
      await store.put('v1/sessions/a/r/1.block', bytes('one'), { keepForMs: 3_600_000 });
      await store.put('v1/sessions/a/session.json', bytes('two'), { keepForMs: 0 });
      await store.prolong('v1/sessions/a/', 7_200_000);
      await store.prolong('v1/sessions/a/', 7_200_000);
      await store.prolong('v1/sessions/none/', 0);
      expect(text(await store.get('v1/sessions/a/r/1.block'))).toBe('one');
      expect(text(await store.get('v1/sessions/a/session.json'))).toBe('two');
    });

    it('is whole at every moment under concurrent writes of one key', async () => {
      const versions = Array.from({ length: 8 }, (_, i) => new Uint8Array(50_000).fill(i));
      await store.put('v1/k', versions[0]!);
      const writes = versions.map((v) => store.put('v1/k', v));
      for (let i = 0; i < 20; i++) {
        const seen = (await store.get('v1/k'))!;
        expect(seen.length).toBe(50_000);
        expect(seen.every((b) => b === seen[0])).toBe(true);
      }
      await Promise.all(writes);
    });

    it('puts while its neighbours are deleted', async () => {
      for (let i = 0; i < 10; i++) {
        await store.put('v1/s/r/old', bytes('x'));
        await Promise.all([store.delete(['v1/s/r/old']), store.put('v1/s/r/new', bytes('y'))]);
        expect(text(await store.get('v1/s/r/new'))).toBe('y');
        await store.delete(['v1/s/r/new']);
      }
    });

    it('refuses keys that are no keys, for good', async () => {
      for (const key of [
        '../x',
        '/etc/x',
        'v1/../../x',
        'v1//x',
        'v1/\0',
        'v1/.',
        '',
        'a\\..\\b',
      ]) {
        const error: unknown = await store.put(key, bytes('x')).catch((e: unknown) => e);
        expect(error, key).toBeInstanceOf(StoreError);
        expect((error as StoreError).retryable).toBe(false);
        await expect(store.get(key)).rejects.toBeInstanceOf(StoreError);
        await expect(store.delete([key])).rejects.toBeInstanceOf(StoreError);
      }
    });
  });
}
