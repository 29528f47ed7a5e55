/** A person in the shop: goes the ways people go and types as they type. */
import type { Page } from 'playwright-core';
import { eventually } from './eventually.js';

export const PERSON = {
  name: 'Quirina Zylstra',
  email: 'quirina.z@canary-mail.example',
  address: 'Wobbegong Lane 77, Ulverstone',
  card: '4539 1488 0343 6467',
  expiry: '11 / 31',
  cvc: '8265',
} as const;

/** What must be found nowhere. The expiry date is too short to be told from chance. */
export const SECRETS: readonly string[] = [
  PERSON.name,
  'Zylstra',
  'Quirina',
  PERSON.email,
  'canary-mail',
  PERSON.address,
  'Wobbegong',
  PERSON.card,
  '4539148',
];

export async function putIntoCart(page: Page, shopUrl: string, slug: string): Promise<void> {
  await page.goto(`${shopUrl}/products/${slug}`);
  await addToCart(page);
}

/** On a product's page; waits until the shop says it is done. */
export async function addToCart(page: Page): Promise<void> {
  const badge = page.locator('[data-cart-count]');
  const before = Number(await badge.textContent());
  await page.click('[data-add]');
  await eventually(
    'the cart to grow',
    async () => Number(await badge.textContent()) === before + 1,
  );
}

export async function fillCheckout(page: Page): Promise<void> {
  for (const [field, value] of Object.entries(PERSON)) {
    await page.click(`#${field}`);
    await page.keyboard.type(value, { delay: 5 });
  }
}

/** Submits, and gives the trace id that the failure shows. */
export async function payAndFail(page: Page): Promise<string> {
  await page.click('button[type=submit]');
  await page.waitForSelector('.failure');
  return (await page.textContent('.failure [data-trace-id]')) ?? '';
}
