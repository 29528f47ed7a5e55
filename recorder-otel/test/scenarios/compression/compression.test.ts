import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { bundle } from '../../support/site.js';

const hosted = await bundle(
  fileURLToPath(new URL('../../../src/segment/worker.ts', import.meta.url)),
);
const html = '<!doctype html><body><script src="/app.js"></script></body>';
const routes = {
  '/worker.js': { type: 'text/javascript', body: hosted },
  '/silent.js': { type: 'text/javascript', body: 'onmessage = () => {}' },
  '/broken.js': { type: 'text/javascript', body: 'throw new Error("broken")' },
  '/next': { type: 'text/html', body: 'next page' },
};
const open = scenario(import.meta.url, { html, routes });
const forbidden = scenario(import.meta.url, {
  html,
  routes,
  csp: "default-src 'self'; connect-src CONNECT; worker-src 'none'",
});
const withNonce = scenario(import.meta.url, {
  html: '<!doctype html><body><script nonce="abc" src="/app.js"></script></body>',
  csp: "script-src 'nonce-abc'; connect-src CONNECT",
});

type Run = typeof open;

/** Some segments, of which all but the first wait for nothing but compression. */
async function record(page: Page, segments: number): Promise<void> {
  for (let i = 0; i < segments; i++) {
    await page.evaluate('change()');
    await page.evaluate('replay.forceFlush()');
  }
}

async function expectWhole(run: Run): Promise<void> {
  expect(run.ingest.recordingIds.length).toBe(1);
  const texts = JSON.stringify(await run.ingest.events());
  expect(texts.split('"tagName":"p"').length - 1).toBe(3);
  for (const { header } of run.ingest.segments) {
    expect(header.payload.encoding).toBe('deflate-raw');
  }
}

test('compresses in a worker, which ends with the recording', async () => {
  const page = await open.open();
  await record(page, 3);
  expect(page.workers().length).toBe(1);
  await expectWhole(open);
  await page.evaluate('replay.stop()');
  await page.evaluate('replay.forceFlush()');
  await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
  expect(await page.evaluate('urls')).toEqual({ made: 1, revoked: 1 });
  expect(await page.evaluate('errors')).toEqual([]);
  expect(open.pageErrors).toEqual([]);
});

test('uses the worker that the page serves', async () => {
  const page = await open.open({ worker: '/worker.js' });
  await record(page, 3);
  expect(page.workers().map((worker) => worker.url())).toEqual([`${open.site.origin}/worker.js`]);
  await expectWhole(open);
  expect(await page.evaluate('[errors, urls.made]')).toEqual([[], 0]);
});

test('goes without a worker when asked to', async () => {
  const page = await open.open({ worker: 'false' });
  await record(page, 3);
  expect(page.workers()).toEqual([]);
  await expectWhole(open);
});

for (const worker of ['/broken.js', '/none.html', '/silent.js']) {
  test(`loses nothing to a worker that fails: ${worker}`, async () => {
    const page = await open.open({ worker });
    await record(page, 3);
    await expectWhole(open);
    const errors = await page.evaluate('errors');
    expect(errors).toEqual([expect.stringContaining('worker')]);
  });
}

test('what a worker still has when the page goes away leaves without it', async () => {
  const page = await open.open({ worker: '/silent.js' });
  // Once it is loaded: until then there is nothing to compress with.
  await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(1);
  for (let i = 0; i < 3; i++) await page.evaluate('change()');
  await page.goto(`${open.site.origin}/next`);
  await open.ingest.until(async () => {
    const events = await open.ingest.events().catch(() => []);
    return JSON.stringify(events).split('"tagName":"p"').length > 3;
  });
  await expectWhole(open);
});

test('where a policy forbids it, tries once in a tab, and says so', async () => {
  const page = await forbidden.open();
  await record(page, 3);
  await expectWhole(forbidden);
  expect(await page.evaluate('violations')).toEqual(['worker-src']);
  expect(await page.evaluate('errors')).toEqual([expect.stringContaining('worker')]);
  await page.reload();
  await record(page, 3);
  expect(await page.evaluate('[violations, errors]')).toEqual([[], []]);
});

test('does not try where there are signs of a policy', async () => {
  const page = await withNonce.open();
  await record(page, 3);
  await expectWhole(withNonce);
  expect(await page.evaluate('[violations, errors]')).toEqual([[], []]);
  expect(withNonce.pageErrors).toEqual([]);
});
