/** Somebody uses the shop while somebody else looks on: what changes here, changes there. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeWithPostgres } from '../../collector-processor/test/postgres-server/postgres-server.js';
import { describeWithRedis } from '../../collector-processor/test/redis-server/redis-server.js';
import { ReplayApi } from '../harness/api.js';
import { launchBrowser, openPage, type WatchedPage } from '../harness/browser.js';
import { captureDom, compareDom } from '../harness/dom.js';
import { eventually } from '../harness/eventually.js';
import { startFleet, type Fleet } from '../harness/fleet.js';
import { System } from '../harness/system.js';
import { Viewer } from '../harness/viewer.js';
import { addToCart } from '../harness/visitor.js';

/** The machine may be busy; what is awaited takes about ten seconds where it is not. */
const PATIENT = { timeoutMs: 120_000, intervalMs: 200 };

let browser: Browser;
let visitor: WatchedPage;
let viewing: WatchedPage;
let viewer: Viewer;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const viewport = { width: 1200, height: 860 };
  visitor = await openPage(await browser.newContext({ viewport }));
  viewing = await openPage(await browser.newContext({ viewport }));
});
afterEach(async () => {
  for (const { page } of [visitor, viewing]) await page.context().close();
});

const live = (what: 'live' | 'following'): Promise<string | null> =>
  viewing.page.getByTestId('live').getAttribute(`data-${what}`);

/** Opens the visitor's session as soon as it can be, and leaves a mark that no reload survives. */
async function lookOn(origin: string): Promise<string> {
  const api = new ReplayApi(origin);
  const sessionId = await eventually(
    'a session that can be opened',
    async () => {
      const [session] = (await api.sessions()).sessions;
      return session && (await api.manifest(session.sessionId)).sessionId;
    },
    PATIENT,
  );
  viewer = new Viewer(viewing.page, origin);
  await viewing.page.goto(`${origin}/sessions/${sessionId}`);
  await viewer.ready();
  await viewing.page.evaluate('window.sameDocument = true');
  return sessionId;
}

const isSameDocument = (): Promise<boolean> =>
  viewing.page.evaluate<boolean>('window.sameDocument === true');

/** Until the stage shows what the visitor's page is now, masks aside. */
async function expectSame(page: Page): Promise<void> {
  await eventually(
    'the page on the stage',
    async () => {
      const [seen, shown] = [await captureDom(page), await captureDom(viewing.page)];
      expect(compareDom(seen, shown)).toEqual([]);
      return true;
    },
    PATIENT,
  );
}

const recordedMs = async (): Promise<string> =>
  (await viewing.page.locator('.replay-time-total').textContent()) ?? '';

describe('one processor', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('processors: { session_replay: { session_idle_timeout: 20s } }');
  });
  afterAll(() => system?.stop());

  it('is followed across pages, stays where it is paused, and ends', async () => {
    const { page } = visitor;
    await page.goto(`${system.shopUrl}/products/harbour-mug`);
    await lookOn(system.viewerUrl);
    expect([await live('live'), await live('following')]).toEqual(['on', 'false']);
    await viewing.page.getByTestId('go-live').click();
    await addToCart(page);
    await page.locator('.toast.shown').waitFor({ state: 'hidden' });
    await expectSame(page);
    expect(await live('following')).toBe('true');

    await page.goto(`${system.shopUrl}/cart`);
    await page.click('[data-step="1"]');
    await expectSame(page);

    await viewing.page.getByTestId('play-toggle').click();
    expect(await live('following')).toBe('false');
    const [time, length] = [await viewer.time(), await recordedMs()];
    const shown = await captureDom(viewing.page);
    await page.goto(`${system.shopUrl}/`);
    await eventually('a longer recording', async () => (await recordedMs()) !== length, PATIENT);
    expect(await viewer.time()).toBe(time);
    expect(await captureDom(viewing.page)).toEqual(shown);
    await viewing.page.getByTestId('go-live').click();
    await expectSame(page);

    await page.close();
    await eventually('the end', async () => (await live('live')) === 'ended', PATIENT);
    const stage = viewing.page.getByTestId('replay-stage');
    await eventually(
      'no more',
      async () => (await stage.getAttribute('data-state')) === 'ended',
      PATIENT,
    );
    expect(await isSameDocument()).toBe(true);
    expect(viewing.errors).toEqual([]);
  }, 600_000);
});

describeWithRedis('two processors', () => {
  describeWithPostgres('that share an index', () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startFleet({ sessionIdleTimeout: '10m' });
    });
    afterAll(() => fleet?.stop());

    it('are followed as one, whichever of them holds what', async () => {
      const { page } = visitor;
      await page.goto(`${fleet.shopUrl}/products/harbour-mug`);
      const sessionId = await lookOn(fleet.api.url);
      await viewing.page.getByTestId('go-live').click();
      for (let n = 0; n < 3; n++) {
        await addToCart(page);
        await page.locator('.toast.shown').waitFor({ state: 'hidden' });
        await expectSame(page);
      }
      // The next request went to the other one: what it answered came from the store.
      const early = 'otelcol_processor_session_replay_live_blocks';
      const counts = await Promise.all(fleet.processors.map((p) => p.metric(early)));
      expect(Math.max(...counts)).toBeGreaterThan(0);
      expect(await isSameDocument()).toBe(true);
      expect(viewing.errors).toEqual([]);
      const manifest = await new ReplayApi(fleet.api.url).manifest(sessionId);
      expect(manifest.recordings.flatMap((r) => r.gaps)).toEqual([]);
    }, 600_000);
  });
});
