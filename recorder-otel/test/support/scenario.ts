/** What the scenarios share: one browser per file, a site, a receiver, and the page's errors. */
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { CHROMIUM_ARGS, CHROMIUM_PATH } from './chromium.js';
import { Ingest } from './ingest.js';
import { Site, type SiteOptions } from './site.js';

export interface Scenario {
  browser: Browser;
  context: BrowserContext;
  site: Site;
  ingest: Ingest;
  /** Uncaught errors and console errors of every page. */
  pageErrors: string[];
  open(settings?: Record<string, string>): Promise<Page>;
}

export function scenario(
  importMetaUrl: string,
  site: Omit<SiteOptions, 'script'> & { script?: string },
): Scenario {
  const script = fileURLToPath(new URL(site.script ?? './page.ts', importMetaUrl));
  const state = {} as Scenario;
  state.pageErrors = [];

  beforeAll(async () => {
    state.site = new Site({ ...site, script });
    await state.site.start();
    state.browser = await chromium.launch({
      executablePath: CHROMIUM_PATH,
      args: [...CHROMIUM_ARGS],
    });
  });
  afterAll(async () => {
    await state.browser?.close();
    await state.site?.stop();
  });
  beforeEach(async () => {
    state.ingest = new Ingest();
    await state.ingest.start();
    state.context = await state.browser.newContext();
    state.pageErrors.length = 0;
    state.context.on('page', (page) => {
      page.on('pageerror', (error) => state.pageErrors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') state.pageErrors.push(message.text());
      });
    });
  });
  afterEach(async () => {
    await state.context?.close();
    await state.ingest?.stop();
  });

  state.open = async (settings) => {
    const page = await state.context.newPage();
    await page.goto(state.site.page(state.ingest.url, settings));
    return page;
  };
  return state;
}
