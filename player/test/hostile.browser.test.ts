/** A forged recording must not run anything, load anything, or reach the viewer's own origin. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExportSource } from '../src/engine/client/export-source.js';
import { GRAFANA_POLICY, startRig, waitForState, type Rig } from './browser.js';
import { hostileEvents } from './hostile-events.js';
import { hugeRecordings } from './huge-recordings.js';
import { sessionFile } from './one-segment.js';

let rig: Rig;
let attacker: Server;
let attackerUrl: string;
/** What arrived, and for what the browser wanted it. */
const attackerRequests: string[] = [];
let attackerConnections = 0;

beforeAll(async () => {
  rig = await startRig();
  attacker = createServer((request, response) => {
    attackerRequests.push(`${String(request.headers['sec-fetch-dest'])} ${request.url ?? ''}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('');
  });
  attacker.on('connection', () => attackerConnections++);
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
  attackerUrl = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await rig.stop();
  attacker.closeAllConnections();
  await new Promise((resolve) => attacker.close(resolve));
});

const NO_POLICY = '';

// From its start, and after a seek, which takes another path through rrweb: both at once.
const OFFSETS_MS = [0, 2500];

it.each([
  ['as the viewer serves it', undefined],
  ['in a host page without any policy', NO_POLICY],
  ["under Grafana's policy", GRAFANA_POLICY],
])('runs no script and makes no request, played %s', async (_name, policy) => {
  const events = hostileEvents(attackerUrl);
  rig.server.reset();
  rig.server.policy = policy;
  const file = await sessionFile(events, { sessionId: 'hostile' });
  rig.server.sessions = [await ExportSource.open(file)];
  attackerRequests.length = attackerConnections = 0;
  const start = events[0]!.timestamp;
  await Promise.all(OFFSETS_MS.map((offsetMs) => playHostile(start + offsetMs)));
  const own = rig.server.requests.map((request) => request.path);
  expect(attackerRequests).toEqual([]);
  expect(attackerConnections).toBe(0);
  expect(own.filter((path) => !/^\/(assets|api|sessions)\//.test(path))).toEqual([]);
  expect(own.filter((path) => path.includes('stolen'))).toEqual([]);
});

async function playHostile(time: number): Promise<void> {
  const page = await rig.newPage();
  const dialogs: string[] = [];
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript(() => {
    Object.assign(window, { pwned: [] });
  });
  await page.goto(`${rig.baseUrl}/sessions/hostile?t=${time}`);
  await waitForState(page, 'paused');
  await page.getByTestId('play-toggle').click();
  await waitForState(page, 'ended');
  // What is said in the recording is listed in words.
  for (const tab of await page.getByRole('tab').all()) await tab.click();
  const replayed = await lookAtReplay(page);
  await touchEverything(page);
  // A request that was begun would be there by now; none is what is waited for.
  await page.waitForTimeout(500);
  const after = await page.evaluate(() => ({
    pwned: (window as unknown as { pwned: string[] }).pwned,
    polluted: ({} as { polluted?: unknown }).polluted,
    address: location.pathname,
  }));
  await page.close();
  expect(replayed.text).toContain('after all of it');
  expect(after).toEqual({ pwned: [], polluted: undefined, address: '/sessions/hostile' });
  expect(dialogs).toEqual([]);
  expect(errors).toEqual([]);
  expect(replayed.handlers).toEqual([]);
  expect(replayed.scripts).toEqual([]);
  expect(replayed.credentials).toEqual([]);
  expect(replayed.addresses).toEqual([]);
  expect(replayed.sandbox).toEqual(['allow-same-origin', 'allow-same-origin']);
  expect(replayed.forged).toEqual([]);
}

it('refuses what would freeze the page, and says so', async () => {
  rig.server.reset();
  const made = await Promise.all(
    Object.entries(hugeRecordings()).map(async ([sessionId, events]) =>
      ExportSource.open(await sessionFile(events, { sessionId })),
    ),
  );
  rig.server.sessions = made;
  const shown = async ({ session }: ExportSource): Promise<string> => {
    const page = await rig.newPage();
    await page.goto(`${rig.baseUrl}/sessions/${session.sessionId}`);
    const message = page.locator('[data-testid=state-message][data-reason=too_large]');
    await message.waitFor({ timeout: 120_000 });
    const text = await message.innerText();
    // It still answers, and nothing of it was built.
    const built = await page.evaluate(() => document.querySelectorAll('*').length);
    await page.close();
    expect(built).toBeLessThan(5000);
    return text;
  };
  for (const session of made) expect(await shown(session)).toContain('This moment is too large');
});

/** What of the recording is in the page: the replayed document, and the player's own lists. */
function lookAtReplay(page: Page): Promise<{
  text: string;
  handlers: string[];
  scripts: string[];
  credentials: string[];
  addresses: string[];
  sandbox: unknown[];
  forged: string[];
}> {
  return page.evaluate((attackerOrigin) => {
    const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
    const inner = frame?.contentDocument?.querySelector<HTMLIFrameElement>('.slot iframe');
    const all = [...(inner?.contentDocument?.querySelectorAll('*') ?? [])];
    const attributes = all.flatMap((e) => [...e.attributes].map((a) => [e, a] as const));
    const player = [...document.querySelectorAll('a[href], img, script, iframe')];
    return {
      text: inner?.contentDocument?.body.textContent ?? '',
      handlers: attributes.flatMap(([, { name }]) => (/^on/i.test(name) ? [name] : [])),
      scripts: all.flatMap((e) => (/^(.*:)?script$/i.test(e.localName) ? [e.outerHTML] : [])),
      credentials: all.flatMap((e) =>
        e.getAttribute('type') === 'password' ||
        /user|pass/.test(e.getAttribute('autocomplete') ?? '')
          ? [e.outerHTML]
          : [],
      ),
      // Only a link may say where it would lead.
      addresses: attributes.flatMap(([element, { name, value }]) => {
        const isLink = /^(a|area)$/.test(element.localName) && /href$/.test(name);
        const isAddress = value.includes(attackerOrigin) || /^\s*javascript:/i.test(value);
        return isAddress && !isLink ? [`${element.localName} ${name}=${value}`] : [];
      }),
      sandbox: [frame?.getAttribute('sandbox'), inner?.getAttribute('sandbox')],
      forged: player.flatMap((e) =>
        /javascript:|\/word|onerror/i.test(e.outerHTML) && e !== frame ? [e.outerHTML] : [],
      ),
    };
  }, attackerUrl);
}

/** As a person could who gets hold of the replayed page: its links and forms lead nowhere. */
function touchEverything(page: Page): Promise<void> {
  return page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
    const inner = frame?.contentDocument?.querySelector<HTMLIFrameElement>('.slot iframe');
    for (const element of inner?.contentDocument?.querySelectorAll<HTMLElement>('*') ?? []) {
      element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
      element.focus?.();
      if (element.localName === 'form') (element as HTMLFormElement).submit();
    }
  });
}
