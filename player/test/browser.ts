/** Chromium, the built viewer and the server, for the browser tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { ReplayServer, openFixture } from './replay-server.js';

const PLAYER = fileURLToPath(new URL('..', import.meta.url));

/** As Grafana 13 sends it where `content_security_policy` is on, with a nonce of ours. */
export const GRAFANA_POLICY =
  "script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' 'nonce-abc';object-src 'none';font-src 'self';style-src 'self' 'unsafe-inline' blob:;img-src * data:;base-uri 'self';connect-src 'self' grafana.com ws://localhost wss://localhost;manifest-src 'self';media-src 'none';form-action 'self';";

export const CHROMIUM_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const CHROMIUM_ARGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Rig {
  server: ReplayServer;
  baseUrl: string;
  browser: Browser;
  newPage(options?: Parameters<Browser['newPage']>[0]): Promise<Page>;
  stop(): Promise<void>;
}

/**
 * Builds the viewer from the sources into a folder of its own, and opens all there is to open.
 * @param root folder of another page than the viewer
 */
export async function startRig({ root = join(PLAYER, 'src/viewer') } = {}): Promise<Rig> {
  const viewerFolder = mkdtempSync(join(tmpdir(), 'viewer-'));
  await build({
    root,
    configFile: join(PLAYER, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: viewerFolder },
  });
  const server = new ReplayServer({ viewerFolder, sessions: [await openFixture()] });
  const baseUrl = await server.start();
  const browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: [...CHROMIUM_ARGS],
  });
  return {
    server,
    baseUrl,
    browser,
    newPage: (options) => browser.newPage({ viewport: { width: 1280, height: 800 }, ...options }),
    stop: async () => {
      await browser.close();
      await server.stop();
      rmSync(viewerFolder, { recursive: true });
    },
  };
}

/** Waits until the stage is in one of the states. */
export async function waitForState(page: Page, ...states: string[]): Promise<void> {
  const selector = states.map((s) => `[data-testid=replay-stage][data-state=${s}]`).join(',');
  await page.waitForSelector(selector, { timeout: 90_000 });
}

/** The playhead, Unix milliseconds. */
export async function timeOf(page: Page): Promise<number> {
  return Number(await page.getAttribute('[data-testid=replay-time]', 'data-time'));
}

/** Waits until the playhead is at or after `time`. */
export async function waitForTime(page: Page, time: number): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      Number(document.querySelector<HTMLElement>('[data-testid=replay-time]')?.dataset['time']) >=
      wanted,
    time,
    { timeout: 90_000 },
  );
}

/** Seeks by the address of the moment, in the page that is open. */
export async function seekByClick(page: Page, share: number): Promise<void> {
  const box = await page.getByTestId('timeline').boundingBox();
  if (box === null) throw new Error('the time line is not there');
  await page.mouse.click(box.x + share * box.width, box.y + box.height / 2);
}

/**
 * The replayed document as lines: tags, attributes and text, in order. Left out is what the player
 * changes on purpose (addresses of what may not load) and what rrweb adds by itself.
 */
export function describeReplay(page: Page): Promise<string[]> {
  return page.evaluate(`(${describeDocument.toString()})((${replayDocument.toString()})())`);
}

export function replayDocument(): Document {
  const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
  const inner = frame?.contentDocument?.querySelector<HTMLIFrameElement>('.slot iframe');
  const found = inner?.contentDocument;
  if (found === null || found === undefined) throw new Error('no replayed document');
  return found;
}

export function describeDocument(root: Document): string[] {
  const lines: string[] = [];
  const visit = (node: Node, depth: number): void => {
    if (node.nodeType === 3) {
      const text = node.textContent ?? '';
      if (text.trim() !== '') lines.push(`${depth} "${text.trim()}"`);
    }
    if (node.nodeType !== 1) return;
    const element = node as HTMLElement;
    const attributes = [...element.attributes]
      .filter(({ name }) => !['src', 'srcset', 'href', 'rel'].includes(name))
      .filter(({ name }) => element.localName !== 'meta' && !name.startsWith('data-replay-'))
      .map(({ name, value }) =>
        name === 'class'
          ? `class=${value
              .split(' ')
              .filter((c) => c !== ':hover' && c !== 'rrweb-paused')
              .sort()
              .join(' ')}`
          : `${name}=${name === 'style' ? element.style.cssText : value}`,
      )
      .filter((text) => text !== 'class=')
      .sort();
    const value = 'value' in element ? String((element as HTMLInputElement).value) : '';
    lines.push(`${depth} <${element.localName} ${attributes.join(' ')}> ${value}`);
    if (element.localName === 'style') return;
    for (const child of element.childNodes) visit(child, depth + 1);
  };
  for (const child of root.childNodes) visit(child, 0);
  return lines;
}
