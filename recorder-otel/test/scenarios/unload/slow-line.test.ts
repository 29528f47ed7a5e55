/**
 * What leaves with a page over a line of 60 ms and 8 Mbit/s: all of the replay up to 36 KiB, and all
 * of the page's own spans, whether the receiver is known to the browser or not.
 */
import { LIMITS } from '@otel-replay/protocol';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Relay } from '../../support/relay.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><a href="/next">next</a><button id="busy">busy</button><script src="/app.js"></script>`,
  routes: { '/next': { type: 'text/html', body: '<p>next page</p>' } },
});

const ROUNDS = 15;

const leaves: [string, (page: Page) => Promise<unknown>][] = [
  ['followed a link', (page) => page.click('a')],
  ['closed the tab', (page) => page.close({ runBeforeUnload: true })],
  ['reloaded', (page) => page.reload()],
];

test.each(leaves)('who %s leaves nothing behind', async (_name, leave) => {
  const relay = new Relay(run.ingest.url);
  await relay.start();
  let warm: BrowserContext | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    // Every other time the browser has never asked the receiver whether it may.
    const context = round % 2 === 0 || !warm ? await run.browser.newContext() : warm;
    warm ??= context;
    const page = await context.newPage();
    await page.goto(run.site.page(relay.url, { lines: '950' }));
    await page.click('#busy');
    // A browser gives a closing tab half a second; on a busy machine that is for leaving alone.
    await page.evaluate(
      () => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 500 })),
    );
    const recording = await page.evaluate<string>('replay.recordingId');
    // Something to say at the end: else the segment before may have been the last.
    await page.evaluate(`replay.addEvent('leaves')`);
    await leave(page);
    const spans = () =>
      run.ingest.spans.filter(
        ({ name, attributes }) =>
          name.startsWith('own span') && attributes.get('session_replay.id') === recording,
      );
    const segments = () =>
      run.ingest.segments.filter(({ header }) => header.recordingId === recording);
    await run.ingest.until(
      () => spans().length === 20 && segments().some(({ header }) => header.final),
      60_000,
    );
    // From the first number to the last without a hole.
    expect((await run.ingest.events(recording)).length).toBeGreaterThan(3);
    const clicks = segments().reduce((sum, { header }) => sum + header.clickCount, 0);
    expect(clicks).toBeGreaterThanOrEqual(1);
    const bytes = segments().reduce((sum, { data }) => sum + data.length, 0);
    // Much of what may leave at once, or this shows little.
    expect(bytes).toBeGreaterThan(LIMITS.UNLOAD_BYTES / 2);
    expect(bytes).toBeLessThan(LIMITS.UNLOAD_BYTES - 2000);
    if (context !== warm) await context.close();
    else await page.close().catch(() => undefined);
  }
  await warm?.close();
  await relay.stop();
});

test('what is too much to leave with the page waits in the browser for the next one', async () => {
  const relay = new Relay(run.ingest.url);
  await relay.start();
  const page = await run.context.newPage();
  await page.goto(run.site.page(relay.url, { lines: '1350' }));
  await page.evaluate('replay.forceFlush()');
  await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
  const recording = await page.evaluate<string>('replay.recordingId');
  // More than may leave, and hardly time to send it.
  await page.evaluate(() => {
    for (let i = 0; i < 2; i++) document.querySelector<HTMLElement>('#busy')!.click();
    return new Promise((resolve) => requestIdleCallback(resolve, { timeout: 500 }));
  });
  await page.evaluate(`replay.addEvent('leaves')`);
  await page.reload();
  await page.evaluate('replay.forceFlush()');
  const segments = () =>
    run.ingest.segments.filter(({ header }) => header.recordingId === recording);
  await run.ingest.until(async () => {
    if (!segments().some(({ header }) => header.final)) return false;
    return run.ingest.events(recording).then(
      () => true,
      () => false,
    );
  }, 120_000);
  const bytes = segments().reduce((sum, { data }) => sum + data.length, 0);
  expect(bytes).toBeGreaterThan(LIMITS.UNLOAD_BYTES);
  await relay.stop();
});
