/** The shop itself, in the browser: whoever looks at the demo should find nothing to complain about. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../harness/browser.js';
import { System } from '../harness/system.js';
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

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  // A string: the bundler's helpers do not exist in the page.
  const found = await page.evaluate<string[]>(
    'axe.run(document).then(({ violations }) => violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`))',
  );
  return found.map((text) => `${new URL(page.url()).pathname} ${text}`);
}

it.each(['light', 'dark'] as const)('is accessible in the %s theme', async (colorScheme) => {
  const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
  const { page, errors } = await openPage(context);
  const found: string[] = [];
  for (const path of ['/', '/cart', '/nothing']) {
    await page.goto(system.shopUrl + path);
    found.push(...(await violations(page)));
  }
  await page.goto(`${system.shopUrl}/products/harbour-mug`);
  await addToCart(page);
  await page.locator('.toast.shown').waitFor();
  await page.waitForTimeout(300); // until the toast has faded in: half faded, its contrast is low
  found.push(...(await violations(page)));
  await putIntoCart(page, system.shopUrl, 'gift-card');
  await page.goto(`${system.shopUrl}/cart`);
  found.push(...(await violations(page)));
  await page.goto(`${system.shopUrl}/checkout`);
  await page.click('button[type=submit]');
  await page.getByText('Please tell us your name.').waitFor();
  found.push(...(await violations(page)));
  await fillCheckout(page);
  await payAndFail(page);
  found.push(...(await violations(page)));
  expect(found).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

it('takes an order, and sends the shopper on', async () => {
  const { page, errors } = await openPage(await browser.newContext());
  await putIntoCart(page, system.shopUrl, 'bamboo-whisk');
  await page.goto(`${system.shopUrl}/cart`);
  await page.click('[data-step="1"]');
  await page.getByText('€38.00').first().waitFor();
  await page.click('a[href="/checkout"]');
  await fillCheckout(page);
  await page.click('button[type=submit]');
  await page.getByText('Thank you').waitFor();
  expect(await page.textContent('[data-cart-count]')).toBe('0');
  expect(errors).toEqual([]);
});
