import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { storedSegments } from '../../support/storage.js';

const run = scenario(import.meta.url, {
  script: '../offline/page.ts',
  html: `<!doctype html><button>b</button><output></output><script src="/app.js"></script>`,
});

interface Link {
  type?: string;
  saveData?: boolean;
}

/** Headless browsers are always on the same line: the page is told of another. */
async function openOver(link: Link, network: string): Promise<Page> {
  await run.context.addInitScript((first) => {
    const connection = Object.assign(new EventTarget(), first);
    Object.defineProperty(navigator, 'connection', { value: connection });
  }, link);
  return run.open({ network });
}

const change = (page: Page, link: Link): Promise<void> =>
  page.evaluate((next) => {
    const { connection } = navigator as unknown as { connection: EventTarget };
    Object.assign(connection, next).dispatchEvent(new Event('change'));
  }, link);

const clicksArrived = (): number =>
  run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0);

test.each<[string, Link]>([
  ['a cellular line', { type: 'cellular' }],
  ['Save-Data', { type: 'wifi', saveData: true }],
])('over %s nothing leaves with `unmetered` until there is a better one', async (_name, link) => {
  const page = await openOver(link, 'unmetered');
  for (let i = 0; i < 3; i++) {
    await page.click('button');
    await page.evaluate('replay.forceFlush()');
  }
  await expect.poll(() => storedSegments(page)).toBeGreaterThan(0);
  // Errors are a reason to keep a session, not to spend the user's money.
  await page.evaluate(`dispatchEvent(new ErrorEvent('error', { error: new Error('x') }))`);
  // Neither does a page that leaves.
  await page.reload();
  await page.click('button');
  await page.evaluate('replay.forceFlush()');
  expect(run.ingest.requests).toEqual([]);

  await change(page, { type: 'wifi', saveData: false });
  await run.ingest.until(() => clicksArrived() === 4);
  for (const id of run.ingest.recordingIds) await run.ingest.events(id);
});

test('over a better line, and by default over any, segments leave', async () => {
  const page = await openOver({ type: 'wifi' }, 'unmetered');
  await page.click('button');
  await run.ingest.until(() => clicksArrived() === 1);
  await page.close();
  const other = await openOver({ type: 'cellular', saveData: true }, 'any');
  await other.click('button');
  await run.ingest.until(() => clicksArrived() === 2);
});
