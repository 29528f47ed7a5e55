import type { Store } from './index.js';

/** The same store, but for the operations given. */
export function delegate(store: Store, instead: Partial<Omit<Store, 'name'>>): Store {
  return {
    name: store.name,
    hasLifecycle: store.hasLifecycle,
    start: () => store.start(),
    stop: () => store.stop(),
    put: (key, bytes, options) => store.put(key, bytes, options),
    prolong: (prefix, keepForMs) => store.prolong(prefix, keepForMs),
    get: (key, range) => store.get(key, range),
    list: (prefix) => store.list(prefix),
    delete: (keys) => store.delete(keys),
    ...instead,
  };
}
