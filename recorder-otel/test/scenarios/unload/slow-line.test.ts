/**
 * What leaves with a page over a line of 60 ms and 8 Mbit/s: all of the replay up to 36 KiB, and all
 * of the page's own spans, whether the receiver is known to the browser or not.
 */
import { LIMITS } from '@otel-replay/protocol';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { WireSegment } from '../../support/otlp.js';
import { Relay } from '../../support/relay.js';
import { scenario } from '../../support/scenario.js';
import { storedSegments } from '../../support/storage.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><a href="/next">next</a><button id="busy">busy</button><script src="/app.js"></script>`,
  routes: { '/next': { type: 'text/html', body: '<p>next page</p>' } },
});

/** Each on a line and with browsers of its own. */
const LANES = 3;
const ROUNDS = 5;

const leaves: [string, (page: Page) => Promise<unknown>][] = [
  ['followed a link', (page) => page.click('a')],
  ['closed the tab', (page) => page.close({ runBeforeUnload: true })],
  ['reloaded', (page) => page.reload()],
];

const segmentsOf = (recording: string): WireSegment[] =>
  run.ingest.segments.filter(({ header }) => header.recordingId === recording);

/** From the first number, without a hole, to the last thing that happened. */
async function isWhole(recording: string): Promise<boolean> {
  const events = await run.ingest.events(recording).catch(() => []);
  return JSON.stringify(events).includes('"leaves"');
}

/** A user does something; then it is said that this was all. */
async function live(page: Page, clicks: number): Promise<string> {
  const recording = await page.evaluate<string>('replay.recordingId');
  await page.evaluate(async (count) => {
    for (let i = 0; i < count; i++) document.querySelector<HTMLElement>('#busy')!.click();
    // A browser gives a closing tab half a second; on a busy machine that is for leaving alone. So
    // what was changed is recorded before, as it is after the next frame.
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 500 }));
  }, clicks);
  await page.evaluate(`replay.addEvent('leaves')`);
  return recording;
}

async function lane(leave: (page: Page) => Promise<unknown>): Promise<void> {
  const relay = new Relay(run.ingest.url);
  await relay.start();
  let warm: BrowserContext | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    // Every other time the browser has never asked the receiver whether it may.
    const context = round % 2 === 0 || !warm ? await run.browser.newContext() : warm;
    warm ??= context;
    const page = await context.newPage();
    await page.goto(run.site.page(relay.url, { lines: '950' }));
    const recording = await live(page, 1);
    await leave(page);
    const spans = () =>
      run.ingest.spans.filter(
        ({ name, attributes }) =>
          name.startsWith('own span') && attributes.get('session_replay.id') === recording,
      );
    await run.ingest.until(async () => spans().length === 20 && (await isWhole(recording)));
    const bytes = segmentsOf(recording).reduce((sum, { data }) => sum + data.length, 0);
    // Much of what may leave at once, or this shows little.
    expect(bytes).toBeGreaterThan(LIMITS.UNLOAD_BYTES / 2);
    expect(bytes).toBeLessThan(LIMITS.UNLOAD_BYTES - 2000);
    if (context !== warm) await context.close();
    else await page.close().catch(() => undefined);
  }
  await warm?.close();
  await relay.stop();
}

test.each(leaves)('who %s leaves nothing behind', async (_name, leave) => {
  await Promise.all(Array.from({ length: LANES }, () => lane(leave)));
});

test('what is too much to leave with the page waits in the browser for the next one', async () => {
  const relay = new Relay(run.ingest.url);
  await relay.start();
  const page = await run.context.newPage();
  run.ingest.behaviour = { status: 503 };
  await page.goto(run.site.page(relay.url, { lines: '1350' }));
  await page.evaluate('replay.forceFlush()');
  // That there is a database does not say that it is open: what cannot be sent comes to be in it.
  await expect.poll(() => storedSegments(page)).toBeGreaterThan(0);
  run.ingest.behaviour = 'accept';
  await page.evaluate(`dispatchEvent(new Event('online'))`);
  await page.evaluate('replay.forceFlush()');
  await expect.poll(() => storedSegments(page)).toBe(0);
  // More than may leave, and hardly time to send it.
  const recording = await live(page, 2);
  await page.reload();
  await page.evaluate('replay.forceFlush()');
  await run.ingest.until(() => isWhole(recording), 120_000);
  const bytes = segmentsOf(recording).reduce((sum, { data }) => sum + data.length, 0);
  expect(bytes).toBeGreaterThan(LIMITS.UNLOAD_BYTES);
  await relay.stop();
});
