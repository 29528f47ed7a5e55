/**
 * rrweb wraps these functions and, so that its own failures stay inside, swallows whatever they
 * throw. Pages rely on some of those errors (an unknown selector in `insertRule`, say), so they
 * are remembered on the way out and given back to the page.
 */
type Method = (this: unknown, ...args: unknown[]) => unknown;

export interface PageErrors {
  has(error: unknown): boolean;
  restore(): void;
}

const NAMES = 'insertRule deleteRule replace replaceSync setProperty removeProperty'.split(' ');

export function keepPageErrors(): PageErrors {
  const errors = new Set<unknown>();
  const restores: (() => void)[] = [];
  for (const owner of [CSSStyleSheet, CSSGroupingRule, CSSStyleDeclaration]) {
    const prototype = owner.prototype as unknown as Record<string, Method | undefined>;
    for (const name of NAMES) {
      const original = prototype[name];
      if (!original) continue;
      prototype[name] = function (...args) {
        try {
          return original.apply(this, args);
        } catch (error) {
          errors.clear();
          errors.add(error);
          throw error;
        }
      };
      restores.push(() => (prototype[name] = original));
    }
  }
  return {
    has: (error) => errors.has(error),
    restore: () => restores.forEach((restore) => restore()),
  };
}
