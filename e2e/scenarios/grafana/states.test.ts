/**
 * Every state of the panel, in the built plugin under Grafana's policy: both themes, three widths,
 * nothing for axe to find, nothing said on the console. `SCREENSHOTS=<folder>` keeps pictures of
 * them, to be looked at. Grafana is loaded once for each theme: that takes longer than a state does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportSource } from '@otel-replay/player';
import { GrafanaHost, GrafanaPage } from '../../../grafana-plugin/harness/index.js';
import { ReplayServer, openFixture } from '../../../player/test/replay-server.js';
import { launchBrowser } from '../../harness/browser.js';
import { DATA_SOURCE, STATES } from './panel-states.js';

const SHOTS = process.env['SCREENSHOTS'];
const TOKEN = 'a-token-of-the-processor';
const SIZES = [
  { width: 320, height: 420 },
  { width: 800, height: 480 },
  { width: 1400, height: 640 },
] as const;
/** Narrow by dark colours, wide by light ones: each layout and each colour is looked at. */
const AXE_WIDTH = { dark: 320, light: 1400 } as const;

let api: ReplayServer;
let apiUrl: string;
let fixture: ExportSource;
let host: GrafanaHost;
let browser: Browser;

beforeAll(async () => {
  fixture = await openFixture();
  api = new ReplayServer({ viewerFolder: '', sessions: [fixture] });
  apiUrl = await api.start();
  host = await GrafanaHost.start();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await api?.stop();
});

describe.each(['dark', 'light'] as const)('in the %s theme', (theme) => {
  let page: Page;
  let grafana: GrafanaPage;
  const complaints: string[] = [];

  beforeAll(async () => {
    page = await browser.newPage({
      viewport: { width: 1440, height: 720 },
      reducedMotion: 'reduce',
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Of answers that are no success, Chromium itself tells.
      if (['error', 'warning'].includes(message.type()) && !/status of/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    grafana = new GrafanaPage(page, host);
    await grafana.open();
    await page.evaluate(axe.source);
  });
  afterAll(() => page?.close());

  it.each(STATES)('$name', async ({ name, state, request, prepare, says, shows, script }) => {
    api.reset();
    api.sessions = [fixture];
    api.token = TOKEN;
    host.deniedDataSources = [];
    host.dataSources = [
      { ...DATA_SOURCE, jsonData: { url: apiUrl }, secureJsonData: { apiToken: TOKEN } },
    ];
    prepare?.({ api, host });
    await grafana.reset();
    if (script !== undefined) await page.evaluate(script[0]);
    for (const { width, height } of SIZES) {
      await grafana.renderPanel({ ...request, theme, width, height });
      if (state === undefined) {
        await page.locator('[data-testid=replay-stage][data-state=paused]').waitFor();
        await page.locator('[data-testid=replay-head-strip]').waitFor();
        if (shows !== undefined) await page.locator(shows).waitFor();
      } else {
        await page.locator(`[data-testid=replay-panel-state][data-state=${state}]`).waitFor();
      }
      const text = typeof says === 'function' ? says(width) : says;
      if (text !== undefined) await page.locator('#root').getByText(text).first().waitFor();
      if (SHOTS !== undefined) await shoot(page, `${name}-${theme}-${width}`, width, height);
      expect(await overflow(page), `${name} ${width}`).toBeLessThanOrEqual(0);
      if (width === AXE_WIDTH[theme]) expect(await violations(page), name).toEqual([]);
    }
    if (script !== undefined) await page.evaluate(script[1]);
    expect(complaints.splice(0)).toEqual([]);
    expect(host.missing.splice(0)).toEqual([]);
  });
});

async function shoot(on: Page, name: string, width: number, height: number): Promise<void> {
  mkdirSync(SHOTS!, { recursive: true });
  // Icons are loaded one by one.
  await on.waitForLoadState('networkidle');
  await on.screenshot({
    path: join(SHOTS!, `${name.replaceAll(' ', '-')}.png`),
    clip: { x: 0, y: 0, width: width + 16, height: height + 16 },
  });
}

async function violations(on: Page): Promise<string[]> {
  // What is replayed is somebody else's page.
  return on.evaluate<string[]>(
    `axe.run({ include: ['#root'], exclude: ['iframe'] }, { runOnly: ['wcag2a', 'wcag2aa'] }).then(({ violations }) =>
      violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 200) + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`,
  );
}

/** How far the panel's content stands out of it at the side, in pixels. */
function overflow(on: Page): Promise<number> {
  return on.evaluate<number>(
    `(() => { const e = document.querySelector('[data-testid=replay-panel], [data-testid=replay-panel-state]'); return e.scrollWidth - e.clientWidth; })()`,
  );
}
