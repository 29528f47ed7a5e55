import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><output>0</output><script src="/app.js"></script>`,
});

const ids = (page: Page): Promise<{ sessionId: string; recordingId: string }> =>
  page.evaluate('({ sessionId: replay.sessionId, recordingId: replay.recordingId })');

const headersOf = (recordingId: string) =>
  run.ingest.segments
    .map(({ header }) => header)
    .filter((header) => header.recordingId === recordingId);

test('two tabs are one session and two recordings; a reload is a third', async () => {
  const first = await run.open();
  const second = await run.open();
  const [a, b] = [await ids(first), await ids(second)];
  expect(b.sessionId).toBe(a.sessionId);
  await first.click('button');
  await first.reload();
  const c = await ids(first);
  expect(c.sessionId).toBe(a.sessionId);
  expect(new Set([a.recordingId, b.recordingId, c.recordingId]).size).toBe(3);
  await run.ingest.until(() => run.ingest.recordingIds.length === 3);
  for (const { recordingId } of [a, b, c]) {
    expect(headersOf(recordingId)[0]).toMatchObject({ index: 0, checkpoint: 1 });
  }
});

test('a new session is a new recording with a start of its own', async () => {
  const page = await run.open({ provider: 'visit-1' });
  await run.ingest.until(() => run.ingest.segments.length > 0);
  const before = await ids(page);
  expect(before.sessionId).toBe('visit-1');
  await page.evaluate(`state.sessionId = 'visit-2'; tracer.startSpan('next').end()`);
  const after = await ids(page);
  expect(after.sessionId).toBe('visit-2');
  expect(after.recordingId).not.toBe(before.recordingId);
  await run.ingest.until(() => headersOf(after.recordingId).length > 0);
  expect(headersOf(after.recordingId)[0]).toMatchObject({
    sessionId: 'visit-2',
    previousSessionId: 'visit-1',
    index: 0,
    checkpoint: 1,
    hasFullSnapshot: true,
  });
});

test('a tab that nobody touches sends nothing after its first picture, for three days', async () => {
  await run.context.clock.install();
  const page = await run.open();
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return run.ingest.segments.length > 0;
  });
  const before = run.ingest.requests.length;
  await page.clock.fastForward(72 * 3_600_000);
  await page.clock.runFor(60_000);
  expect(run.ingest.requests.length).toBe(before);

  // A page that updates itself for nobody is not worth a byte either.
  await page.evaluate(`document.querySelector('output').textContent = '1'`);
  await page.clock.runFor(60_000);
  expect(run.ingest.requests.length).toBe(before);

  // Somebody is back: a new session, which begins with a picture of what is there now.
  const { recordingId, sessionId } = await ids(page);
  await page.mouse.move(5, 5);
  await page.click('button');
  const woken = await ids(page);
  expect(woken.sessionId).not.toBe(sessionId);
  expect(woken.recordingId).not.toBe(recordingId);
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return headersOf(woken.recordingId).length > 0;
  });
  expect(headersOf(woken.recordingId)[0]!.hasFullSnapshot).toBe(true);
});

test('checkpoints come by time, if the page has changed', async () => {
  await run.context.clock.install();
  const page = await run.open();
  await page.click('button');
  await page.clock.runFor(90_000);
  await page.click('button');
  await page.clock.runFor(1000);
  await page.evaluate(`document.querySelector('output').textContent = 'changed'`);
  await page.clock.runFor(1000);
  await page.click('button');
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return run.ingest.segments.some(({ header }) => header.checkpoint === 2);
  });
  expect(run.ingest.segments.filter(({ header }) => header.hasFullSnapshot).length).toBe(2);
  const clicks = async (): Promise<number> =>
    (await run.ingest.events()).filter(
      ({ data }) =>
        (data as { source?: number; type?: number }).source === 2 &&
        (data as { type?: number }).type === 2,
    ).length;
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return (await clicks()) >= 3;
  });
  expect(await clicks()).toBe(3);
});

test('a page that updates itself for three days sends what it did in the first five minutes', async () => {
  await run.context.clock.install();
  const page = await run.open({ busy: '1' });
  // Until all of it has arrived: time flies here, but requests do not.
  let requests = -1;
  while (requests < run.ingest.requests.length || requests === 0) {
    requests = run.ingest.requests.length;
    for (let minute = 0; minute < 6; minute++) {
      await page.clock.runFor(60_000);
      await page.evaluate('replay.forceFlush()');
    }
  }
  const before = Number(await page.textContent('output'));
  for (let hour = 0; hour < 72; hour++) await page.clock.runFor(3_600_000);
  expect(Number(await page.textContent('output')) - before).toBe((72 * 3600) / 5);
  await page.evaluate('replay.forceFlush()');
  expect(run.ingest.requests.length).toBe(requests);
  const times = (await run.ingest.events()).map(({ timestamp }) => timestamp);
  expect(times.at(-1)! - times[0]!).toBeLessThan(300_000);
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(280_000);
});

test('after a pause the session goes on in the same recording, from a new start', async () => {
  await run.context.clock.install();
  const page = await run.open({ busy: '1' });
  await page.clock.runFor(400_000);
  const before = await ids(page);
  const pausedAt = await page.evaluate<number>('Date.now()');
  await page.click('button');
  expect(await ids(page)).toEqual(before);
  await run.ingest.until(async () => {
    await page.clock.runFor(1000);
    return headersOf(before.recordingId).some(({ clickCount }) => clickCount > 0);
  });
  const headers = headersOf(before.recordingId);
  const woken = headers.findIndex(({ firstTimestamp }) => firstTimestamp >= pausedAt);
  expect(headers[woken]!.hasFullSnapshot).toBe(true);
  // Nothing in between, and no number is left out.
  expect(headers[woken - 1]!.lastTimestamp).toBeLessThan(pausedAt - 90_000);
  expect(headers.map(({ index }) => index)).toEqual(headers.map((_, i) => i));
});

test('the session before is named by the next page, hours later', async () => {
  const first = await run.open();
  const before = await ids(first);
  await run.ingest.until(() => headersOf(before.recordingId).length > 0);
  await first.close();
  await run.context.clock.install({ time: Date.now() + 3 * 3_600_000 });
  const second = await run.open();
  const after = await ids(second);
  expect(after.sessionId).not.toBe(before.sessionId);
  await run.ingest.until(async () => {
    await second.clock.runFor(1000);
    return headersOf(after.recordingId).length > 0;
  });
  expect(headersOf(after.recordingId)[0]!.previousSessionId).toBe(before.sessionId);
  expect(headersOf(before.recordingId)[0]!.previousSessionId).toBeUndefined();
});

test('tabs that wake at the same moment agree on one session', async () => {
  await run.context.clock.install();
  const tabs = [await run.open(), await run.open(), await run.open()];
  const before = await Promise.all(tabs.map(ids));
  await Promise.all(tabs.map((tab) => tab.clock.fastForward(31 * 60_000)));
  await Promise.all(tabs.map((tab) => tab.mouse.click(5, 5)));
  const after = await Promise.all(tabs.map(ids));
  expect(new Set(after.map(({ sessionId }) => sessionId)).size).toBe(1);
  expect(after[0]!.sessionId).not.toBe(before[0]!.sessionId);
  await run.ingest.until(async () => {
    await Promise.all(tabs.map((tab) => tab.clock.runFor(1000)));
    return after.every(({ recordingId }) => headersOf(recordingId).length > 0);
  });
  for (const { recordingId } of after) {
    expect(headersOf(recordingId)[0]).toMatchObject({
      ...{ index: 0, checkpoint: 1, hasFullSnapshot: true },
      previousSessionId: before[0]!.sessionId,
    });
  }
  // Nobody began one of their own in between.
  const sessions = new Set(run.ingest.segments.map(({ header }) => header.sessionId));
  expect(sessions).toEqual(new Set([before[0]!.sessionId, after[0]!.sessionId]));
});

test('a duplicated tab is a recording of its own, from the same session', async () => {
  const page = await run.open();
  await page.evaluate(`sessionStorage.setItem('mine', 'copied')`);
  // With its opener, a tab gets a copy of its session storage, as a duplicate does.
  const [copy] = await Promise.all([
    run.context.waitForEvent('page'),
    page.evaluate('void open(location.href)'),
  ]);
  await copy.waitForLoadState();
  expect(await copy.evaluate(`sessionStorage.getItem('mine')`)).toBe('copied');
  const [a, b] = [await ids(page), await ids(copy)];
  expect(b.sessionId).toBe(a.sessionId);
  expect(b.recordingId).not.toBe(a.recordingId);
  await run.ingest.until(() => run.ingest.recordingIds.length === 2);
  for (const id of [a, b]) expect(headersOf(id.recordingId)[0]!.index).toBe(0);
});

test.each([
  [
    'denied',
    `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })`,
  ],
  [
    'full',
    `{ let size = 1 << 22; let i = 0; while (size > 0) try { localStorage.setItem('x' + i++, 'x'.repeat(size)); } catch { size >>= 1; } }`,
  ],
])('a page whose storage is %s is recorded all the same', async (_name, script) => {
  await run.context.addInitScript(script);
  const page = await run.open();
  const before = await ids(page);
  await page.click('button');
  await run.ingest.until(() =>
    headersOf(before.recordingId).some(({ clickCount }) => clickCount > 0),
  );
  expect(await ids(page)).toEqual(before);
  expect(run.pageErrors).toEqual([]);
});
