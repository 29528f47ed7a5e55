/** A person's checkout fails; somebody opens its trace and sees what the person saw. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { SessionManifest, SpanInfo } from '@otel-replay/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf } from '../harness/api.js';
import { launchBrowser, openPage } from '../harness/browser.js';
import type { WatchedPage } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { expectReplayed, lookAt } from '../harness/moment.js';
import type { Moment } from '../harness/moment.js';
import { searchDirectory, searchExchanges } from '../harness/secrets.js';
import { System } from '../harness/system.js';
import { Viewer } from '../harness/viewer.js';
import { addToCart, fillCheckout, payAndFail, putIntoCart, SECRETS } from '../harness/visitor.js';

/** Pictures for whoever wants to look; nothing is compared with them. */
const SHOTS = join(tmpdir(), 'shots');

let system: System;
let browser: Browser;
let visitor: WatchedPage;
/** What the person got who followed the link in the failure at once. */
let linked: Page;
let viewing: WatchedPage;
let viewer: Viewer;
let traceId: string;
/** What the page was at some moments, by name. */
const seen = new Map<string, Moment>();
let manifest: SessionManifest;
let recordingId: string;
let spans: SpanInfo[];

beforeAll(async () => {
  system = await System.start();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1200, height: 860 } });
  visitor = await openPage(context);
  traceId = await shopUntilItFails(visitor.page);
  await visitor.page.screenshot({ path: join(SHOTS, 'e2e-shop-failure.png'), fullPage: true });
  await untilStored();
  viewing = await openPage(await browser.newContext());
  viewer = new Viewer(viewing.page, system.viewerUrl);
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

async function look(name: string): Promise<void> {
  seen.set(name, await lookAt(visitor.page));
}

async function shopUntilItFails(page: Page): Promise<string> {
  await page.goto(system.shopUrl);
  await page.click('[data-filter="ceramics"]');
  await look('a filtered list');
  await page.click('.card a[href="/products/harbour-mug"]');
  await page.click('[data-shipping]');
  await page.getByText('Tortoise Parcel').waitFor();
  await addToCart(page);
  await look('a product in the cart');
  await putIntoCart(page, system.shopUrl, 'gift-card');
  await page.click('.cart-link');
  await page.click('[data-line="harbour-mug"] [data-step="1"]');
  await page.getByText('€98.00').waitFor();
  await look('a changed cart');
  await page.click('a[href="/checkout"]');
  await fillCheckout(page);
  await look('a filled-in form');
  const id = await payAndFail(page);
  await look('the failure');
  [linked] = await Promise.all([page.context().waitForEvent('page'), page.click('.failure a')]);
  return id;
}

/** Until the failure itself is in what is kept, and the spans of both sides are. */
async function untilStored(): Promise<void> {
  const { api } = system;
  await eventually('the replay of the failure', async () => {
    const found = (await api.trace(traceId)).sessions[0];
    if (found === undefined) return false;
    const segments = await api.segments(found.sessionId, found.recordingId);
    recordingId = found.recordingId;
    manifest = await api.manifest(found.sessionId);
    return JSON.stringify(await eventsOf(segments)).includes('We could not place your order');
  });
  await eventually('the spans of page and shop', async () => {
    spans = (await api.spans(manifest.sessionId)).filter((span) => span.traceId === traceId);
    const failed = spans.filter(({ status }) => status === 'error');
    return ['browser', 'backend'].every((origin) => failed.some((span) => span.origin === origin));
  });
}

it('shows a trace id of a real exception', () => {
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  const exceptions = spans.flatMap(({ origin, events }) =>
    events.filter(({ name }) => name === 'exception').map(({ attributes }) => [origin, attributes]),
  );
  expect(exceptions).toContainEqual([
    'backend',
    expect.objectContaining({ 'exception.type': 'TypeError' }),
  ]);
});

it('opens by itself for who followed the link before anything had arrived', async () => {
  expect(linked.url()).toBe(`${system.viewerUrl}/traces/${traceId}`);
  await new Viewer(linked, system.viewerUrl).ready();
  await linked.close();
});

it('opens the trace at its moment, with the failed spans of page and shop', async () => {
  await viewer.openTrace(traceId);
  const time = await viewer.time();
  const start = Math.min(...spans.map(({ startTime }) => startTime));
  const end = Math.max(...spans.map(({ endTime }) => endTime));
  expect(time).toBeGreaterThan(start - 5000);
  expect(time).toBeLessThan(end + 5000);
  for (const origin of ['browser', 'backend']) {
    const row = viewer.spanRows({ 'trace-id': traceId, origin, status: 'error' }).first();
    await row.waitFor({ timeout: 5000 });
  }
  expect(await viewer.markers('error').count()).toBeGreaterThan(0);
  await viewer.page.screenshot({ path: join(SHOTS, 'e2e-viewer-trace.png') });
});

it.each([
  'a filtered list',
  'a product in the cart',
  'a changed cart',
  'a filled-in form',
  'the failure',
])('replays %s as it was, apart from masks', async (name) => {
  const moment = seen.get(name);
  if (moment === undefined) throw new Error(`nobody looked at ${name}`);
  await expectReplayed(viewer, manifest.sessionId, moment);
  await viewer.page.screenshot({
    path: join(SHOTS, `e2e-viewer-${name.replaceAll(' ', '-')}.png`),
  });
});

it('asks nobody but the viewer for anything while it replays', () => {
  expect([...viewing.origins]).toEqual([system.viewerUrl]);
  expect(viewing.errors).toEqual([]);
});

it('lists the session, and says why there is no replay of an unknown trace', async () => {
  const { page } = viewing;
  await page.goto(system.viewerUrl);
  await page.getByTestId('session-row').first().waitFor();
  await page.screenshot({ path: join(SHOTS, 'e2e-viewer-list.png') });
  await page.goto(`${system.viewerUrl}/traces/${'0123456789abcdef'.repeat(2)}`);
  await page.locator('[data-testid="state-message"][data-reason="never_recorded"]').waitFor();
  await page.screenshot({ path: join(SHOTS, 'e2e-viewer-unknown.png') });
});

it('lets nothing the person typed leave the browser', async () => {
  const search = await searchExchanges(system.proxy.exchanges, SECRETS);
  expect(search.payloads).toBeGreaterThan(3);
  expect(search.findings).toEqual([]);
  expect([...visitor.origins].sort()).toEqual([system.shopUrl, system.proxy.url].sort());
});

it('stores nothing the person typed', async () => {
  const running = await searchDirectory(system.dataDirectory, SECRETS);
  expect(running.findings).toEqual([]);
  await system.stopShop();
  expect(await system.stopProcessor('SIGTERM')).toBe(0);
  const stopped = await searchDirectory(system.dataDirectory, SECRETS);
  expect(stopped.payloads).toBeGreaterThan(3);
  expect(stopped.findings).toEqual([]);
});

it('breaks nothing in the page', () => {
  expect(visitor.errors).toEqual([]);
  const recording = manifest.recordings.find((one) => one.recordingId === recordingId);
  expect(recording?.gaps).toEqual([]);
});
