/** The browser's own, as far as it can be told: the page has put nothing in its place. */
export const isNative = (method: unknown): boolean =>
  typeof method === 'function' &&
  Function.prototype.toString.call(method).includes('[native code]');
