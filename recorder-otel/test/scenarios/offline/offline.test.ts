/** Windows in which segments could get lost: nobody answers, pages come and go, tabs die. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { segmentsOf } from '../../support/otlp.js';
import { Relay } from '../../support/relay.js';
import { scenario } from '../../support/scenario.js';
import { everythingStored } from '../../support/secrets.js';
import { storedSegments, storedSizes } from '../../support/storage.js';

const SECRET = 'ZxStoredQv';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><output></output><p title="${SECRET}">${SECRET}</p><input>
    <script src="/app.js"></script>`,
  routes: { '/blank': { type: 'text/html', body: '<p>nothing recorded here</p>' } },
});

const databases = (page: Page): Promise<number> =>
  page.evaluate('indexedDB.databases().then(({ length }) => length)');

/** Something could not be sent, so that the store is open. */
const ready = (page: Page): Promise<void> => expect.poll(() => databases(page)).toBe(1);

const clicksArrived = (): number =>
  run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0);

/** Every recording, from its first number to its last; the last to arrive may be one in between. */
const expectWhole = (): Promise<void> =>
  run.ingest.until(async () => {
    const recordings = run.ingest.recordingIds.map((id) => run.ingest.events(id));
    const results = await Promise.allSettled(recordings);
    return results.every(({ status }) => status === 'fulfilled');
  }, 60_000);

/** A page of the origin without a recorder, to look into the storage. */
async function onlooker(): Promise<Page> {
  const page = await run.context.newPage();
  await page.goto(`${run.site.origin}/blank`);
  return page;
}

async function untilStored(page: Page, condition: (count: number) => boolean): Promise<void> {
  await expect
    .poll(async () => condition(await storedSegments(page)), { timeout: 30_000 })
    .toBe(true);
}

test('a receiver that never answers: the next page delivers what this one could not', async () => {
  run.ingest.behaviour = 'hang';
  const page = await run.open({ timeout: '60000' });
  await run.ingest.until(() => run.ingest.refused.length > 0);
  const recording = await page.evaluate('replay.recordingId');
  const other = await onlooker();
  // Too long without an answer: what is under way is kept, and so is what happens until the end.
  await untilStored(other, (count) => count > 0);
  for (let i = 0; i < 3; i++) await page.click('button');
  await page.close({ runBeforeUnload: true });

  run.ingest.behaviour = 'accept';
  const next = await run.open({ service: 'another page' });
  await run.ingest.until(() => clicksArrived() === 3);
  const late = run.ingest.segments.filter(({ header }) => header.recordingId === recording);
  // As the page that recorded them described itself, sent by the clock of now.
  for (const { span, header } of late) {
    expect(span.resource.get('service.name')).toBe('shop-web');
    expect(header.clientSendTime).toBeGreaterThan(header.lastTimestamp);
  }
  expect(late.length).toBeGreaterThan(0);
  await expectWhole();
  await untilStored(next, (count) => count === 0);
});

test('a large checkpoint is left behind in pieces, and put together by the next page', async () => {
  run.ingest.behaviour = { status: 503 };
  const page = await run.open();
  const id = await page.evaluate('replay.recordingId');
  // The store is open.
  await untilStored(page, (count) => count > 0);
  await page.evaluate(
    `addRows(12000); dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`,
  );
  await page.goto(`${run.site.origin}/blank`);
  await expect
    .poll(async () => (await storedSizes(page)).length, { timeout: 30_000 })
    .toBeGreaterThan(4);
  // Of larger values Chromium may get no bytes when the page's process is gone, too.
  expect(Math.max(...(await storedSizes(page)))).toBeLessThan(64 * 1024);

  run.ingest.behaviour = 'accept';
  await page.goto(run.site.page(run.ingest.url));
  await run.ingest.until(() =>
    run.ingest.segments.some(
      ({ header, data }) =>
        header.recordingId === id && header.hasFullSnapshot && data.length > 128 * 1024,
    ),
  );
  // Decoded, and so checked by their checksums.
  await run.ingest.events(String(id));
  await untilStored(page, (count) => count === 0);
  expect(await storedSizes(page)).toEqual([]);
});

test('while sending works nothing is stored', async () => {
  const page = await run.open();
  const other = await onlooker();
  for (let i = 0; i < 5; i++) {
    await page.click('button');
    await page.evaluate('replay.forceFlush()');
    expect(await storedSegments(other)).toBe(0);
  }
  await page.close({ runBeforeUnload: true });
  await run.ingest.until(() => clicksArrived() === 5);
  expect(await storedSegments(other)).toBe(0);
});

test('where all is well no database is opened, and where something was left one is', async () => {
  await run.context.clock.install();
  const page = await run.open();
  for (let round = 1; round <= 3; round++) {
    await page.click('button');
    // A second after it is added it should have left: on a busy machine that is not at once.
    await page.clock.runFor(800);
    await run.ingest.until(() => clicksArrived() === round);
    await page.clock.runFor(1200);
  }
  expect(await databases(page)).toBe(0);
  const marked = (): Promise<unknown> => page.evaluate(`'otel-session-kept' in localStorage`);
  expect(await marked()).toBe(false);

  run.ingest.behaviour = { status: 503 };
  await page.click('button');
  await page.clock.runFor(2000);
  const other = await onlooker();
  await page.evaluate('void replay.forceFlush()');
  await untilStored(other, (count) => count > 0);
  expect(await marked()).toBe(true);
  await page.close({ runBeforeUnload: true });

  run.ingest.behaviour = 'accept';
  const next = await run.open();
  await expect
    .poll(async () => {
      await next.clock.runFor(1000);
      return clicksArrived();
    })
    .toBe(4);
  await expect.poll(() => next.evaluate(`'otel-session-kept' in localStorage`)).toBe(false);
  expect(await storedSegments(other)).toBe(0);
});

test('reloads in the middle of a flush lose nothing', async () => {
  const relay = new Relay(run.ingest.url);
  await relay.start();
  const page = await run.context.newPage();
  await page.goto(run.site.page(relay.url, { flush: '40' }));
  const rounds = 8;
  for (let round = 0; round < rounds; round++) {
    await page.click('button');
    await page.click('button');
    await page.reload();
  }
  await run.ingest.until(() => clicksArrived() === 2 * rounds);
  await expectWhole();
  await relay.stop();
});

test('a killed tab loses no more than what was not flushed', async () => {
  const page = await run.open();
  await page.click('button');
  await run.ingest.until(() => clicksArrived() === 1);
  run.ingest.behaviour = { status: 503 };
  for (let i = 0; i < 4; i++) {
    await page.click('button');
    await page.evaluate('void replay.forceFlush()');
  }
  const other = await onlooker();
  await untilStored(other, (count) => count >= 4);
  const killed = new Promise((resolve) => page.once('crash', resolve));
  const cdp = await run.context.newCDPSession(page);
  void cdp.send('Page.crash').catch(() => undefined);
  await killed;

  run.ingest.behaviour = 'accept';
  await run.open();
  await run.ingest.until(() => clicksArrived() === 5);
  await expectWhole();
});

/** As the system does that needs its memory: without a word to anybody. */
async function killRenderers(page: Page): Promise<void> {
  const cdp = await run.browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const gone = new Promise((resolve) => page.once('crash', resolve));
  for (const { id, type } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL');
  await gone;
  await cdp.detach();
}

test.each([
  ['refuses', { status: 503 }],
  ['does not answer', 'hang'],
] as const)(
  'with a receiver that %s, what forceFlush has answered for survives kill -9 of the tab',
  async (_name, behaviour) => {
    run.ingest.behaviour = behaviour;
    const rounds = 3;
    for (let round = 1; round <= rounds; round++) {
      // Nothing is cut by time.
      const page = await run.open({ flush: '1000000', timeout: '500' });
      for (let i = 0; i < 2; i++) await page.click('button');
      await page.evaluate('replay.forceFlush()');
      await killRenderers(page);
    }
    run.ingest.behaviour = 'accept';
    await run.open();
    await run.ingest.until(() => clicksArrived() === 2 * rounds);
    await expectWhole();
  },
);

test('two tabs that come back at once send each segment once', async () => {
  run.ingest.behaviour = { status: 503 };
  const tabs = [await run.open(), await run.open()];
  for (const page of tabs) {
    await ready(page);
    for (let i = 0; i < 6; i++) {
      await page.click('button');
      await page.evaluate('void replay.forceFlush()');
    }
  }
  const other = await onlooker();
  await untilStored(other, (count) => count >= 12);
  run.ingest.behaviour = 'accept';
  await Promise.all(tabs.map((page) => page.evaluate(`dispatchEvent(new Event('online'))`)));
  await run.ingest.until(() => clicksArrived() === 12);
  await untilStored(other, (count) => count === 0);
  const keys = segmentsOf(run.ingest.spans).map(
    ({ header }) => `${header.recordingId}/${header.index}`,
  );
  expect(keys.length).toBe(new Set(keys).size);
  await expectWhole();
});

test('with no room left in the store the newest recording stays playable', async () => {
  run.ingest.behaviour = { status: 503 };
  const visits = 4;
  const ids: unknown[] = [];
  const other = await onlooker();
  for (let visit = 0; visit < visits; visit++) {
    const page = await run.open({ maxOfflineBytes: '3000' });
    await ready(page);
    ids.push(await page.evaluate('replay.recordingId'));
    for (let i = 0; i < 4; i++) {
      await page.click('button');
      await page.evaluate('void replay.forceFlush()');
    }
    await untilStored(other, (count) => count >= 1);
    await page.close({ runBeforeUnload: true });
  }
  const stored = await other.evaluate(async () => {
    const opening = indexedDB.open('otel-session');
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result);
    });
    const request = database.transaction('offline').objectStore('offline').getAllKeys();
    return new Promise<[string, number, string, number, number, number][]>((resolve) => {
      request.onsuccess = () => resolve(request.result as never);
    });
  });
  expect(stored.reduce((sum, [, , , , , bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(3000);
  const kept = new Set(stored.map(([, , id]) => id));
  expect(kept).not.toContain(ids[0]);
  run.ingest.behaviour = 'accept';
  await run.open();
  await run.ingest.until(() => [...kept].every((id) => run.ingest.recordingIds.includes(id)));
  await expectWhole();
});

test('a browser without room is an outage without a store', async () => {
  run.ingest.behaviour = { status: 503 };
  const page = await run.open();
  await ready(page);
  const cdp = await run.context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: run.site.origin, quotaSize: 1 });
  for (let i = 0; i < 4; i++) {
    await page.click('button');
    await page.evaluate('void replay.forceFlush()');
  }
  await run.ingest.until(() => run.ingest.refused.length > 2);
  run.ingest.behaviour = 'accept';
  await page.evaluate(`dispatchEvent(new Event('online'))`);
  await run.ingest.until(() => clicksArrived() === 4);
  await expectWhole();
  expect(run.pageErrors.filter((error) => !error.startsWith('Failed to load'))).toEqual([]);
});

test('what waits in the browser says no more than what leaves it', async () => {
  run.ingest.behaviour = { status: 503 };
  const page = await run.open();
  await ready(page);
  await page.fill('input', SECRET);
  for (let i = 0; i < 3; i++) {
    await page.click('button');
    await page.evaluate('void replay.forceFlush()');
  }
  await untilStored(page, (count) => count > 2);
  const found = await everythingStored(page);
  const decoded = found.filter(({ where }) => where.endsWith('decoded'));
  expect(decoded.some(({ bytes }) => bytes.includes('"source":5'))).toBe(true);
  expect(found.filter(({ bytes }) => bytes.includes(SECRET)).map(({ where }) => where)).toEqual([]);
});

test('what is not to be sent is not to be stored either', async () => {
  run.ingest.behaviour = { status: 503 };
  const page = await run.open();
  await ready(page);
  for (let i = 0; i < 3; i++) {
    await page.click('button');
    await page.evaluate('void replay.forceFlush()');
  }
  const other = await onlooker();
  await untilStored(other, (count) => count > 2);
  await page.evaluate('replay.stop({ discard: true })');
  await untilStored(other, (count) => count === 0);
});
