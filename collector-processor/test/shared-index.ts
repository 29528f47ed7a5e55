import type { SessionIndex } from '../src/index/index.js';

/** An index that several worlds use: none of them opens or closes it. */
export function sharedIndex(index: SessionIndex): SessionIndex {
  const own: Partial<SessionIndex> = {
    start: () => Promise.resolve({ rebuild: false }),
    stop: () => Promise.resolve(),
  };
  return new Proxy(index, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
