/** The processor goes away and comes back while a person clicks: nothing it acknowledged is lost. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf, segmentId } from '../harness/api.js';
import { launchBrowser, openPage } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { expectReplayed, lookAt } from '../harness/moment.js';
import { clicksIn, readBack, segmentsIn, startsPlayable } from '../harness/segments.js';
import { System } from '../harness/system.js';
import { Viewer } from '../harness/viewer.js';

let system: System;
let browser: Browser;

beforeAll(async () => {
  system = await System.start();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** Clicks on and on; the result ends it and says how many clicks there were. */
function keepClicking(page: Page): () => Promise<number> {
  let going = true;
  const filters = ['ceramics', 'tea', 'tools', 'gifts', 'all'];
  const done = (async () => {
    let clicks = 0;
    for (; going; clicks++) {
      await page.click(`[data-filter="${filters[clicks % filters.length] ?? 'all'}"]`);
      await page.waitForTimeout(250);
    }
    return clicks;
  })();
  return () => {
    going = false;
    return done;
  };
}

it('keeps what it acknowledged through SIGTERM and SIGKILL, once each', async () => {
  const { proxy, api } = system;
  const { page, errors } = await openPage(await browser.newContext());
  await page.goto(system.shopUrl);
  const stopClicking = keepClicking(page);
  const acknowledgedClicks = (): number =>
    segmentsIn(proxy.acknowledged).reduce((sum, { header }) => sum + header.clickCount, 0);
  const moreAcknowledged = async (): Promise<void> => {
    const before = acknowledgedClicks();
    await eventually('more clicks to be acknowledged', () => acknowledgedClicks() > before);
  };

  await moreAcknowledged();
  expect(await system.stopProcessor('SIGTERM')).toBe(0);
  await system.startProcessor();
  await moreAcknowledged();
  await system.stopProcessor('SIGKILL');
  await system.startProcessor();
  await moreAcknowledged();
  const clicks = await stopClicking();
  const moment = await lookAt(page);
  const sessionId = segmentsIn(proxy.acknowledged)[0]?.header.sessionId ?? '';

  await eventually('every click, before and after', async () => {
    return clicksIn(await eventsOf(await readBack(api, sessionId))) === clicks;
  });
  const kept = await readBack(api, sessionId);
  const ids = kept.map(segmentId);
  for (const segment of segmentsIn(proxy.acknowledged)) expect(ids).toContain(segmentId(segment));
  expect(new Set(ids).size).toBe(ids.length);
  expect(kept.map(({ header }) => header.index)).toEqual(kept.map((_, i) => i));
  expect(startsPlayable(await eventsOf(kept))).toBe(true);
  await expectReplayed(new Viewer(await browser.newPage(), system.viewerUrl), sessionId, moment);
  expect(errors).toEqual([]);

  const before = await api.manifest(sessionId);
  for (const { path, body } of proxy.acknowledged) {
    const headers = { 'content-type': 'application/x-protobuf' };
    const again = await fetch(`${system.otlpUrl}${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    expect(again.status).toBe(200);
  }
  const after = await api.manifest(sessionId);
  expect([after.segmentCount, after.bytes]).toEqual([before.segmentCount, before.bytes]);
  expect((await readBack(api, sessionId)).map(segmentId)).toEqual(ids);
});
