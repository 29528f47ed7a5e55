/** Notes how the store does: for health, and for the status page. */
import type { Clock } from '../clock.js';
import { delegate } from './delegate.js';
import { StoreError, type Store, type StoredObject } from './index.js';

export type StoreOperation = 'put' | 'prolong' | 'get' | 'list' | 'delete';

export interface OperationView {
  count: number;
  failed: number;
  /** Of the last one that succeeded. */
  lastMs?: number;
  /** Moving average over about ten. */
  averageMs?: number;
}

export interface StoreView {
  name: string;
  operations: Partial<Record<StoreOperation, OperationView>>;
  lastError?: { operation: StoreOperation; message: string; time: number };
}

export interface StoreWatch {
  readonly store: Store;
  view(): StoreView;
  /** The error of an operation that failed last time; one for an operator to mend comes first. */
  trouble(): StoreError | undefined;
}

const WEIGHT = 0.1;

export function watchStore(store: Store, clock: Clock): StoreWatch {
  const operations = new Map<StoreOperation, OperationView>();
  const failing = new Map<StoreOperation, StoreError>();
  let lastError: StoreView['lastError'];

  function begin(operation: StoreOperation) {
    let view = operations.get(operation);
    if (view === undefined) operations.set(operation, (view = { count: 0, failed: 0 }));
    const counted = view;
    const begun = clock.now();
    return {
      done: (): void => {
        const ms = clock.now() - begun;
        counted.count++;
        counted.lastMs = ms;
        counted.averageMs = (counted.averageMs ?? ms) * (1 - WEIGHT) + ms * WEIGHT;
        failing.delete(operation);
      },
      failed: (error: unknown): void => {
        counted.count++;
        counted.failed++;
        lastError = { operation, message: (error as Error).message, time: clock.now() };
        // One that is final is of that object, not of the store.
        if (error instanceof StoreError && error.retryable) failing.set(operation, error);
      },
    };
  }

  async function timed<T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> {
    const timing = begin(operation);
    try {
      const result = await work();
      timing.done();
      return result;
    } catch (error) {
      timing.failed(error);
      throw error;
    }
  }

  async function* listed(prefix: string): AsyncGenerator<StoredObject> {
    const timing = begin('list');
    try {
      yield* store.list(prefix);
      timing.done();
    } catch (error) {
      timing.failed(error);
      throw error;
    }
  }

  return {
    store: delegate(store, {
      put: (key, bytes, options) => timed('put', () => store.put(key, bytes, options)),
      prolong: (prefix, ms) => timed('prolong', () => store.prolong(prefix, ms)),
      get: (key, range) => timed('get', () => store.get(key, range)),
      delete: (keys) => timed('delete', () => store.delete(keys)),
      list: listed,
    }),
    view: () => ({
      name: store.name,
      operations: Object.fromEntries(operations),
      ...(lastError === undefined ? {} : { lastError }),
    }),
    trouble: () => {
      const all = [...failing.values()];
      return all.find((error) => error.needsOperator) ?? all[0];
    },
  };
}
