/** What administrators and authors type into: settings of the data source, queries, options of the panel. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.js';
import { DATA_SOURCE_ID, GrafanaHost, GrafanaPage } from '../harness/index.js';

const SHOTS = process.env['SHOTS'];
const UID = 'replays';
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each([19, 18] as const)('React %i', (react) => {
  let host: GrafanaHost;
  let page: Page;
  let grafana: GrafanaPage;
  const complaints: string[] = [];

  beforeAll(async () => {
    const dataSources = [
      { uid: UID, name: 'Session Replay', type: DATA_SOURCE_ID, isDefault: true },
    ];
    host = await GrafanaHost.start({ react, dataSources });
    page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    grafana = new GrafanaPage(page, host);
    await grafana.open();
  });
  beforeEach(() => grafana.reset());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));
  afterAll(async () => {
    await page?.close();
    await host?.stop();
  });

  it('keeps the address and a new token of a data source apart', async () => {
    await grafana.renderDataSourceConfig(UID);
    await page.locator('#replay-url').fill('http://processor:8787');
    await page.locator('#replay-token').fill('s3cret');
    await expect
      .poll(async () => (await grafana.edited()).options)
      .toMatchObject({
        jsonData: { url: 'http://processor:8787' },
        secureJsonData: { apiToken: 's3cret' },
      });
    expect(await page.locator('#replay-token').getAttribute('type')).toBe('password');
    await shoot('data-source');
  });

  it('shows nothing of a token that is stored, and takes another one after a reset', async () => {
    await grafana.renderDataSourceConfig(UID, 'light', { apiToken: true });
    const token = page.locator('#replay-token');
    await token.waitFor();
    expect(await token.isDisabled()).toBe(true);
    expect(await token.inputValue()).toBe('configured');
    await shoot('data-source-stored');
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => token.isDisabled()).toBe(false);
    expect(await grafana.edited()).toMatchObject({
      options: { secureJsonFields: { apiToken: false }, secureJsonData: { apiToken: '' } },
    });
    await token.fill('another');
    await expect
      .poll(async () => (await grafana.edited()).options)
      .toMatchObject({ secureJsonData: { apiToken: 'another' } });
  });

  it('asks when a field is left or Enter is pressed, not at every key', async () => {
    await grafana.renderQueryEditor(UID, { queryType: 'sessions' });
    const search = page.locator('#A-text');
    await search.pressSequentially('mara');
    expect(await grafana.edited()).toMatchObject({ queriesRun: 0 });
    await search.press('Enter');
    await expect
      .poll(() => grafana.edited())
      .toMatchObject({ query: { queryType: 'sessions', text: 'mara' }, queriesRun: 1 });
    await page.locator('#A-limit').fill('100000');
    await page.locator('#A-limit').press('Enter');
    await expect.poll(() => grafana.edited()).toMatchObject({ query: { limit: 1000 } });
    await page.locator('#A-text').fill('');
    await page.locator('#A-text').blur();
    await expect.poll(async () => (await grafana.edited()).query?.['text']).toBeUndefined();
    await shoot('query-sessions');
  });

  it('asks for what the kind of query needs', async () => {
    await grafana.renderQueryEditor(UID, {}, 'light');
    await page.getByRole('radio', { name: 'Replay' }).dispatchEvent('click');
    await page.locator('#A-sessionId').fill('${session}');
    await page.locator('#A-sessionId').blur();
    await expect
      .poll(() => grafana.edited())
      .toMatchObject({ query: { queryType: 'session', sessionId: '${session}' } });
    expect(await page.locator('#A-service').count()).toBe(0);
    await shoot('query-replay');
  });

  it('has the options of the panel by what they are for, and only those that matter', async () => {
    await grafana.renderPanelOptions();
    for (const category of ['What to play', 'Playback', 'Dashboard', 'Privacy']) {
      await page.getByText(category, { exact: true }).waitFor();
    }
    await page.getByText('First list').waitFor();
    await shoot('panel-options');
    await page.getByText('Replays from').waitFor();
    await page.locator('#sessionId').fill('${chosen}');
    await expect
      .poll(() => grafana.edited())
      .toMatchObject({ options: { sessionId: '${chosen}', leadInSeconds: 2 } });
    await grafana.renderPanelOptions({ lists: false }, 'light');
    await expect.poll(() => page.getByText('First list').count()).toBe(0);
  });

  async function shoot(name: string): Promise<void> {
    if (SHOTS !== undefined) {
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: `${SHOTS}/editor-${name}-${react}.png` });
    }
  }
});
