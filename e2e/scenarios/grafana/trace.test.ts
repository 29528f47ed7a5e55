/**
 * A checkout fails; the trace, as Tempo has it, is looked at in Grafana, and the replay is a click
 * away. The real processor, the built plugin, Grafana's policy.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DATA_SOURCE_ID, GrafanaHost, GrafanaPage } from '../../../grafana-plugin/harness/index.js';
import { launchBrowser, openPage } from '../../harness/browser.js';
import { eventually } from '../../harness/eventually.js';
import { System } from '../../harness/system.js';
import {
  tempoFrame,
  tempoSpansOf,
  traceViewOf,
  type TempoSpan,
} from '../../harness/tempo-frame.js';
import { TraceStore } from '../../harness/trace-store.js';
import { fillCheckout, payAndFail, putIntoCart } from '../../harness/visitor.js';

let store: TraceStore;
let system: System;
let host: GrafanaHost;
let browser: Browser;
let spans: TempoSpan[];
let failure: TempoSpan;
let page: Page;
let grafana: GrafanaPage;
/** What of the page Grafana's policy refused, and what threw. */
const complaints: string[] = [];

beforeAll(async () => {
  store = new TraceStore();
  await store.start();
  system = await System.start(`
exporters: { otlp_http: { endpoint: '${store.url}' } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp_http, replay_store] } } }
`);
  browser = await launchBrowser();
  const visitor = await openPage(await browser.newContext());
  await putIntoCart(visitor.page, system.shopUrl, 'gift-card');
  await visitor.page.goto(`${system.shopUrl}/checkout`);
  await fillCheckout(visitor.page);
  const traceId = await payAndFail(visitor.page);
  spans = await eventually(
    'the spans of both sides in the trace store',
    () => {
      const found = tempoSpansOf(store.spans, traceId);
      return new Set(found.map(({ serviceName }) => serviceName)).size > 1 && found;
    },
    { timeoutMs: 60_000 },
  );
  failure = spans.find(({ kind, statusCode }) => kind === 'server' && statusCode === 2)!;
  await eventually(
    'the failure in what is kept',
    async () => {
      const { sessions } = await system.api.trace(traceId);
      const manifest = await system.api.manifest(sessions[0]!.sessionId);
      return manifest.lastTimestamp > failure.startTime;
    },
    { timeoutMs: 60_000 },
  );
  await visitor.page.context().close();
  host = await GrafanaHost.start({
    dataSources: [
      {
        uid: 'replay',
        name: 'Session Replay',
        type: DATA_SOURCE_ID,
        jsonData: { url: system.viewerUrl },
      },
      { uid: 'tempo', name: 'Tempo', type: 'tempo' },
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await system?.stop();
  await store?.stop();
});

beforeEach(async () => {
  await page?.close();
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  complaints.length = 0;
  page.on('pageerror', (error) => complaints.push(error.message));
  grafana = new GrafanaPage(page, host);
  await grafana.open();
});

const stage = (): ReturnType<Page['locator']> =>
  page.locator('[data-testid=replay-stage][data-state=paused]');

async function playhead(): Promise<number> {
  return Number(await page.locator('[data-testid=replay-time]').getAttribute('data-time'));
}

/** The failed span of the backend, among the spans beside the picture. */
const failedRow = (): ReturnType<Page['locator']> =>
  page
    .locator(`[data-testid=span-row][data-trace-id="${failure.traceId}"]`)
    .and(page.locator('[data-origin=backend][data-status=error]'))
    .first();

it('the header of the trace opens the replay at the failing click', async () => {
  expect(await grafana.configuredLink('grafana/traceview/header/actions')).toBeUndefined();
  const context = traceViewOf(spans, { uid: 'tempo', type: 'tempo', name: 'Tempo' });
  const opened = await grafana.clickLink('grafana/traceview/header/actions', context);
  expect(opened).toBe(true);
  await stage().waitFor();
  await failedRow().waitFor();
  const browserSpan = spans.find(({ kind }) => kind === 'client')!;
  const before = browserSpan.startTime - (await playhead());
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(10_000);
  const recorded = page.frameLocator('[data-testid=replay-frame]').frameLocator('.slot iframe');
  await recorded.locator('button[type=submit]').waitFor();
  expect(complaints).toEqual([]);
});

it('the panel opens two seconds before what failed, and marks it', async () => {
  await grafana.renderPanel({ series: [tempoFrame(spans)], width: 1300, height: 700 });
  await stage().waitFor();
  await failedRow().waitFor();
  const start = failure.startTime - 2000;
  // Never before the document that was recorded, nor by more than clocks on one machine differ.
  expect(Math.abs((await playhead()) - start)).toBeLessThan(2500);
  await page
    .locator('[data-testid=marker][data-kind=error]')
    .first()
    .waitFor({ state: 'attached' });
  expect(complaints).toEqual([]);
  expect(host.missing).toEqual([]);
});

it('follows the crosshair of other panels, and moves it while it plays', async () => {
  const series = [tempoFrame(spans)];
  await grafana.renderPanel({ series, width: 1300, height: 700 });
  await stage().waitFor();
  await grafana.hover(failure.startTime);
  const ghost = page.locator('[data-testid=hover-time]');
  await ghost.waitFor({ state: 'attached' });
  await grafana.hover(undefined);
  await ghost.waitFor({ state: 'detached' });
  await page.locator('[data-testid=play-toggle]').click();
  const sent = await eventually('the playhead on the dashboard', async () => {
    const own = (await grafana.hovers()).filter(({ from }) => from === 'panel');
    return own.filter(({ kind }) => kind === 'hover').length > 2 && own;
  });
  // Its own moments come back to it, and are not taken for another panel's.
  expect(await ghost.count()).toBe(0);
  const times = sent.map(({ time }) => time ?? Number.NaN).filter((time) => !Number.isNaN(time));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  await page.locator('[data-testid=play-toggle]').click();
  await eventually('an end of the crosshair', async () => {
    const own = (await grafana.hovers()).filter(({ from }) => from === 'panel');
    return own.at(-1)?.kind === 'clear';
  });
});

it('shows the moment under the crosshair while it is paused, where that is wanted', async () => {
  const series = [tempoFrame(spans)];
  await grafana.renderPanel({ series, options: { cursor: 'seek' }, width: 1300, height: 700 });
  await stage().waitFor();
  const wanted = failure.startTime + failure.durationMs;
  await grafana.hover(wanted);
  await eventually('that moment', async () => Math.abs((await playhead()) - wanted) < 2);
});

it('zooms the dashboard to the moment when it is asked to', async () => {
  await grafana.renderPanel({ series: [tempoFrame(spans)], width: 1300, height: 700 });
  await stage().waitFor();
  expect(await grafana.rangeChanges()).toEqual([]);
  await page.getByRole('button', { name: 'Zoom the dashboard' }).click();
  await page.getByRole('menuitem', { name: 'This moment' }).click();
  const now = await playhead();
  const [change, ...others] = await grafana.rangeChanges();
  expect(others).toEqual([]);
  expect(change?.from).toBeCloseTo(now - 30_000, -1);
  expect(change?.to).toBeCloseTo(now + 30_000, -1);
});

it('has the annotations of the dashboard on its time line', async () => {
  const annotations = [
    {
      name: 'Deploys',
      fields: [
        { name: 'time', type: 'time', values: [failure.startTime + 1], config: {} },
        { name: 'text', type: 'string', values: ['Deployed <b>v2</b>'], config: {} },
      ],
    },
  ];
  const series = [tempoFrame(spans)];
  await grafana.renderPanel({ series, annotations, width: 1300, height: 700 });
  await stage().waitFor();
  await page.getByRole('tab', { name: /Events/ }).click();
  // Rows far from the playhead are not drawn.
  await page.getByPlaceholder('Search events').fill('Deployed');
  await page.getByTestId('moment-row').filter({ hasText: 'Deployed v2' }).waitFor();
});
