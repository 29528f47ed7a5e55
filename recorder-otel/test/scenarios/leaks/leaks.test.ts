import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: '<!doctype html><body><input><div id="host"></div><script src="/app.js"></script></body>',
});

test('a hundred starts and stops leave nothing behind', { timeout: 240_000 }, async () => {
  const page = await run.open();
  const session = await run.context.newCDPSession(page);
  await session.send('HeapProfiler.enable');
  const observers = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { result: prototype } = await session.send('Runtime.evaluate', {
      expression: 'MutationObserver.prototype',
    });
    const { objects } = await session.send('Runtime.queryObjects', {
      prototypeObjectId: prototype.objectId!,
      objectGroup: 'leaks',
    });
    const { result } = await session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId!,
      functionDeclaration: 'function () { return this.length; }',
    });
    await session.send('Runtime.releaseObjectGroup', { objectGroup: 'leaks' });
    return result.value as number;
  };
  // The first loads what is loaded late, and what is patched for good is patched.
  for (let i = 0; i < 3; i++) await page.evaluate('cycle()');
  await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
  const before = { counted: await page.evaluate('count()'), observers: await observers() };
  for (let i = 0; i < 100; i++) await page.evaluate('cycle()');
  await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
  const after = { counted: await page.evaluate('count()'), observers: await observers() };
  expect(after).toEqual(before);
  expect(await page.evaluate('errors')).toEqual([]);
});
