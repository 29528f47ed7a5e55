/** The tools of the player in a real browser: test, elements, files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { run } from 'axe-core';
import type { Download, Page } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeReplay, startRig, timeOf, waitForState, type Rig } from './browser.js';
import { FIXTURE } from './fixture-spans.js';

const SESSION = `/sessions/${FIXTURE.sessionId}`;
const FIXTURE_FILE = new URL('fixtures/session.replay', import.meta.url).pathname;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Pictures for whoever wants to look; nothing is compared with them. */
const SHOTS = join(tmpdir(), 'shots');

let rig: Rig;
let page: Page;
let problems: string[];
let folder: string;

beforeAll(async () => {
  rig = await startRig();
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
});
afterAll(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await page?.context().close();
  rig.server.reset();
  page = await open({});
});

async function open(options: Parameters<Rig['newPage']>[0]): Promise<Page> {
  const opened = await rig.newPage({ acceptDownloads: true, ...options });
  problems = [];
  opened.on('pageerror', (error) => problems.push(String(error)));
  return opened;
}

async function openAt(offsetMs: number, target = page): Promise<void> {
  await target.goto(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + offsetMs}`);
  await waitForState(target, 'paused');
}

async function choose(name: string, target = page): Promise<void> {
  await target.getByTestId('tools').click();
  await target.getByRole('menuitem', { name }).click();
}

async function violations(target: Page): Promise<string[]> {
  await target.evaluate(axe);
  return target.evaluate(async () => {
    const library = (window as unknown as { axe: { run: typeof run } }).axe;
    const result = await library.run(document, { iframes: false });
    return result.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
  });
}

async function save(download: Download, name: string): Promise<string> {
  const file = join(folder, name);
  await download.saveAs(file);
  return file;
}

describe('the menu', () => {
  it('is gone through by keyboard, and leaves the keys to itself', async () => {
    await openAt(20_000);
    const time = await timeOf(page);
    await page.getByTestId('tools').focus();
    await page.keyboard.press('ArrowDown');
    const focused = (): Promise<string | null> =>
      page.evaluate(
        () => document.activeElement?.querySelector('.replay-menu-label')?.textContent ?? null,
      );
    await expect.poll(focused).toBe('Copy as Playwright test');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Inspect the page');
    await page.keyboard.press('End');
    expect(await focused()).toBe('Download as one page');
    await page.keyboard.press('Home');
    expect(await focused()).toBe('Copy as Playwright test');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('menu').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
      'tools',
    );
    expect(await timeOf(page)).toBe(time);
    expect(problems).toEqual([]);
  });
});

describe('as a Playwright test', () => {
  it('is TypeScript, of what was done up to the playhead', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openAt(45_000);
    await choose('Copy as Playwright test');
    const code = page.getByTestId('test-code');
    await expect.poll(() => code.textContent()).toContain('import { expect, test');
    const short = (await code.textContent()) ?? '';
    expect(syntaxErrors(short)).toEqual([]);
    expect(short).toContain("baseURL: process.env['BASE_URL'] ?? 'https://ops.example.com'");
    expect(short).toMatch(/await page\.getBy\w+\(.+\)\.click\(\);/);
    await page.getByLabel('To', { exact: true }).selectOption('session');
    await expect
      .poll(async () => (await code.textContent())?.length ?? 0)
      .toBeGreaterThan(short.length);
    const long = (await code.textContent()) ?? '';
    expect(syntaxErrors(long)).toEqual([]);
    // The second page of the session.
    expect(long).toContain('shop.example.com');
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(long);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(readFileSync(await save(download, 'made.spec.ts'), 'utf8')).toBe(long);
    await page.keyboard.press('Escape');
    await page.getByTestId('test-dialog').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });
});

function syntaxErrors(text: string): string[] {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { diagnostics = [] } = ts.transpileModule(text, {
    compilerOptions: options,
    reportDiagnostics: true,
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('the elements of the page', () => {
  it('are read by keyboard, shown on the stage and said how to find', async () => {
    await openAt(45_000);
    await choose('Inspect the page');
    const tree = page.getByRole('tree', { name: 'Elements' });
    const selected = page.locator('[role=treeitem][aria-selected=true]');
    await expect.poll(() => selected.textContent()).toContain('<html');
    await tree.focus();
    await page.keyboard.press('ArrowRight');
    expect(await selected.textContent()).toContain('<head');
    await page.keyboard.press('ArrowDown');
    expect(await selected.textContent()).toContain('<body');
    const open = await page.getByRole('treeitem').count();
    await page.keyboard.press('ArrowLeft');
    expect(await page.getByRole('treeitem').count()).toBeLessThan(open);
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('treeitem').count()).toBe(open);
    await page.keyboard.press('ArrowRight');
    expect(await selected.getAttribute('aria-level')).toBe('3');
    // Nothing of what the player puts there to show it.
    expect(await tree.textContent()).toContain('<body');
    expect(await tree.textContent()).not.toMatch(/rrweb-paused|:hover|data-replay-/);
    const found = await page.evaluate(
      `(() => { const doc = (${replayDocumentOf.toString()})();
         return doc.querySelectorAll(document.querySelector('[data-testid=selector]').textContent).length; })()`,
    );
    expect(found).toBe(1);
    expect(await page.getByTestId('box').textContent()).toMatch(
      /^[\d.]+ × [\d.]+ at -?[\d.]+, -?[\d.]+$/,
    );
    expect(problems).toEqual([]);
  });

  it('are picked on the stage, at the place where they are drawn', async () => {
    await openAt(45_000);
    await choose('Inspect the page');
    await page.getByRole('button', { name: 'Pick an element on the page' }).click();
    const button = await page.evaluate(
      `(() => { const doc = (${replayDocumentOf.toString()})();
         const found = [...doc.body.querySelectorAll('*')].find((one) => {
           const r = one.getBoundingClientRect();
           return r.width > 20 && one.children.length === 0 && one.textContent.trim().length > 3 &&
             doc.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2) === one;
         });
         const { x, y, width, height } = found.getBoundingClientRect();
         return { text: found.textContent.trim(), x: x + width / 2, y: y + height / 2, width }; })()`,
    );
    const { text, x, y, width } = button as { text: string; x: number; y: number; width: number };
    const host = await page.locator('.replay-stage-host').evaluate((element) => ({
      x: element.getBoundingClientRect().x,
      y: element.getBoundingClientRect().y,
      scale: element.getBoundingClientRect().width / (element as HTMLElement).offsetWidth,
    }));
    expect(host.scale).toBeLessThan(1);
    await page.mouse.move(host.x + x * host.scale, host.y + y * host.scale);
    const highlight = page.getByTestId('highlight');
    await expect
      .poll(async () => ((await highlight.boundingBox())?.width ?? 0) / host.scale)
      .toBeLessThan(width + 2);
    await page.mouse.down();
    await page.mouse.up();
    const selected = page.locator('[role=treeitem][aria-selected=true]');
    await expect.poll(() => selected.textContent()).toContain(text);
    expect(await page.getByTestId('picker').count()).toBe(0);
    expect(await page.getByTestId('locator').textContent()).toContain('page.');
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('inspector').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('stay what they are: text', async () => {
    await openAt(45_000);
    await page.evaluate(
      `(() => { const doc = (${replayDocumentOf.toString()})();
         const form = doc.createElement('form');
         form.innerHTML = '<input name="childNodes"><input name="attributes"><input name="parentNode"><input name="nodeType">';
         form.setAttribute('data-x', '"><img src=x onerror="top.pwned=1">');
         form.append('<img src=x onerror="top.pwned=1">');
         doc.body.prepend(form); })()`,
    );
    await choose('Inspect the page');
    const tree = page.getByRole('tree', { name: 'Elements' });
    await tree.focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowRight'])
      await page.keyboard.press(key);
    await expect.poll(() => tree.textContent()).toContain('<img src=x onerror=');
    expect(await tree.locator('img').count()).toBe(0);
    expect(await page.getByTestId('inspected').locator('img').count()).toBe(0);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(problems).toEqual([]);
  });
});

function replayDocumentOf(): Document | null | undefined {
  const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
  return frame?.contentDocument?.querySelector<HTMLIFrameElement>('.slot iframe')?.contentDocument;
}

describe('the session as a file', () => {
  it('is the file that was exported', async () => {
    await openAt(45_000);
    await page.getByTestId('tools').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Download the session' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`session-${FIXTURE.sessionId}.replay`);
    const saved = readFileSync(await save(download, 'session.replay'));
    expect(saved.equals(readFileSync(FIXTURE_FILE))).toBe(true);
  });

  it('is one page that plays from a disk without asking for anything', async () => {
    await openAt(45_000);
    const shown = await describeReplay(page);
    await page.getByTestId('tools').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Download as one page' }).click(),
    ]);
    const file = await save(download, 'session.html');
    const html = readFileSync(file, 'utf8');
    expect(html.length).toBeLessThan(readFileSync(FIXTURE_FILE).length * 1.4 + 1_200_000);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/);

    const offline = await open({ offline: true });
    const asked: string[] = [];
    offline.on('request', (request) => asked.push(request.url()));
    const complaints: string[] = [];
    offline.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await offline.goto(pathToFileURL(file).href);
    await waitForState(offline, 'paused');
    expect(await timeOf(offline)).toBe(FIXTURE.start + 45_000);
    expect(await describeReplay(offline)).toEqual(shown);
    await offline.screenshot({ path: join(SHOTS, 'tools-one-page.png') });
    await offline.getByTestId('play-toggle').click();
    await waitForState(offline, 'playing');
    await expect.poll(() => timeOf(offline)).toBeGreaterThan(FIXTURE.start + 45_000);
    await offline.getByTestId('play-toggle').click();
    expect(asked.filter((url) => !/^(file|data|blob|about):/.test(url))).toEqual([]);
    expect(asked.filter((url) => url.startsWith('file:'))).toEqual([pathToFileURL(file).href]);
    expect(complaints).toEqual([]);
    expect(problems).toEqual([]);
    // From there it can be taken on.
    const [again] = await Promise.all([
      offline.waitForEvent('download'),
      choose('Download the session', offline),
    ]);
    expect(readFileSync(await save(again, 'again.replay')).equals(readFileSync(FIXTURE_FILE))).toBe(
      true,
    );
    await offline.context().close();

    await page.goto(`${rig.baseUrl}/`);
    await page.getByTestId('file-input').setInputFiles(file);
    await waitForState(page, 'paused');
    expect(rig.server.requests.filter((r) => r.path.includes('/events')).length).toBeLessThan(20);
    expect(await page.getByText('Opened from a file').count()).toBe(1);
  });

  it('says so when a page is damaged', async () => {
    const template = readFileSync(new URL('fixtures/session.replay', import.meta.url)).toString(
      'base64',
    );
    const broken = `<!doctype html><script type="application/vnd.otel-replay+base64">${template.slice(0, 4000)}</script>`;
    const file = join(folder, 'broken.html');
    writeFileSync(file, broken);
    await page.goto(`${rig.baseUrl}/`);
    await page.getByTestId('file-input').setInputFiles(file);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('not a session export');
  });
});

it('lists sessions of a time and a service', async () => {
  await page.goto(`${rig.baseUrl}/?service=ops-console`);
  await page.getByTestId('session-row').waitFor();
  const asked = (): URLSearchParams =>
    new URL(rig.server.requests.findLast((r) => r.path.includes('/sessions?'))!.path, rig.baseUrl)
      .searchParams;
  expect(asked().get('service')).toBe('ops-console');
  const now = await page.evaluate('Date.now()');
  await page.getByLabel('Time').selectOption('24h');
  await expect
    .poll(() => Number(asked().get('from')) - Number(now))
    .toBeGreaterThanOrEqual(-86_400_000);
  expect(asked().get('service')).toBe('ops-console');
  expect(new URL(page.url()).search).toBe('?since=24h&service=ops-console');
  await page.getByLabel('Service').selectOption('All services');
  await expect.poll(() => asked().has('service')).toBe(false);
  expect(problems).toEqual([]);
});

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  it.each([
    ['the menu', async (target: Page) => target.getByTestId('tools').click()],
    [
      'the test',
      async (target: Page) => {
        await choose('Copy as Playwright test', target);
        await expect.poll(() => target.getByTestId('test-code').textContent()).toContain('import');
      },
    ],
    [
      'the elements',
      async (target: Page) => {
        await choose('Inspect the page', target);
        await target.getByTestId('inspected').waitFor();
      },
    ],
  ] as const)('axe finds nothing in %s', async (name, show) => {
    const target = await open({ colorScheme });
    await openAt(45_000, target);
    await show(target);
    expect(await violations(target)).toEqual([]);
    const picture = `tools-${name.replace('the ', '')}-${colorScheme}`;
    await target.screenshot({ path: join(SHOTS, `${picture}.png`) });
    await target.setViewportSize({ width: 400, height: 800 });
    expect(await violations(target)).toEqual([]);
    await target.screenshot({ path: join(SHOTS, `${picture}-narrow.png`) });
    await target.context().close();
  });
});
