/** What waits for a trigger survives the page: the next one of the same tab releases it with its own. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { WireSegment } from '../../support/otlp.js';
import { replayedText } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';
import { Site } from '../../support/site.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button data-replay-unmask>b</button><output data-replay-unmask>-</output>
    <script src="/app.js"></script>`,
});

const ids = (page: Page): Promise<string> => page.evaluate('replay.recordingId');
const next = (path: string, settings: Record<string, string> = {}): string =>
  run.site.page(run.ingest.url, settings).replace('/?', `/${path}?`);
const of = (recordingId: string): WireSegment[] =>
  run.ingest.segments.filter(({ header }) => header.recordingId === recordingId);
const taken = (page: Page) =>
  page.waitForFunction(`sessionStorage.getItem('otel-session-before') === null`);
const ringKeys = (page: Page): Promise<string[]> =>
  page.evaluate(`new Promise((resolve) => {
    const opening = indexedDB.open('otel-session');
    opening.onsuccess = () => {
      const keys = opening.result.transaction('ring').objectStore('ring').getAllKeys();
      keys.onsuccess = () => {
        opening.result.close();
        resolve(keys.result);
      };
    };
  })`);

/** Once the part that hands over is there: it opens the database, and first removes what expired. */
async function ready(page: Page): Promise<void> {
  await page.waitForFunction(
    `indexedDB.databases().then((all) => all.some(({ name }) => name === 'otel-session'))`,
  );
  // Behind that in the browser's queue.
  await ringKeys(page);
}

async function expectPlayable(recordingId: string, output: string | RegExp): Promise<void> {
  const segments = of(recordingId);
  expect(segments[0]?.header).toMatchObject({ hasFullSnapshot: true, mode: 'buffer' });
  const text = await replayedText(run, await run.ingest.events(recordingId), ['output']);
  expect(text).toMatch(output);
}

test('an error on the second page brings the first, whole and in order', async () => {
  const page = await run.open();
  const first = await ids(page);
  await ready(page);
  await page.evaluate('tick()');
  await page.click('button');
  await page.goto(next('second'));
  const second = await ids(page);
  await taken(page);
  expect(run.ingest.requests).toEqual([]);
  await page.evaluate('fail()');
  await run.ingest.until(
    () => of(second).some(({ header }) => header.errorCount > 0) && of(first).length > 0,
  );
  await expectPlayable(first, /^0$/);
  await expectPlayable(second, /^-$/);
  expect(of(first)[0]!.header).toMatchObject({ index: 0, trigger: 'error' });
  expect(of(first).reduce((sum, { header }) => sum + header.clickCount, 0)).toBe(1);
  expect(of(first).at(-1)!.header.lastTimestamp).toBeLessThanOrEqual(
    of(second)[0]!.header.firstTimestamp,
  );
  expect(new Set(run.ingest.segments.map(({ header }) => header.sessionId)).size).toBe(1);
});

test('what follows a trigger goes on over pages', async () => {
  const page = await run.open({ post: '300000' });
  await ready(page);
  await page.evaluate('fail()');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount > 0));
  await page.goto(next('second', { post: '300000' }));
  const second = await ids(page);
  // Nothing happened there that is worth keeping, but it is soon after.
  await run.ingest.until(() => of(second).length > 0);
  await expectPlayable(second, /^-$/);
  expect(of(second)[0]!.header).toMatchObject({ index: 0 });
  expect(of(second)[0]!.header.trigger).toBeUndefined();
});

test.each([
  ['too much for the session storage', 3.2e6, ''],
  [
    'what the page has left no room for in the session storage',
    5e5,
    `for (let size = 1 << 22; size > 1 << 16; size >>= 1)
      try {
        for (;;) sessionStorage.setItem(crypto.randomUUID(), 'x'.repeat(size));
      } catch {}`,
  ],
])('%s goes through the database', async (_name, length, fill) => {
  const page = await run.open();
  const first = await ids(page);
  await ready(page);
  await page.evaluate(fill);
  await page.evaluate(`
    let text = '';
    while (text.length < ${length}) text += crypto.randomUUID();
    document.querySelector('button').textContent = text;
  `);
  await page.evaluate('replay.forceFlush()');
  // How much of it a browser writes for a page that is gone by then is its own business.
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))`);
  await run.ingest.until(async () => (await ringKeys(page)).length > 4);
  await page.goto(next('second'));
  await taken(page);
  // It is read after it is claimed.
  await run.ingest.until(async () => {
    const keys = await ringKeys(page);
    return keys.length === 1 && keys[0]!.includes('taken');
  });
  await page.evaluate('fail()');
  await run.ingest.until(async () => {
    if (of(first).length === 0) return false;
    const events = await run.ingest.events(first).catch(() => []);
    return JSON.stringify(events).length > length;
  });
});

test('a tab that was duplicated releases nothing twice', async () => {
  const elsewhere = new Site({
    script: new URL('./page.ts', import.meta.url).pathname,
    html: '<p>x',
  });
  await elsewhere.start();
  try {
    const page = await run.open();
    const first = await ids(page);
    await ready(page);
    await page.evaluate('tick()');
    await page.goto(elsewhere.origin);
    const [copy] = await Promise.all([
      run.context.waitForEvent('page'),
      page.evaluate(`void open('about:blank')`),
    ]);
    for (const tab of [page, copy]) {
      await tab.goto(next('second'));
      await taken(tab);
      await ready(tab);
      await tab.evaluate('new Promise((done) => setTimeout(done, 500))');
    }
    const [second, third] = [await ids(page), await ids(copy)];
    await copy.evaluate('fail()');
    await run.ingest.until(() => of(third).some(({ header }) => header.errorCount > 0));
    await copy.evaluate('replay.forceFlush()');
    expect(run.ingest.recordingIds).toEqual([third]);
    await page.evaluate('fail()');
    await run.ingest.until(() => of(second).some(({ header }) => header.errorCount > 0));
    await run.ingest.until(() => of(first).length > 0);
    const sent = run.ingest.spans.filter(({ traceId }) => traceId === first);
    expect(sent.length).toBe(of(first).length);
    await expectPlayable(first, /^0$/);
  } finally {
    await elsewhere.stop();
  }
});

test('a page that was put away and is back goes on with what it had', async () => {
  const page = await run.open();
  const recording = await ids(page);
  await ready(page);
  await page.evaluate('tick()');
  await page.evaluate('replay.forceFlush()');
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
  expect(await page.evaluate(`sessionStorage.getItem('otel-session-before')`)).not.toBeNull();
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
  await taken(page);
  await page.evaluate('tick()');
  await page.evaluate('fail()');
  await run.ingest.until(() => of(recording).some(({ header }) => header.errorCount > 0));
  await run.ingest.until(() => of(recording)[0]?.header.index === 0);
  await expectPlayable(recording, /^1$/);
  expect(of(recording).filter(({ header }) => header.hasFullSnapshot).length).toBeGreaterThan(1);
});

test('without consent nothing is left in the browser', async () => {
  const page = await run.open();
  const first = await ids(page);
  await ready(page);
  await page.goto(next('second'));
  await taken(page);
  await page.evaluate('replay.withdrawConsent()');
  await page.goto(next('third'));
  expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([]);
  await ready(page);
  await page.evaluate('fail()');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount > 0));
  await page.evaluate('replay.forceFlush()');
  expect(of(first)).toEqual([]);
});
