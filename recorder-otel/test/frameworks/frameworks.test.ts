/**
 * Pages of four frameworks do the same with and without the recorder, and the replay shows what they
 * showed. The frameworks have a lockfile of their own: 80 MB that nobody else needs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { scenario, type Scenario } from '../support/scenario.js';
import { replayedText } from '../support/replayed.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

function install(): boolean {
  if (existsSync(`${folder}node_modules/zone.js`)) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'ignore',
      timeout: 120_000,
    });
    return true;
  } catch {
    // Skipped without a registry in reach; in CI that would be a test that cannot fail.
    if (process.env['CI']) throw new Error(`npm ci failed in ${folder}`);
    return false;
  }
}

const buttons = ['add', 'reverse', 'remove'];
/** As React's server renderer writes it. */
const serverMarkup = `<main data-replay-unmask="">${buttons
  .map((id) => `<button id="${id}">${id}</button>`)
  .join(
    '',
  )}<input id="input" value=""/><p id="echo"></p><ul><li>one</li><li>two</li><li>three</li></ul></main>`;

const html = (root: string): string => `<!doctype html>
  <h1 id="root-title" data-replay-unmask>Title</h1><div id="root">${root}</div>
  <app-root></app-root><div id="aside" data-replay-unmask></div><script src="/app.js"></script>`;

/** What a user does; returns what the page shows at last. */
async function use(page: Page): Promise<string> {
  await page.waitForSelector('li');
  for (const id of ['add', 'add', 'reverse', 'remove', 'add']) await page.click(`#${id}`);
  await page.locator('#input').pressSequentially('typed');
  await page.waitForFunction(() => {
    const shadow = document.querySelector('todo-list')?.shadowRoot ?? document;
    return shadow.querySelector('#echo')?.textContent === 'typed';
  });
  return page.evaluate(() => {
    const shadow = document.querySelector('todo-list')?.shadowRoot ?? document;
    return [...shadow.querySelectorAll('li'), shadow.querySelector('#echo')!]
      .map((element) => element.textContent)
      .join();
  });
}

async function sameWithAndWithout(run: Scenario): Promise<Page> {
  const bare = await run.open({ record: '0' });
  const expected = await use(bare);
  await bare.close();
  const page = await run.open();
  expect(await use(page)).toBe(expected);
  expect(expected).toContain('item');
  await page.evaluate('replay.forceFlush()');
  expect(await replayedText(run, await run.ingest.events(), ['li', '#echo'])).toBe(expected);
  expect(run.pageErrors).toEqual([]);
  return page;
}

describe.skipIf(!install())('frameworks', () => {
  describe('React, hydrated', () => {
    const run = scenario(import.meta.url, { script: './react/page.js', html: html(serverMarkup) });
    test('works as without the recorder, and replays', () => sameWithAndWithout(run));
  });

  describe('Vue, with a teleport', () => {
    const run = scenario(import.meta.url, { script: './vue/page.js', html: html('') });
    test('works as without the recorder, and replays', () => sameWithAndWithout(run));
  });

  describe('Lit, in a shadow root', () => {
    const run = scenario(import.meta.url, { script: './lit/page.js', html: html('') });
    test('works as without the recorder, and replays', () => sameWithAndWithout(run));
  });

  describe('Angular, with zone.js', () => {
    const run = scenario(import.meta.url, { script: './angular/page.js', html: html('') });
    test('works as without the recorder, and replays', () => sameWithAndWithout(run));

    test('closed shadow roots that are handed over are recorded', async () => {
      const page = await run.open();
      await page.waitForFunction('globalThis.declareShadowRoot');
      await page.evaluate(`{
        const host = document.createElement('div');
        const root = host.attachShadow({ mode: 'closed' });
        root.innerHTML = '<p id="closed">in a closed root</p>';
        declareShadowRoot(host, root);
        document.querySelector('#aside').append(host);
        globalThis.kept = root;
      }`);
      await page.evaluate('replay.forceFlush()');
      await page.evaluate(`kept.querySelector('p').textContent = 'changed in it'`);
      await page.evaluate('replay.forceFlush()');
      const events = await run.ingest.events();
      expect(JSON.stringify(events)).toContain('in a closed root');
      expect(await replayedText(run, events, ['#closed'])).toBe('changed in it');
    });

    test('change detection and stability know nothing of the recorder', async () => {
      const page = await run.open();
      await page.waitForSelector('li');
      await page.evaluate('replay.forceFlush()');
      const before = run.ingest.segments.length;
      const checks = await page.evaluate('checks()');
      // Events to record, timers to flush them, requests to send them; nothing of Angular's.
      await page.evaluate('mutate()');
      await run.ingest.until(() => run.ingest.segments.length > before);
      expect(await page.evaluate('checks()')).toBe(checks);
      await page.evaluate('failInZone()');
      expect(await page.evaluate('isStable()')).toBe(true);
      await run.ingest.until(() =>
        run.ingest.segments.some(({ header }) => header.errorCount === 1),
      );
    });
  });
});
