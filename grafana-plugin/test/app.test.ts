/** The app in the miniature Grafana: pages, links and settings, over the proxy of the data source. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.js';
import { DATA_SOURCE_ID, GrafanaHost, GrafanaPage } from '../harness/index.js';
import { startReplayApi, type ReplayApi } from './replay-api.js';

const TOKEN = 's3cret';
/** A folder for pictures, to be looked at. */
const SHOTS = process.env['SHOTS'];
/** Of the player's fixture. */
const FIXTURE = {
  start: 1_772_442_000_000,
  sessionId: 'f6d8c1de-5f51-4b6f-9a9e-3f8a6f0b7c11',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};
const LIST = `/sessions?from=${FIXTURE.start - 86_400_000}&to=${FIXTURE.start + 86_400_000}`;
const OTHERS = [
  {
    userId: 'grace.hopper@example.com',
    errorCount: 0,
    rageClickCount: 4,
    serviceNames: ['shop-web', 'shop-checkout-with-a-long-name'],
  },
  {
    userId: undefined,
    userHash: undefined,
    errorCount: 12,
    urls: [
      'https://shop.example/a/very/long/path/that/goes/on/and/on/and/on/for/ever/and/ever/so/that/it/must/be/cut',
    ],
  },
  { state: 'active', errorCount: 1, urls: [] },
  ...Array.from({ length: 60 }, (_, index) => ({ userId: `user-${index}`, errorCount: index % 3 })),
];

let browser: Browser;
let api: ReplayApi;

beforeAll(async () => {
  [browser, api] = await Promise.all([
    launchBrowser(),
    startReplayApi({ token: TOKEN, others: OTHERS }),
  ]);
});
afterAll(async () => {
  api?.stop();
  await browser?.close();
});

describe.each([19, 18] as const)('React %i', (react) => {
  let host: GrafanaHost;
  let page: Page;
  let grafana: GrafanaPage;

  beforeAll(async () => {
    host = await GrafanaHost.start({
      react,
      dataSources: [
        {
          uid: 'replays',
          name: 'Session Replay',
          type: DATA_SOURCE_ID,
          jsonData: { url: api.url },
          secureJsonData: { apiToken: TOKEN },
        },
        { uid: 'tempo', name: 'Tempo', type: 'tempo' },
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    grafana = new GrafanaPage(page, host);
    await grafana.open();
  });
  afterAll(async () => {
    await page?.close();
    await host?.stop();
  });

  it.each(['dark', 'light'] as const)('lists sessions in the %s theme', async (theme) => {
    await grafana.renderPage(LIST, theme);
    await page.locator('[data-testid="session-row"]').first().waitFor();
    await shoot(`list-${theme}`);
    expect(await page.locator('[data-testid="session-row"]').count()).toBe(50);
  });

  it('plays a session', async () => {
    await grafana.renderPage(
      `/sessions/${FIXTURE.sessionId}?traceId=${FIXTURE.traceId}&traceDs=tempo`,
    );
    await page.locator('.replay-player').waitFor();
    await page.waitForTimeout(6000);
    await shoot('session');
  });

  async function shoot(name: string): Promise<void> {
    if (SHOTS !== undefined) {
      await page.screenshot({ path: `${SHOTS}/${name}-${react}.png` });
    }
  }
});
