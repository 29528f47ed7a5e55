/** One visit, several documents: reloads in mid-flush, two tabs, a tab that is killed. */
import { RecordReader, type SegmentHeader } from '@otel-replay/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf, segmentId } from '../harness/api.js';
import { launchBrowser, openPage } from '../harness/browser.js';
import { captureDom } from '../harness/dom.js';
import { eventually } from '../harness/eventually.js';
import { sendLongPage } from '../harness/long-page.js';
import { expectReplayed, lookAt } from '../harness/moment.js';
import { eventsOfSegment } from '../harness/otlp.js';
import { clicksIn, readBack, segmentsIn, startsPlayable } from '../harness/segments.js';
import { System } from '../harness/system.js';
import { Viewer } from '../harness/viewer.js';
import { addToCart, fillCheckout, payAndFail, putIntoCart } from '../harness/visitor.js';

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

/** The session that began since `from` exchanges; the one before may still have had something to send. */
function sessionSince(from: number): Promise<string> {
  const { exchanges } = system.proxy;
  const before = new Set(segmentsIn(exchanges.slice(0, from)).map((s) => s.header.sessionId));
  return eventually(
    'a first segment',
    () =>
      segmentsIn(exchanges.slice(from)).find(({ header }) => !before.has(header.sessionId))?.header
        .sessionId,
  );
}

it('loses nothing when the page is reloaded while it sends', async () => {
  const { proxy, api, shopUrl } = system;
  const from = proxy.exchanges.length;
  const context = await browser.newContext();
  const { page, errors } = await openPage(context);
  await page.goto(shopUrl);
  const sessionId = await sessionSince(from);
  let clicks = 0;
  const click = async (filter: string): Promise<void> => {
    await page.click(`[data-filter="${filter}"]`);
    clicks++;
  };

  proxy.hold();
  await click('tea');
  await eventually('a request that is under way', () =>
    proxy.exchanges.slice(from).some(({ method, status }) => method === 'POST' && !status),
  );
  await click('tools');
  await page.reload();
  proxy.release();
  await click('gifts');
  const moment = await lookAt(page);

  await eventually('every click', async () => {
    const segments = await readBack(api, sessionId);
    return clicksIn(await eventsOf(segments)) === clicks;
  });
  const { recordings } = await api.manifest(sessionId);
  expect(recordings).toHaveLength(2);
  for (const recording of recordings) {
    expect(recording.gaps).toEqual([]);
    expect(recording.segments[0]?.index).toBe(0);
    const segments = await api.segments(sessionId, recording.recordingId);
    expect(startsPlayable(await eventsOf(segments))).toBe(true);
  }
  await expectReplayed(new Viewer(await browser.newPage(), system.viewerUrl), sessionId, moment);
  expect(errors).toEqual([]);
  await context.close();
});

it('keeps two tabs apart in one session', async () => {
  const { proxy, api, shopUrl } = system;
  const from = proxy.exchanges.length;
  const context = await browser.newContext();
  const one = (await openPage(context)).page;
  await one.goto(shopUrl);
  const sessionId = await sessionSince(from);
  const two = (await openPage(context)).page;
  await putIntoCart(two, shopUrl, 'gift-card');
  await two.goto(`${shopUrl}/checkout`);
  await fillCheckout(two);
  const traceId = await payAndFail(two);
  await one.bringToFront();
  await one.click('[data-filter="tea"]');

  const found = await eventually('the trace', async () => (await api.trace(traceId)).sessions[0]);
  expect(found.sessionId).toBe(sessionId);
  // What left with a page, and what was kept for the next, come in any order.
  const manifest = await eventually('both tabs, whole', async () => {
    const now = await api.manifest(sessionId);
    const whole = now.recordings.every(({ gaps }) => gaps.length === 0);
    return now.recordings.length >= 3 && now.clickCount > 0 && whole && now;
  });
  const urls = new Map(
    manifest.recordings.map(({ recordingId, segments }) => [
      recordingId,
      segments.map(({ url }) => new URL(url ?? 'about:blank').pathname),
    ]),
  );
  expect(new Set(urls.get(found.recordingId))).toEqual(new Set(['/checkout']));
  const viewer = new Viewer(await browser.newPage(), system.viewerUrl);
  await viewer.openTrace(traceId);
  expect(await viewer.page.getByTestId('replay-url').textContent()).toContain('/checkout');
  const home = [...urls].filter(([, paths]) => paths.includes('/'));
  expect(home).toHaveLength(1);
  for (const { recordingId, gaps } of manifest.recordings) {
    expect(gaps).toEqual([]);
    const events = await eventsOf(await api.segments(sessionId, recordingId));
    expect(startsPlayable(events)).toBe(true);
  }
  await context.close();
});

it('finds the page by the trace of its own document', async () => {
  const context = await browser.newContext();
  const { page } = await openPage(context);
  await page.goto(`${system.shopUrl}/nothing-of-the-kind`);
  const traceId = (await page.textContent('[data-trace-id]')) ?? '';
  await page.goto(system.shopUrl);
  const found = await eventually('the replay of a 404', async () => {
    return (await system.api.trace(traceId)).sessions[0];
  });
  const { recordings } = await system.api.manifest(found.sessionId);
  const recording = recordings.find(({ recordingId }) => recordingId === found.recordingId);
  expect(recording?.segments[0]?.url).toBe(`${system.shopUrl}/nothing-of-the-kind`);
  await context.close();
});

it('plays what was acknowledged of a tab that was killed', async () => {
  const { proxy, api, shopUrl, viewerUrl } = system;
  const from = proxy.exchanges.length;
  const context = await browser.newContext();
  const { page } = await openPage(context);
  await page.goto(`${shopUrl}/products/celadon-teapot`);
  const sessionId = await sessionSince(from);
  await addToCart(page);
  const moment = await lookAt(page);
  const acknowledged = await eventually('all that was done to be acknowledged', async () => {
    const answered = proxy.exchanges.slice(from).filter(({ status }) => status === 200);
    const segments = segmentsIn(answered).filter(({ header }) => header.sessionId === sessionId);
    const events = (await Promise.all(segments.map(eventsOfSegment))).flat();
    return JSON.stringify(events).includes('Added to your cart') && segments;
  });
  // Goes away with all it had not sent yet; no event is fired in the page.
  await page.goto('chrome://crash').catch(() => undefined);

  const kept = await readBack(api, sessionId);
  const ids = kept.map(segmentId);
  for (const segment of acknowledged) expect(ids).toContain(segmentId(segment));
  expect(startsPlayable(await eventsOf(kept))).toBe(true);
  const viewer = new Viewer(await browser.newPage(), viewerUrl);
  await expectReplayed(viewer, sessionId, moment);
  await context.close();
});

it('goes to any moment of a page that was recorded with one checkpoint, at its start', async () => {
  const long = await sendLongPage(system.otlpUrl, system.api);
  const context = await browser.newContext();
  const { page, errors } = await openPage(context);
  const answers: Promise<{ asked: string; first: SegmentHeader | undefined }>[] = [];
  page.on('response', (response) => {
    if (!response.url().includes('/events')) return;
    const asked = new URL(response.url()).searchParams.get('checkpoints') ?? 'any';
    const first = response.body().then((body) => {
      const [record] = new RecordReader().push(new Uint8Array(body));
      return { asked, first: record?.kind === 'segment' ? record.header : undefined };
    });
    // A seek may have given it up.
    answers.push(first.catch(() => ({ asked, first: undefined })));
  });
  const viewer = new Viewer(page, system.viewerUrl);
  const shows = async (time: number): Promise<void> => {
    const lines = Array.from({ length: long.linesAt(time) }, (_, i) => `line ${i}`);
    await eventually(`the page of ${time - long.from} ms`, async () => {
      const { children } = await captureDom(page);
      return JSON.stringify(children.map(({ text }) => text)) === JSON.stringify(lines);
    });
  };
  const late = long.from + 201_000;
  await viewer.openMoment(long.sessionId, late);
  expect(await viewer.time()).toBe(late);
  await shows(late);
  const [opened] = await Promise.all(answers);
  expect(opened).toMatchObject({ asked: 'any', first: { synthetic: true } });
  await page.keyboard.press('Home');
  await shows(long.from);
  // Forward by what is loaded, and far back again.
  for (let i = 1; i <= 12; i++) await page.keyboard.press('ArrowRight');
  await eventually('two minutes', async () => (await viewer.time()) === long.from + 120_000);
  await shows(long.from + 120_000);
  expect(errors).toEqual([]);
  await context.close();
});
