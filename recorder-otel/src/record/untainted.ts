/**
 * To be sure of the browser's own functions, rrweb takes them from a frame that it makes, where those
 * of the page look patched. It takes those of `Element` for patched in every page, since it asks for
 * getters where there are methods; and a frame costs more than all else that a small page needs to
 * start. So while it starts, it is shown getters.
 */
import { isNative } from './native.js';

const globals = globalThis as unknown as Record<string, typeof Element>;
const NAME = 'Element';

export function withoutFrame<R>(run: () => R): R {
  const before = globals[NAME]!;
  const { prototype } = before;
  // The page, or zone.js, has put its own there: rrweb is right to look elsewhere.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is only looked at
  if (globals['Zone'] || !isNative(Object.getOwnPropertyDescriptor(prototype, 'shadowRoot')?.get)) {
    return run();
  }
  const shown = new Proxy(prototype, {
    getOwnPropertyDescriptor: (target, name) => {
      const found = Object.getOwnPropertyDescriptor(target, name);
      return found?.configurable && 'value' in found
        ? // A bound function looks like the browser's.
          { get: (() => found.value as unknown).bind(undefined), configurable: true }
        : found;
    },
    // In all else it is the prototype: what is patched there is patched.
    set: (target, name, value) => Reflect.set(target, name, value),
  });
  const isInstance = (value: unknown): boolean => value instanceof before;
  Object.assign(globals, { [NAME]: { prototype: shown, [Symbol.hasInstance]: isInstance } });
  try {
    return run();
  } finally {
    globals[NAME] = before;
  }
}
