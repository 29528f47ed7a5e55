/** axe finds nothing, in any state, in both themes, wide and narrow. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { run } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRig, waitForState, type Rig } from './browser.js';
import { FIXTURE } from './fixture-spans.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
interface Axe {
  run: typeof run;
}

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(() => {
  rig.server.reset();
});

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const library = (window as unknown as { axe: Axe }).axe;
    // The replayed page is someone else's; its frame is judged, not what is in it.
    const result = await library.run(document, { iframes: false });
    return result.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
  });
}

const TABS = ['Network', 'Console', 'Errors', 'Events', 'Details'];

async function openTab(page: Page, name: string): Promise<void> {
  await waitForState(page, 'paused');
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  // All of it is read: what is looked at stands still.
  await page.getByTestId('reading').waitFor({ state: 'detached' });
  await expect.poll(() => page.getByTestId('reading').count()).toBe(0);
}

const STATES: [string, string, (page: Page) => Promise<void>][] = [
  ['a replay', `/traces/${FIXTURE.traceId}`, (page) => waitForState(page, 'paused')],
  ...TABS.map((name): (typeof STATES)[number] => [
    name.toLowerCase(),
    `/traces/${FIXTURE.traceId}`,
    (page) => openTab(page, name),
  ]),
  [
    'a chosen error',
    `/traces/${FIXTURE.traceId}`,
    async (page) => {
      await openTab(page, 'Errors');
      await page.getByTestId('error-row').first().click();
      await page.getByTestId('detail').waitFor();
      await waitForState(page, 'paused');
    },
  ],
  [
    'a chosen span, in real size',
    `/traces/${FIXTURE.traceId}`,
    async (page) => {
      await waitForState(page, 'paused');
      await page.locator(`[data-span-id="${FIXTURE.failingSpanId}"]`).click();
      await page.getByTestId('real-size').click();
      await waitForState(page, 'paused');
    },
  ],
  [
    'the keys',
    `/traces/${FIXTURE.traceId}`,
    async (page) => {
      await waitForState(page, 'paused');
      await page.keyboard.press('?');
      await page.getByTestId('key-help').waitFor();
    },
  ],
  [
    'a search without result',
    `/traces/${FIXTURE.traceId}`,
    async (page) => {
      await openTab(page, 'Events');
      await page.getByRole('searchbox').fill('nothing is called so');
    },
  ],
  ['the list', '/', (page) => page.getByTestId('session-row').waitFor()],
  [
    'no match',
    '/?q=nobody',
    (page) =>
      page.getByTestId('state-message').and(page.locator('[data-reason=no_match]')).waitFor(),
  ],
  [
    'no replay',
    `/traces/${FIXTURE.otherTraceId}`,
    (page) => page.locator('[data-reason=never_recorded]').waitFor(),
  ],
  ['no such page', '/traces/a/b', (page) => page.locator('[data-reason=unknown_page]').waitFor()],
];

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  it.each(STATES)('%s', async (_name, path, ready) => {
    const page = await rig.newPage({ colorScheme, viewport: { width: 1400, height: 900 } });
    await page.goto(rig.baseUrl + path);
    await ready(page);
    for (const width of [1400, 800, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await violations(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
    await page.close();
  });

  it('asking for a token', async () => {
    rig.server.token = 'secret';
    const page = await rig.newPage({ colorScheme });
    await page.goto(rig.baseUrl);
    await page.getByLabel('Bearer token').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });
});
