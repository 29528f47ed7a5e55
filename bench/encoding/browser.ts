/** The generated pages, recorded by rrweb, and the encoders where they will run. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { ReplayEvent } from '@otel-replay/protocol';
import { pageAssets, pageOf } from '../recorder/page.js';
import type { EncodingPage } from './in-page.js';

const ORIGIN = 'http://bench.invalid';
const NAME = 'encoding';
const IN_PAGE = fileURLToPath(new URL('./in-page.ts', import.meta.url));
const RECORDER = fileURLToPath(new URL('../../recorder-otel', import.meta.url));

/** All events of one scenario, drawn from the page's own time. */
export async function recordPage(browser: Browser, scenario: string): Promise<ReplayEvent[]> {
  return withPage(browser, `/${NAME}/?scenario=${scenario}`, async (page) => {
    await page.evaluate(() => (globalThis as EncodingPage).benchRun?.(500));
    const json = await page.evaluate(() =>
      JSON.stringify((globalThis as EncodingPage).recordedEvents),
    );
    return JSON.parse(json) as ReplayEvent[];
  });
}

/** A page with the encoders and nothing compiled yet. */
export function withEncoders<T>(
  browser: Browser,
  use: (page: Page, cdp: CDPSession) => Promise<T>,
): Promise<T> {
  return withPage(browser, `/${NAME}/empty`, async (page) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    return use(page, cdp);
  });
}

async function withPage<T>(
  browser: Browser,
  path: string,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  try {
    const page = await context.newPage();
    await serve(page);
    await page.goto(`${ORIGIN}${path}`);
    await page.waitForFunction(() => (globalThis as EncodingPage).startRecorder !== undefined);
    return await use(page);
  } finally {
    await context.close();
  }
}

async function serve(page: Page): Promise<void> {
  const [assets, entry] = await Promise.all([pageAssets(), entryScript()]);
  const html = pageOf({ name: NAME });
  const empty = '<!doctype html><script type="module" src="/encoding/entry.js"></script>';
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const own = pathname.endsWith('entry.js')
      ? { type: 'text/javascript', text: entry }
      : pathname.endsWith('empty')
        ? { type: 'text/html', text: empty }
        : html;
    const asset = assets.get(pathname) ?? own;
    await route.fulfill({ contentType: asset.type, body: Buffer.from(asset.text) });
  });
}

async function entryScript(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { record } from '@rrweb/record';
        import { install } from ${JSON.stringify(IN_PAGE)};
        install(record);`,
      resolveDir: RECORDER,
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['otel-replay-source', 'module'],
    write: false,
  });
  return outputFiles[0]!.text;
}
