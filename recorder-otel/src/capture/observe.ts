import type { Recording } from '../recording.js';

/** What the browser measures, also before now; nothing where it does not know `type`. */
export function observe(
  { guard }: Recording,
  type: string,
  onEntry: (entry: PerformanceEntry) => void,
  options: object = {},
): () => void {
  if (!isObservable(type)) return () => undefined;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) guard.run(type, () => onEntry(entry));
  });
  observer.observe({ type, buffered: true, ...options });
  return () => observer.disconnect();
}

export function isObservable(type: string): boolean {
  return globalThis.PerformanceObserver?.supportedEntryTypes?.includes(type) ?? false;
}
