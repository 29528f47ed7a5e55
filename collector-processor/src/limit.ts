/** At most `limit` pieces of work at a time, begun in the order in which they came. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimit(limit: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
