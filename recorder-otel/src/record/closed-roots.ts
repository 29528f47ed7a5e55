/** Closed shadow roots that the page handed over: to rrweb they are like open ones. */
export const closedRoots = {
  of: new WeakMap<Element, ShadowRoot>(),
  /** One was handed over whose element is recorded without it. */
  isMissing: false,
  tell: (): void => void (closedRoots.isMissing = true),
};
