/**
 * A forged recording in the panel, beside Grafana's own cookies and globals: it runs nothing, asks
 * for nothing, and changes nothing of the page around it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExportSource } from '@otel-replay/player';
import { DATA_SOURCE_ID, GrafanaHost, GrafanaPage } from '../../../grafana-plugin/harness/index.js';
import { hostileEvents } from '../../../player/test/hostile-events.js';
import { sessionFile } from '../../../player/test/one-segment.js';
import { ReplayServer } from '../../../player/test/replay-server.js';
import { launchBrowser } from '../../harness/browser.js';

let attacker: Server;
let attackerUrl: string;
/** What arrived; a connection without a request counts. */
const arrived: string[] = [];
let api: ReplayServer;
let host: GrafanaHost;
let browser: Browser;

beforeAll(async () => {
  attacker = createServer((request, response) => {
    arrived.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('');
  });
  attacker.on('connection', () => arrived.push('connection'));
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
  attackerUrl = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
  const file = await sessionFile(hostileEvents(attackerUrl), { sessionId: 'hostile' });
  api = new ReplayServer({ viewerFolder: '', sessions: [await ExportSource.open(file)] });
  const url = await api.start();
  host = await GrafanaHost.start({
    dataSources: [{ uid: 'replay', name: 'Replay', type: DATA_SOURCE_ID, jsonData: { url } }],
  });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await api?.stop();
  attacker.closeAllConnections();
  await new Promise((resolve) => attacker.close(resolve));
});

it('runs no script and makes no request', async () => {
  const page = await browser.newPage({ viewport: { width: 1300, height: 800 } });
  const dialogs: string[] = [];
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript('window.pwned = []');
  const grafana = new GrafanaPage(page, host);
  await grafana.open();
  const address = page.url();
  await grafana.renderPanel({ options: { sessionId: 'hostile' }, width: 1200, height: 700 });
  await page.locator('[data-testid=replay-stage][data-state=paused]').waitFor();
  await page.locator('[data-testid=play-toggle]').click();
  await page.locator('[data-testid=replay-stage][data-state=ended]').waitFor({ timeout: 120_000 });
  for (const tab of await page.getByRole('tab').all()) await tab.click();
  await expect.poll(() => replayedText(page)).toContain('after all of it');
  // A request that was begun would be there by now; none is what is waited for.
  await page.waitForTimeout(500);
  const after = await page.evaluate('({ pwned, polluted: ({}).polluted, address: location.href })');
  expect(after).toEqual({ pwned: [], polluted: undefined, address });
  expect(arrived).toEqual([]);
  expect(dialogs).toEqual([]);
  expect(errors).toEqual([]);
  expect(host.missing).toEqual([]);
});

/** Of the recorded page, whatever its style hides. */
function replayedText(page: Page): Promise<string> {
  return page.evaluate<string>(
    `document.querySelector('[data-testid=replay-frame]')?.contentDocument
      ?.querySelector('.slot iframe')?.contentDocument?.body.textContent ?? ''`,
  );
}
