import { describe, expect, it } from 'vitest';
import { delegate } from './delegate.js';
import { StoreError, type Store } from './index.js';
import { watchStore } from './observed.js';

describe('a watched store', () => {
  const away = new StoreError('away', { retryable: true });
  const refused = new StoreError('403', { retryable: true, needsOperator: true });
  const tooLarge = new StoreError('too large', { retryable: false });

  function open() {
    let time = 0;
    const failures = new Map<string, StoreError>();
    const work = (operation: string): Promise<void> => {
      time += 10;
      const error = failures.get(operation);
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    };
    const none = {} as Store;
    const plain = delegate(none, {
      put: () => work('put'),
      get: () => work('get').then(() => undefined),
      async *list() {
        await work('list');
        yield { key: 'a', size: 1 };
      },
    });
    return { watch: watchStore(plain, { now: () => time }), failures };
  }
  const put = (store: Store): Promise<unknown> =>
    store.put('k', new Uint8Array(1)).catch((error: unknown) => error);

  it('knows how long operations take, and what failed last', async () => {
    const { watch, failures } = open();
    await put(watch.store);
    for await (const { key } of watch.store.list('')) expect(key).toBe('a');
    failures.set('put', away);
    expect(await put(watch.store)).toBe(away);
    expect(watch.view()).toMatchObject({
      operations: {
        put: { count: 2, failed: 1, lastMs: 10, averageMs: 10 },
        list: { count: 1, failed: 0 },
      },
      lastError: { operation: 'put', message: 'away', time: 30 },
    });
  });

  it('is in trouble until the operation that failed succeeds, not another one', async () => {
    const { watch, failures } = open();
    failures.set('put', refused);
    await put(watch.store);
    await watch.store.get('k');
    expect(watch.trouble()).toBe(refused);
    failures.set('get', away);
    await watch.store.get('k').catch(() => undefined);
    expect(watch.trouble()).toBe(refused);
    failures.delete('put');
    await put(watch.store);
    expect(watch.trouble()).toBe(away);
    failures.clear();
    await watch.store.get('k');
    expect(watch.trouble()).toBeUndefined();
  });

  it('does not blame the store for one object', async () => {
    const { watch, failures } = open();
    failures.set('put', tooLarge);
    expect(await put(watch.store)).toBe(tooLarge);
    expect(watch.trouble()).toBeUndefined();
    expect(watch.view().lastError?.message).toBe('too large');
  });
});
