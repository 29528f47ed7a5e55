/** The app in the miniature Grafana: pages, links and settings, over the proxy of the data source. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../harness/browser.js';
import { ensurePluginBuilt } from '../harness/build.js';
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

const REPLAYS = (url: string) => ({
  uid: 'replays',
  name: 'Session Replay',
  type: DATA_SOURCE_ID,
  jsonData: { url },
  secureJsonData: { apiToken: TOKEN },
  isDefault: true,
});
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MANIFEST = JSON.parse(
  readFileSync(new URL('../src/plugin.json', import.meta.url), 'utf8'),
) as { extensions: { addedLinks: Array<{ title: string; targets: string[] }> } };
const TRACE = {
  traceID: FIXTURE.traceId,
  startTime: (FIXTURE.start + 42_000) * 1000,
  endTime: (FIXTURE.start + 42_480) * 1000,
  datasource: { uid: 'tempo', type: 'tempo', name: 'Tempo' },
  spans: [
    {
      traceID: FIXTURE.traceId,
      spanID: 'aaaaaaaaaaaaaaaa',
      operationName: 'only in Tempo',
      startTime: (FIXTURE.start + 42_100) * 1000,
      duration: 50_000,
      tags: [{ key: 'session.id', value: FIXTURE.sessionId }],
      logs: null,
      process: { serviceName: 'ops-console', tags: [] },
      statusCode: 2,
    },
  ],
};
const HEADER = 'grafana/traceview/header/actions';
const ATTRIBUTES = 'grafana/traceview/resource-attributes';
const MENU = 'grafana/dashboard/panel/menu';

describe.each([19, 18] as const)('React %i', (react) => {
  let host: GrafanaHost;
  let page: Page;
  let grafana: GrafanaPage;
  const errors: string[] = [];

  beforeAll(async () => {
    host = await GrafanaHost.start({ react });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => errors.push(error.message));
    grafana = new GrafanaPage(page, host);
    await grafana.open();
    await page.evaluate(AXE);
    // The first one builds the plugin and Grafana's packages.
  }, 900_000);
  beforeEach(async () => {
    host.dataSources = [REPLAYS(api.url), { uid: 'tempo', name: 'Tempo', type: 'tempo' }];
    await page.setViewportSize({ width: 1280, height: 800 });
    await grafana.reset();
  });
  afterEach(() => expect(errors.splice(0)).toEqual([]));
  afterAll(async () => {
    await page?.close();
    await host?.stop();
  });

  it.each(['dark', 'light'] as const)('lists sessions in the %s theme', async (theme) => {
    await grafana.renderPage(LIST, theme);
    const rows = page.getByTestId('session-row');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(50);
    await shoot(`list-${theme}`);
    await expectAccessible();
    await page.getByRole('button', { name: 'Show older sessions' }).click();
    await expect.poll(() => rows.count()).toBe(1 + OTHERS.length);
    await page.setViewportSize({ width: 400, height: 800 });
    await shoot(`list-narrow-${theme}`);
  });

  it('keeps the search in the address, and says when nothing matches', async () => {
    await grafana.renderPage(LIST);
    await page.getByRole('searchbox').fill('nobody');
    await page.getByRole('searchbox').press('Enter');
    await page.getByText('No session matches').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('nobody');
    await shoot('list-no-match');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByTestId('session-row').first().waitFor();
    expect(new URL(page.url()).searchParams.has('q')).toBe(false);
  });

  it('finds the session of a trace id, whatever the time range', async () => {
    await grafana.renderPage(`/sessions?q=${FIXTURE.traceId}`);
    await page.getByTestId('session-row').first().waitFor();
    expect(await page.getByTestId('session-row').count()).toBe(1);
  });

  it.each([
    ['a wrong token', { secureJsonData: { apiToken: 'wrong' } }, 'unauthorized'],
    ['a processor that is not there', { jsonData: { url: 'http://127.0.0.1:9' } }, 'unreachable'],
  ])('explains %s', async (_what, change, kind) => {
    host.dataSources = [{ ...REPLAYS(api.url), ...change }];
    await grafana.reset();
    await grafana.renderPage(LIST);
    await page.locator(`[data-testid="list-failure"][data-kind="${kind}"]`).waitFor();
    await shoot(`list-${kind}`);
  });

  it('says where to begin when there is no data source', async () => {
    host.dataSources = [];
    await grafana.reset();
    await grafana.renderPage('/sessions');
    await page.getByTestId('replay-no-data-source').waitFor();
    await shoot('no-data-source');
    await expectAccessible();
  });

  it('says that there is no such page', async () => {
    await grafana.renderPage('/nowhere/at/all');
    await page.getByText('There is no such page').waitFor();
  });

  it('opens a session at the moment of its link', async () => {
    const path = `/sessions/${FIXTURE.sessionId}?t=${FIXTURE.start + 60_000}&traceId=${FIXTURE.traceId}&traceDs=tempo`;
    await grafana.renderPage(path, 'light');
    await page.getByRole('heading', { name: 'mara.lindqvist' }).waitFor();
    await expect.poll(() => page.getByTestId('replay-time').textContent()).toMatch(/^1:00|^0:59/);
    await page.locator('.replay-player iframe').first().waitFor();
    const trace = await page.getByRole('link', { name: 'Trace', exact: true }).getAttribute('href');
    expect(decodeURIComponent(trace ?? '')).toContain(
      `"queryType":"traceql","query":"${FIXTURE.traceId}"`,
    );
    await page.getByRole('link', { name: /^Session before/ }).waitFor();
    await shoot('session-light');
  });

  it('offers a session as one page that plays by itself', async () => {
    await grafana.renderPage(`/sessions/${FIXTURE.sessionId}`);
    await page.locator('[data-testid=replay-stage][data-state=paused]').waitFor();
    await page.getByTestId('tools').click();
    const waiting = page.waitForEvent('download', { timeout: 120_000 });
    await page.getByRole('menuitem', { name: /one page/ }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe(`session-${FIXTURE.sessionId}.html`);
    const made = readFileSync(await download.path(), 'utf8');
    const empty = readFileSync(`${await ensurePluginBuilt()}/one-file.html`, 'utf8');
    // The page, and the session in it.
    expect(made.length).toBeGreaterThan(empty.length + 1000);
  });

  it('says why there is no replay', async () => {
    await grafana.renderPage('/sessions/nothing-known');
    await page.locator('[data-reason="never_recorded"]').waitFor();
    await shoot('session-never-recorded');
  });

  it('opens the replay over the trace, with the spans that only the trace view knows', async () => {
    expect(await grafana.clickLink(HEADER, TRACE)).toBe(true);
    const modal = page.getByTestId('replay-modal');
    await modal.locator('.replay-player iframe').first().waitFor();
    await modal.getByText('only in Tempo').first().waitFor();
    await shoot('modal');
  });

  it('has links only where there is a session', async () => {
    expect(await grafana.configuredLink(HEADER, undefined)).toBeUndefined();
    expect(await grafana.configuredLink(HEADER, { ...TRACE, spans: [] })).toBeUndefined();
    expect(await grafana.configuredLink(HEADER, TRACE)).toMatchObject({ hasOnClick: true });
    const context = { attributes: {}, datasource: { uid: 'tempo', type: 'tempo' } };
    expect(await grafana.configuredLink(ATTRIBUTES, undefined)).toBeUndefined();
    expect(await grafana.configuredLink(ATTRIBUTES, context)).toBeUndefined();
    // Grafana 12.1 knows the resource only, 13 the trace, the span and its time.
    const resource = { ...context, attributes: { 'session.id': ['s/1'] } };
    expect(await grafana.configuredLink(ATTRIBUTES, resource)).toMatchObject({
      category: 'session.id',
      path: '/a/otelreplay-sessionreplay-app/sessions/s%2F1?traceDs=tempo',
    });
    const whole = {
      ...context,
      spanAttributes: { 'session.id': ['s1'] },
      traceID: '4bf92f3577b34da6',
      spanID: 'b7ad',
      spanStartTime: 1_772_442_042_000_000,
    };
    expect((await grafana.configuredLink(ATTRIBUTES, whole))?.path).toBe(
      '/a/otelreplay-sessionreplay-app/sessions/s1?t=1772442040000&traceId=00000000000000004bf92f3577b34da6&spanId=b7ad&traceDs=tempo',
    );
  });

  it('is in the menu of Traces panels, and of no others', async () => {
    const fields = [
      { name: 'traceID', values: ['abc'] },
      { name: 'spanID', values: ['1'] },
    ];
    const context = {
      pluginId: 'traces',
      targets: [],
      data: { series: [{ fields: [] }, { fields }] },
    };
    expect((await grafana.configuredLink(MENU, context))?.path).toBe(
      `/a/otelreplay-sessionreplay-app/traces/${'abc'.padStart(32, '0')}`,
    );
    expect(await grafana.configuredLink(MENU, { ...context, pluginId: 'table' })).toBeUndefined();
    expect(await grafana.configuredLink(MENU, { ...context, data: undefined })).toBeUndefined();
    expect(await grafana.configuredLink(MENU, undefined)).toBeUndefined();
  });

  it('declares in plugin.json what it adds', async () => {
    const declared = MANIFEST.extensions.addedLinks.map(({ title, targets }) => ({
      title,
      targets,
    }));
    const added = (await grafana.links()).map(({ title, targets }) => ({ title, targets }));
    expect(added).toEqual(declared);
  });

  it('tests the data source from its settings and from those of the app', async () => {
    expect(await grafana.health('replays')).toMatchObject({ status: 'success' });
    await grafana.renderConfigPage('configuration', 'light');
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('Connected to OTel Replay').waitFor();
    await shoot('app-config');
  });

  it.each(['dark', 'light'] as const)(
    'asks for address and token in the %s theme',
    async (theme) => {
      await grafana.renderDataSourceConfig('replays', theme, {});
      const url = page.locator('#replay-url');
      await url.fill('processor:8787');
      await url.blur();
      await page.getByText('must begin with http://').waitFor();
      await shoot(`datasource-config-${theme}`);
      await expectAccessible();
    },
  );

  /** No rule of WCAG A and AA is broken. */
  async function expectAccessible(): Promise<void> {
    const broken = await page.evaluate(
      `axe.run('#root', { runOnly: ['wcag2a', 'wcag2aa'] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`,
    );
    expect(broken).toEqual([]);
  }

  async function shoot(name: string): Promise<void> {
    if (SHOTS !== undefined) {
      // Icons are loaded one by one.
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: `${SHOTS}/${name}-${react}.png` });
    }
  }
});
