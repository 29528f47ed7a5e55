/**
 * Every state of the panel, in the built plugin under Grafana's policy: both themes, three widths,
 * nothing for axe to find. `SCREENSHOTS=<folder>` keeps pictures of them, to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DATA_SOURCE_ID,
  GrafanaHost,
  GrafanaPage,
  type PanelRequest,
} from '../../../grafana-plugin/harness/index.js';
import { FIXTURE } from '../../../player/test/fixture-spans.js';
import { ReplayServer, openFixture } from '../../../player/test/replay-server.js';
import { launchBrowser } from '../../harness/browser.js';
import { tempoFrame, type TempoSpan } from '../../harness/tempo-frame.js';

const SHOTS = process.env['SCREENSHOTS'];
const TOKEN = 'a-token-of-the-processor';
const THEMES = ['dark', 'light'] as const;
const SIZES = [
  { width: 320, height: 420 },
  { width: 800, height: 480 },
  { width: 1400, height: 640 },
] as const;

let api: ReplayServer;
let apiUrl: string;
let host: GrafanaHost;
let browser: Browser;
let page: Page;
let grafana: GrafanaPage;
const dataSource = { uid: 'replay', name: 'Session Replay', type: DATA_SOURCE_ID };

beforeAll(async () => {
  const fixture = await openFixture();
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

beforeEach(async () => {
  api.reset();
  api.token = TOKEN;
  host.dataSources = [
    { ...dataSource, jsonData: { url: apiUrl }, secureJsonData: { apiToken: TOKEN } },
  ];
  await page?.close();
  page = await browser.newPage({ viewport: { width: 1440, height: 720 }, reducedMotion: 'reduce' });
  grafana = new GrafanaPage(page, host);
});

const SPAN: TempoSpan = {
  traceId: FIXTURE.traceId,
  spanId: FIXTURE.failingSpanId,
  name: 'POST /api/checkout',
  serviceName: 'shop-api',
  kind: 'server',
  statusCode: 2,
  statusMessage: 'Payment provider timed out',
  startTime: FIXTURE.traceTime + 450,
  durationMs: 80,
  attributes: { 'http.response.status_code': 500 },
  resource: { 'service.name': 'shop-api', 'telemetry.sdk.language': 'nodejs' },
  events: [],
};
const ROOT: TempoSpan = {
  ...SPAN,
  spanId: FIXTURE.browserSpanId,
  name: 'POST',
  serviceName: 'shop-web',
  kind: 'client',
  startTime: FIXTURE.traceTime + 400,
  durationMs: 200,
  attributes: { 'session.id': FIXTURE.sessionId },
  resource: { 'service.name': 'shop-web', 'telemetry.sdk.language': 'webjs' },
};
const TRACE = tempoFrame([ROOT, { ...SPAN, parentSpanId: ROOT.spanId }]);
const UNKNOWN = tempoFrame([
  { ...SPAN, traceId: FIXTURE.otherTraceId, attributes: { 'session.id': 'gone' }, resource: {} },
]);
const NO_SESSION = tempoFrame([{ ...SPAN, traceId: FIXTURE.otherTraceId }]);
const NODE_GRAPH = {
  name: 'Nodes',
  fields: [{ name: 'id', type: 'string', values: ['shop-api'] }],
};

interface State {
  name: string;
  /** `data-state` of the state, or undefined for the player. */
  state?: string;
  request: Partial<PanelRequest>;
  prepare?: () => void;
  /** What must be read in it. */
  says?: string | RegExp;
}

const gone = (reason: Parameters<ReplayServer['reasons']['set']>[1]) => () => {
  api.reasons.set('gone', reason);
};

const STATES: State[] = [
  { name: 'no data', state: 'no_data', request: {}, says: 'Browse sessions' },
  { name: 'no trace', state: 'no_trace', request: { series: [NODE_GRAPH] } },
  { name: 'loading', state: 'loading', request: { state: 'Loading' } },
  {
    name: 'query failed',
    state: 'query_failed',
    request: { state: 'Error', errors: [{ message: 'trace not found' }] },
    says: 'trace not found',
  },
  { name: 'no session id', state: 'no_session_id', request: { series: [NO_SESSION] } },
  { name: 'not recorded', state: 'never_recorded', request: { series: [UNKNOWN] } },
  {
    name: 'not kept',
    state: 'sampled_out',
    request: { series: [UNKNOWN] },
    prepare: () => {
      gone('sampled_out')();
      api.problems.set('gone', { policies: ['errors', 'slow requests'] });
    },
    says: 'errors, slow requests',
  },
  {
    name: 'dropped',
    state: 'sampled_out',
    request: { series: [UNKNOWN] },
    prepare: () => {
      gone('sampled_out')();
      api.problems.set('gone', {
        droppedBy: { policy: 'no robots', reason: 'user: user.id is robot' },
      });
    },
    says: 'no robots: user: user.id is robot',
  },
  {
    name: 'shed',
    state: 'shed',
    request: { series: [UNKNOWN] },
    prepare: () => {
      gone('shed')();
      api.problems.set('gone', { limit: 'processors.session_replay.memory.max_sessions' });
    },
    says: 'max_sessions',
  },
  { name: 'expired', state: 'expired', request: { series: [UNKNOWN] }, prepare: gone('expired') },
  { name: 'deleted', state: 'deleted', request: { series: [UNKNOWN] }, prepare: gone('deleted') },
  { name: 'not yet', state: 'not_yet', request: { series: [UNKNOWN] }, prepare: gone('not_yet') },
  {
    name: 'not configured',
    state: 'not_configured',
    request: { series: [TRACE] },
    prepare: () => {
      host.dataSources = [];
    },
    says: 'Add a Session Replay data source',
  },
  {
    name: 'no address',
    state: 'no_address',
    request: { series: [TRACE] },
    prepare: () => {
      host.dataSources = [{ ...dataSource }];
    },
    says: 'Data source settings',
  },
  {
    name: 'not allowed',
    state: 'unauthorized',
    request: { series: [TRACE] },
    prepare: () => {
      api.token = 'another token';
    },
    says: 'Data source settings',
  },
  {
    name: 'unreachable',
    state: 'unreachable',
    request: { series: [TRACE] },
    prepare: () => {
      host.dataSources = [{ ...dataSource, jsonData: { url: 'http://127.0.0.1:1' } }];
    },
    says: 'Try again',
  },
  {
    name: 'server failed',
    state: 'server',
    request: { series: [TRACE] },
    prepare: () => {
      api.isDown = true;
    },
    says: 'The store does not answer',
  },
  {
    name: 'no snapshot',
    state: 'no_snapshot',
    request: { series: [TRACE] },
    prepare: () => {
      for (const { index } of api.sessions[0]!.session.recordings.flatMap((r) => r.segments)) {
        api.lostSegments.add(index);
      }
    },
  },
  {
    name: 'sandbox',
    state: 'sandboxed',
    request: { series: [TRACE] },
    says: 'enable_frontend_sandbox_for_plugins',
  },
  {
    name: 'bad option',
    state: 'bad_option',
    request: { series: [TRACE], options: { allowHosts: ['https://cdn.example.com/'] } },
    says: 'https://cdn.example.com/',
  },
  { name: 'playing', request: { series: [TRACE] } },
  { name: 'picture only', request: { series: [TRACE], options: { lists: false } } },
];

describe.each(STATES)('$name', ({ name, state, request, prepare, says }) => {
  it.each(THEMES)('in the %s theme', async (theme) => {
    prepare?.();
    if (state === 'sandboxed') await page.addInitScript(SANDBOX);
    await grafana.open();
    for (const { width, height } of SIZES) {
      await grafana.renderPanel({ ...request, theme, width, height });
      const root = page.locator('#root');
      if (state === undefined) {
        await page.locator('[data-testid=replay-stage][data-state=paused]').waitFor();
        await page.locator('[data-testid=replay-head-strip]').waitFor();
      } else {
        await page.locator(`[data-testid=replay-panel-state][data-state=${state}]`).waitFor();
      }
      if (says !== undefined) await root.getByText(says).first().waitFor();
      if (SHOTS !== undefined) await shoot(page, `${name}-${theme}-${width}`, width, height);
      expect(await violations(page), `${name} ${theme} ${width}`).toEqual([]);
      expect(await overflow(page), `${name} ${theme} ${width}`).toBeLessThanOrEqual(0);
    }
  });
});

/** Grafana's distortions of frames: `public/app/features/plugins/sandbox/distortions.ts`. */
const SANDBOX = `for (const name of ['contentDocument', 'contentWindow']) {
  Object.defineProperty(HTMLIFrameElement.prototype, name, {
    get() { throw new Error(name + ' is not allowed in a sandboxed plugin'); },
  });
}`;

async function shoot(on: Page, name: string, width: number, height: number): Promise<void> {
  mkdirSync(SHOTS!, { recursive: true });
  await on.screenshot({
    path: join(SHOTS!, `${name.replaceAll(' ', '-')}.png`),
    clip: { x: 0, y: 0, width: width + 16, height: height + 16 },
  });
}

async function violations(on: Page): Promise<string[]> {
  if ((await on.evaluate('typeof axe')) === 'undefined') await on.evaluate(axe.source);
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
