/** What a host may allow the engine and forbid it, in a real browser with real servers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReplayEvent } from '@otel-replay/protocol';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CHROMIUM_ARGS, CHROMIUM_PATH, GRAFANA_POLICY } from './browser.js';
import type { EnginePage } from './engine-page.js';
import { sessionFile } from './one-segment.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SECRET = 'Ada Lovelace';
const START = 1_772_442_000_000;

let browser: Browser;
let folder: string;
let host: Server;
let site: Server;
let page: Page;
let session: Buffer;
let policy: string | undefined;
/** What the recorded site was asked for, with what came along. */
const asked: IncomingMessage[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'));
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['otel-replay-source', 'module', 'browser', 'development|production'] },
    build: {
      outDir: folder,
      lib: {
        entry: fileURLToPath(new URL('engine-page.ts', import.meta.url)),
        formats: ['es'],
        fileName: 'entry',
      },
    },
  });
  browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: [...CHROMIUM_ARGS] });
  host = await listen((request, response) => {
    const path = request.url ?? '/';
    if (path === '/session') return void response.end(session);
    const script = readdirSync(folder).find((name) => path === `/${name}`);
    if (script !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' });
      return void response.end(readFileSync(join(folder, script)));
    }
    response.writeHead(200, {
      'content-type': 'text/html',
      ...(policy === undefined ? {} : { 'content-security-policy': policy }),
    });
    response.end(
      '<!doctype html><div id="stage"></div><script type="module" nonce="abc" src="/entry.js"></script>',
    );
  });
  site = await listen((request, response) => {
    asked.push(request);
    const type = request.url?.endsWith('.css') === true ? 'text/css' : 'image/png';
    const isBefore = request.url === '/before.png';
    response.writeHead(200, {
      'content-type': type,
      ...(isBefore ? { 'set-cookie': 'who=ada' } : {}),
    });
    response.end(type === 'text/css' ? 'p{color:rgb(1, 2, 3)}' : PNG);
  });
});
afterAll(async () => {
  await browser.close();
  for (const server of [host, site]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  policy = undefined;
});

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

async function open(events: readonly ReplayEvent[], options: object = {}): Promise<void> {
  const manifest = { userId: SECRET, urls: [`https://shop.example/${SECRET}`] };
  const file = await sessionFile(events, { sessionId: 's', manifest });
  session = Buffer.from(await file.arrayBuffer());
  page = await browser.newPage();
  // The viewer was there before, and has a cookie.
  await page.goto(`http://${hostOf(site)}/before.png`);
  await page.goto(`http://${hostOf(host)}/`);
  asked.length = 0;
  await page.waitForFunction('globalThis.openReplay');
  expect(await page.evaluate(`openReplay(${JSON.stringify(options)})`)).toBe('paused');
}

const engine = <R>(run: (engine: EnginePage) => R): Promise<R> =>
  page.evaluate(`(${String(run)})(engine)`);

function recorded(body: object[], later: ReplayEvent[] = []): ReplayEvent[] {
  const html = {
    ...{ type: 2, id: 2, tagName: 'html', attributes: {} },
    childNodes: [{ type: 2, id: 3, tagName: 'body', attributes: {}, childNodes: body }],
  };
  const href = `http://${hostOf(site)}/shop`;
  return [
    { type: 4, timestamp: START, data: { href, width: 600, height: 400 } },
    {
      type: 2,
      timestamp: START + 1,
      data: { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { top: 0, left: 0 } },
    },
    ...later,
    { type: 3, timestamp: START + 2000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
}

const element = (id: number, tagName: string, attributes: object, text?: string): object => ({
  ...{ type: 2, id, tagName, attributes },
  childNodes: text === undefined ? [] : [{ type: 3, id: id + 1, textContent: text }],
});

it('asks a host for pictures and styles once it is allowed, without cookies, and no other', async () => {
  await open(
    recorded([
      element(10, 'img', { src: '/one.png' }),
      element(11, 'img', { src: 'two.png', crossorigin: 'use-credentials' }),
      element(12, 'link', { rel: 'stylesheet', href: '/sheet.css' }),
      element(13, 'p', {}, 'text'),
      element(15, 'img', { src: `http://${hostOf(host)}/logout` }),
      element(16, 'img', { src: 'http://localhost:9/other.png' }),
      element(17, 'iframe', { src: '/frame' }),
      element(18, 'script', { src: '/script.js' }),
      element(19, 'video', { src: '/film.mp4', autoplay: '' }),
    ]),
  );
  const blocked = await engine(({ playback }) => playback.state.getSnapshot().blockedHosts);
  expect(asked).toEqual([]);
  expect(blocked).toEqual([
    { host: hostOf(site), count: 3 },
    { host: 'localhost:9', count: 1 },
  ]);
  await page.evaluate(`engine.playback.allowHost(${JSON.stringify(hostOf(site))})`);
  await expect
    .poll(() =>
      engine(({ playback }) => {
        const shown = playback.replayDocument!;
        const image = shown.querySelector<HTMLImageElement>('img')!;
        return [image.naturalWidth, getComputedStyle(shown.querySelector('p')!).color];
      }),
    )
    .toEqual([1, 'rgb(1, 2, 3)']);
  expect(asked.map(({ url }) => url).sort()).toEqual(['/one.png', '/sheet.css', '/two.png']);
  expect(asked.map(({ headers }) => [headers.cookie, headers.referer])).toEqual(
    asked.map(() => [undefined, undefined]),
  );
  const after = await engine(
    ({ playback }) => [playback.clock.getSnapshot(), playback.state.getSnapshot()] as const,
  );
  expect(after[0]).toBe(START + 2000);
  expect(after[1]).toMatchObject({ status: 'paused', allowedHosts: [hostOf(site)] });
  expect(after[1].blockedHosts).toEqual([{ host: 'localhost:9', count: 1 }]);
  await page.close();
});

it('names the host it does not understand, and the rule', async () => {
  await open(recorded([]));
  const failed = (options: object): Promise<string> =>
    page.evaluate(`openReplay(${JSON.stringify(options)}).then(() => '', String)`);
  expect(await failed({ allowHosts: ['https://a.example/'] })).toContain(
    '"https://a.example/" is no host',
  );
  expect(await failed({ masking: { selectors: ['a:hover'] } })).toContain('masking.selectors');
  expect(await page.evaluate("engine.playback.allowHost('*').catch(String)")).toContain(
    'is no host',
  );
  await page.close();
});

it.each([
  ['a text', { text: [SECRET] }],
  ['all text', { maskAllText: true, text: [SECRET] }],
  ['selectors', { selectors: ['.who'], text: [SECRET] }],
  ['blocked elements', { blockSelectors: ['.who'], text: [SECRET] }],
])('shows nothing anywhere that stricter rules hide: %s', async (_name, masking) => {
  const custom = (tag: string, payload: object): ReplayEvent => ({
    ...{ type: 5, timestamp: START + 500 },
    data: { tag: `session_replay.${tag}`, payload },
  });
  await open(
    recorded(
      [
        element(10, 'p', { class: 'who', title: SECRET }, SECRET),
        {
          ...element(20, 'div', { class: 'who' }),
          childNodes: [element(21, 'b', { 'data-x': SECRET }, SECRET)],
        },
        element(30, 'input', { class: 'who', value: SECRET }),
        element(40, 'style', {}, `p::after{content:"${SECRET}"}`),
      ],
      [
        {
          type: 3,
          timestamp: START + 300,
          data: { source: 5, id: 30, text: SECRET, isChecked: false },
        },
        {
          type: 3,
          timestamp: START + 400,
          data: {
            source: 0,
            adds: [{ parentId: 20, nextId: null, node: element(50, 'i', {}, SECRET) }],
            removes: [],
            texts: [],
            attributes: [],
          },
        },
        custom('request', {
          method: 'GET',
          url: `https://api/${encodeURIComponent(SECRET)}`,
          status: 500,
          start: START,
          durationMs: 1,
          failed: true,
          traceId: 't',
          spanId: 's',
        }),
        custom('console', { level: 'error', text: `hello ${SECRET}` }),
        custom('event', { name: SECRET, attributes: { who: SECRET } }),
      ],
    ),
    { masking },
  );
  // Beside the drawing, what was not played yet is read for lists.
  await page.evaluate('engine.playback.readRest?.()');
  await expect
    .poll(() => engine(({ playback }) => playback.state.getSnapshot().marks.length))
    .toBeGreaterThan(2);
  const everything = await engine(({ playback }) => {
    const inputs = [...playback.replayDocument!.querySelectorAll('input')].map(
      ({ value }) => value,
    );
    const { outerHTML } = playback.replayDocument!.documentElement;
    const sheets = [...playback.replayDocument!.styleSheets].flatMap((sheet) =>
      [...sheet.cssRules].map((rule) => rule.cssText),
    );
    return JSON.stringify([outerHTML, inputs, sheets, playback.state.getSnapshot()]);
  });
  expect(everything).not.toContain(SECRET);
  expect(everything).not.toContain(encodeURIComponent(SECRET));
  expect(everything).toContain('class=\\"who\\"');
  await page.close();
});

it("shows embedded pictures under Grafana's policy; embedded fonts it does not let through", async () => {
  policy = GRAFANA_POLICY;
  const font = readFileSync(new URL('../../bench/fidelity/assets/blocks.ttf', import.meta.url));
  await open(
    recorded([
      element(10, 'img', { src: `data:image/png;base64,${PNG.toString('base64')}` }),
      element(
        12,
        'style',
        {},
        `@font-face{font-family:Blocks;src:url(data:font/ttf;base64,${font.toString('base64')})} p{font-family:Blocks}`,
      ),
      element(14, 'p', {}, 'text'),
    ]),
  );
  await expect
    .poll(() =>
      engine(({ playback }) => playback.replayDocument!.querySelector('img')!.naturalWidth),
    )
    .toBe(1);
  await expect
    .poll(() =>
      engine(({ playback }) => [...playback.replayDocument!.fonts].map(({ status }) => status)),
    )
    .toEqual(['error']);
  await page.close();
});

it('has loaded what a seek needs, once it was told that there may be one', async () => {
  await open(recorded([element(10, 'p', {}, 'text')]));
  const before = await engine(({ asked }) => asked());
  await page.evaluate(`engine.playback.prefetch(${START + 100})`);
  await page.evaluate(`engine.playback.seek(${START + 100})`);
  expect(await engine(({ asked }) => asked())).toBe(before);
  await page.close();
});
