/** False: cancelled before it was done. */
export async function unlessCancelled(signal: AbortSignal, work: Promise<void>): Promise<boolean> {
  work.catch(() => undefined); // nobody waits for it once it is cancelled
  const cancelled = new Promise<false>((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  return Promise.race([work.then(() => true), cancelled]);
}
