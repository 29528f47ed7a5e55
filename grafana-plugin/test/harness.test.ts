/** The build as Grafana loads it: under both Reacts, Grafana's policy and nested plugins' own addresses. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.js';
import { APP_ID, DATA_SOURCE_ID, GrafanaHost, GrafanaPage, PANEL_ID } from '../harness/index.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

describe.each([19, 18] as const)('React %i', (react) => {
  let host: GrafanaHost;
  let page: Page;
  let grafana: GrafanaPage;
  const errors: string[] = [];

  beforeAll(async () => {
    host = await GrafanaHost.start({ react });
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) {
        errors.push(message.text());
      }
    });
    grafana = new GrafanaPage(page, host);
    await grafana.open();
  });

  afterAll(async () => {
    await page?.close();
    await host?.stop();
  });

  afterEach(() => {
    expect(errors.splice(0)).toEqual([]);
    expect(host.missing.splice(0)).toEqual([]);
  });

  it('is what it says', async () => {
    expect((await grafana.versions()).react).toMatch(new RegExp(`^${react}\\.`));
  });

  it('has the app, its panel and its data source, each at an address of its own', () => {
    expect(host.pluginIds.sort()).toEqual([APP_ID, DATA_SOURCE_ID, PANEL_ID].sort());
  });

  it.each(['dark', 'light'] as const)('draws the panel in the %s theme', async (theme) => {
    await grafana.renderPanel({ theme });
    await page.locator('[data-testid="replay-panel-state"]').waitFor();
  });
});
