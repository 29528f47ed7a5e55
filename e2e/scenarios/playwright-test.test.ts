/** A recorded visit becomes a Playwright test: it fails with the bug, or without it, as one likes. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Browser } from 'playwright-core';
import type { SessionManifest } from '@otel-replay/protocol';
import { ApiSource, tellStory, writeTest, type Outcome, type Story } from '@otel-replay/player';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { runPlaywrightTest, type TestRun } from '../harness/playwright-runner.js';
import { freePorts, ROOT, type NodeProcess } from '../harness/process.js';
import { startShop } from '../harness/shop.js';
import { System } from '../harness/system.js';
import { addToCart, fillCheckout, PERSON, SECRETS } from '../harness/visitor.js';

let system: System;
let browser: Browser;
let session: SessionManifest;
let source: ApiSource;
let folder: string;
/** The same shop with the bug mended. */
let mended: NodeProcess;
let mendedUrl: string;

beforeAll(async () => {
  system = await System.start();
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  folder = await mkdtemp(join(ROOT, '.cache', 'playwright-'));
  browser = await launchBrowser();
  const { traceId } = await visit();
  source = new ApiSource({ baseUrl: system.viewerUrl });
  await eventually('the failure in what is kept', async () => {
    const found = (await system.api.trace(traceId)).sessions[0];
    if (found === undefined) return false;
    session = await system.api.manifest(found.sessionId);
    const { steps } = await story();
    const failed = steps.some(({ answers }) => answers.some((answer) => answer.failed));
    return failed && steps.at(-1)!.shows.length > 0;
  });
  await startMended();
  // Builds, starts and records: it may take its time.
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await mended?.stop();
  await system?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** By mouse and keyboard, over several pages, until the checkout fails. */
async function visit(): Promise<{ traceId: string }> {
  const { page } = await openPage(
    await browser.newContext({ viewport: { width: 1200, height: 860 } }),
  );
  await page.goto(system.shopUrl);
  await page.click('[data-filter="ceramics"]');
  await page.click('.card a[href="/products/harbour-mug"]');
  await addToCart(page);
  await page.click('.brand');
  await page.click('.card a[href="/products/gift-card"]');
  await addToCart(page);
  await page.click('.cart-link');
  await page.click('[data-line="harbour-mug"] [data-step="1"]');
  await page.getByText('€98.00').waitFor();
  await page.click('a[href="/checkout"]');
  await fillCheckout(page);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.failure');
  const traceId = await page.textContent('.failure [data-trace-id]');
  return { traceId: traceId ?? '' };
}

/** A copy of the built shop whose table of taxes has the missing row. */
async function startMended(): Promise<void> {
  const copy = join(folder, 'shop');
  await cp(join(ROOT, 'backend-example/dist'), join(copy, 'dist'), { recursive: true });
  await cp(join(ROOT, 'backend-example/package.json'), join(copy, 'package.json'));
  const file = join(copy, 'dist/server/tax.js');
  const code = await readFile(file, 'utf8');
  const rate = 'const rate = RATES[product.taxClass]';
  expect(code).toContain(rate);
  await writeFile(file, code.replace(rate, `${rate} ?? { percent: 0, label: 'none' }`));
  const [port = 0] = await freePorts(1);
  mended = await startShop({
    port,
    otlpUrl: system.otlpUrl,
    browserOtlpUrl: system.otlpUrl,
    viewerUrl: system.viewerUrl,
    directory: relative(ROOT, copy),
  });
  mendedUrl = `http://127.0.0.1:${port}`;
}

function story(): Promise<Story> {
  const { firstTimestamp: from, lastTimestamp: to } = session;
  return tellStory(source, session, { from, to });
}

async function test(outcome: Outcome): Promise<string> {
  return writeTest(await story(), { outcome, title: 'the checkout with a gift card' });
}

async function run(outcome: Outcome, shopUrl: string): Promise<TestRun> {
  const env = { BASE_URL: shopUrl };
  return runPlaywrightTest(join(folder, `${outcome}-${Date.now()}`), await test(outcome), env);
}

describe('as recorded', () => {
  it('says what the person did', async () => {
    const text = await test('as_recorded');
    for (const line of [
      "await page.goto('/');",
      "await page.getByRole('button', { name: 'Ceramics', exact: true }).click();",
      "await page.waitForURL(({ pathname }) => pathname === '/products/harbour-mug');",
      "await page.getByRole('button', { name: 'Add to cart', exact: true }).click();",
      "await page.getByLabel('E-mail', { exact: true }).fill(values.eMail);",
      'expect((await postCheckout).status()).toBe(500);',
      "await expect(page.getByText('We could not place your order').first()).toBeVisible();",
    ]) {
      expect(
        text.replaceAll(/getByRole\('textbox', \{ name: ('[^']*'), /g, 'getByLabel($1, { '),
      ).toContain(line);
    }
    expect(text).toMatch(/\.press\('Enter'\);/);
  });

  it('passes while the bug is there', async () => {
    const { passed, output } = await run('as_recorded', system.shopUrl);
    expect(passed, output).toBe(true);
  });

  it('fails when the bug is gone, at the answer that was expected', async () => {
    const { passed, output } = await run('as_recorded', mendedUrl);
    expect(passed, output).toBe(false);
    expect(output).toContain('Expected: 500');
  });
});

describe('as it should be', () => {
  it('fails while the bug is there, at the request that failed', async () => {
    const { passed, output } = await run('as_it_should_be', system.shopUrl);
    expect(passed, output).toBe(false);
    expect(output).toContain('Received: ');
    expect(output).toContain('500');
    expect(output).toContain('toBeLessThan');
  });

  it('passes when the bug is gone', async () => {
    const { passed, output } = await run('as_it_should_be', mendedUrl);
    expect(passed, output).toBe(true);
  });
});

it('holds nothing the person typed, nor its mask', async () => {
  const text = await test('as_recorded');
  for (const secret of [...SECRETS, PERSON.cvc]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/'[^'\n]*\*[^'\n]*'/);
  expect(text.match(/process\.env\['TEST_/g)).toHaveLength(Object.keys(PERSON).length);
});

it('ends where the playhead is', async () => {
  const { steps } = await story();
  const cart = steps.findIndex(({ leadsTo }) => leadsTo?.endsWith('/cart') === true);
  const range = { from: session.firstTimestamp, to: steps[cart]!.time };
  const until = await tellStory(source, session, range);
  expect(until.steps).toHaveLength(cart + 1);
  const text = writeTest(until, { outcome: 'as_recorded', title: 'up to the cart' });
  const { passed, output } = await runPlaywrightTest(join(folder, 'until'), text, {
    BASE_URL: system.shopUrl,
  });
  expect(passed, output).toBe(true);
});
