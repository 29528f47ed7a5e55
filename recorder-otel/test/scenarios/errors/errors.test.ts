import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><p data-replay-unmask>before</p><button id="fail">Pay</button>
    <button id="refuse">Ask</button><button id="throw">Throw</button><script src="/app.js"></script>`,
});

test('an error, not a request answered with 404, sends what led to it, and what the page showed of it, without delay', async () => {
  const page = await run.open();
  await page.click('#refuse');
  await page.click('#fail');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount > 0));
  const { header } = run.ingest.segments[0]!;
  expect(header).toMatchObject({ index: 0, hasFullSnapshot: true, clickCount: 2, errorCount: 1 });
  const text = JSON.stringify(await run.ingest.events());
  expect(text).toContain('"tag":"session_replay.error"');
  expect(text).toContain(header.traceIds.at(-1));
  expect(text).toContain('shown after the failure');
  expect(run.pageErrors).toEqual([]);
});

test('uncaught errors count by their type, without their message', async () => {
  const page = await run.open();
  await page.evaluate(() => {
    for (let i = 0; i < 3; i++) document.querySelector<HTMLElement>('#throw')!.click();
  });
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount > 0));
  expect(run.ingest.segments).toHaveLength(1);
  expect(run.ingest.segments[0]!.header.errorCount).toBe(3);
  const text = JSON.stringify(await run.ingest.events());
  expect(text).toContain('RangeError');
  expect(text).not.toContain('private text');
  expect(run.pageErrors).toHaveLength(3);
});
