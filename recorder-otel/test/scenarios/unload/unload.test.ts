import { LIMITS } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { segmentsOf } from '../../support/otlp.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><a href="/next">next</a><button id="busy">busy</button><button id="steady">steady</button><script src="/app.js"></script>`,
  routes: { '/next': { type: 'text/html', body: '<p>next page</p>' } },
});

test('what happened just before the page went away arrives, and so do its own spans', async () => {
  const page = await run.open();
  await page.click('#busy');
  await page.click('a');
  await page.waitForSelector('text=next page');
  const own = (): number =>
    run.ingest.spans.filter(({ name }) => name.startsWith('own span')).length;
  await run.ingest.until(
    () => own() === 20 && run.ingest.segments.some(({ header }) => header.final),
  );

  const clicks = run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0);
  expect(clicks).toBe(2);
  // Whole: from the first number to the last without a hole.
  const events = await run.ingest.events();
  expect(events.length).toBeGreaterThan(3);
  expect(run.pageErrors).toEqual([]);
});

test('a tab that is closed right after a click leaves its tail, within the budget', async () => {
  const page = await run.open();
  await page.click('#busy');
  await page.close({ runBeforeUnload: true });
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.final));
  const atUnload = run.ingest.requests.filter(({ spans }) =>
    segmentsOf(spans).some(({ header }) => header.final),
  );
  const bytes = atUnload.reduce((sum, { body }) => sum + body.length, 0);
  expect(bytes).toBeLessThanOrEqual(LIMITS.UNLOAD_BYTES);
  await run.ingest.events();
});

test('of a page that changes all the time, no more is left to send than may leave with it', async () => {
  const page = await run.open();
  await page.click('#steady');
  const sent = (): number => run.ingest.requests.reduce((sum, { body }) => sum + body.length, 0);
  // Far more than fits at the end: it must have been cut by its size.
  await run.ingest.until(() => sent() > 3 * LIMITS.UNLOAD_BYTES);
  const shown = await page.evaluate(() => {
    const last = document.querySelector('p:last-of-type')!.id;
    location.href = '/next';
    return last;
  });
  await page.waitForSelector('text=next page');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.final));
  // Whole, up to the very end.
  expect(JSON.stringify(await run.ingest.events())).toContain(`"${shown}"`);
});

test('a page that is hidden sends at once, and goes on in the same recording', async () => {
  const page = await run.open();
  const hide = (state: string): Promise<void> =>
    page.evaluate((visibility) => {
      Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, state);
  await page.click('#busy');
  await hide('hidden');
  await run.ingest.until(() => run.ingest.segments.length > 0);
  const before = run.ingest.segments.length;
  await hide('visible');
  await page.click('#busy');
  await hide('hidden');
  await run.ingest.until(() => run.ingest.segments.length > before);
  expect(run.ingest.recordingIds.length).toBe(1);
  await run.ingest.events();
});

test('back from the back/forward cache, playback can start anew', async () => {
  const page = await run.open();
  await page.evaluate('replay.forceFlush()');
  await page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  await page.evaluate('replay.forceFlush()');
  const checkpoints = run.ingest.segments.filter(({ header }) => header.hasFullSnapshot);
  expect(checkpoints.map(({ header }) => header.checkpoint)).toEqual([1, 2]);
});
