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
