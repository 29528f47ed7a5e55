/** What starting to record does to a page, and what it must not. */
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: '<!doctype html><body><p>text</p><div id="host"></div><script src="/app.js"></script>',
});

test('no frame is made, and what rrweb patches is patched for the page', async () => {
  const page = await run.open();
  await run.ingest.until(() => run.ingest.segments.length > 0);
  expect(await page.evaluate('frames()')).toBe(0);
  expect(await page.evaluate('document.body instanceof Element')).toBe(true);

  await page.evaluate(`
    document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<b class="before">x</b>';
  `);
  await page.waitForFunction('replay.forceFlush().then(() => true)');
  // Only an observer of the tree itself sees what comes later.
  await page.evaluate(`
    const added = document.createElement('i');
    added.className = 'later';
    document.querySelector('#host').shadowRoot.append(added);
  `);
  await run.ingest.until(async () => {
    const text = JSON.stringify(await run.ingest.events());
    return /"class":"before"/.test(text) && /"class":"later"/.test(text);
  });
  expect(run.pageErrors).toEqual([]);
});

test('text is asked about in one go, and masked all the same', async () => {
  await run.open();
  await run.ingest.until(() => run.ingest.segments.length > 0);
  const text = JSON.stringify(await run.ingest.events());
  expect(text).toContain('"textContent":"****"');
  expect(text).not.toContain('"textContent":"text"');
});
