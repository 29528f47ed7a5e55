/** Half an hour without a receiver, by the page's clock. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { storedSegments } from '../../support/storage.js';

const run = scenario(import.meta.url, {
  script: '../offline/page.ts',
  html: `<!doctype html><button>b</button><output></output><script src="/app.js"></script>`,
});

const STEPS = 120;
const STEP_MS = 15_000;

const clicksArrived = (): number =>
  run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0);

/** A click every quarter of a minute, for thirty minutes. */
async function useThePage(page: Page): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    await page.click('button');
    await page.clock.runFor(STEP_MS);
  }
}

async function begin(): Promise<Page> {
  await run.context.clock.install();
  const page = await run.open({ flush: '5000' });
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return run.ingest.segments.length > 0;
  });
  return page;
}

test('a receiver that is down for half an hour gets all of it later, and few requests meanwhile', async () => {
  const page = await begin();
  run.ingest.behaviour = 'reset';
  await useThePage(page);
  expect(run.ingest.refused.length).toBeGreaterThan(5);
  expect(run.ingest.refused.length).toBeLessThanOrEqual(60);
  // It is not in the memory of the page.
  await expect.poll(() => storedSegments(page)).toBeGreaterThan(STEPS - 10);

  run.ingest.behaviour = 'accept';
  await run.ingest.until(async () => {
    await page.clock.runFor(STEP_MS);
    return clicksArrived() === STEPS;
  }, 60_000);
  await run.ingest.events();
  expect(run.ingest.segments.every(({ header }) => header.droppedEvents === 0)).toBe(true);
  await expect.poll(() => storedSegments(page)).toBe(0);
});

test('a browser that knows it is offline asks for nothing, and sends when it is back', async () => {
  const page = await begin();
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(run.ingest.url)) requests.push(request.method());
  });
  await run.context.setOffline(true);
  await useThePage(page);
  expect(requests.length).toBeLessThanOrEqual(2);
  await expect.poll(() => storedSegments(page)).toBeGreaterThan(STEPS - 10);

  await run.context.setOffline(false);
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return clicksArrived() === STEPS;
  }, 60_000);
  await run.ingest.events();
});
