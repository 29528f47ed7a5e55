/** The player in a page that drives it by its props, as a Grafana panel does. */
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayEvent } from '@otel-replay/protocol';
import { ExportSource } from '../src/engine/client/export-source.js';
import type { ReplayPlayerProps } from '../src/react/index.js';
import { startRig, timeOf, waitForState, type Rig } from './browser.js';
import { FIXTURE } from './fixture-spans.js';
import type { Host } from './host/host.js';
import { sessionFile } from './one-segment.js';

type HostWindow = typeof window & { host: Host; withFailure: () => void };

let rig: Rig;
let page: Page;
let problems: string[];

beforeAll(async () => {
  rig = await startRig({ root: fileURLToPath(new URL('host', import.meta.url)) });
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(async () => {
  await page?.close();
  rig.server.reset();
  page = await rig.newPage();
  problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(rig.baseUrl);
});

/** Renders with these props, besides those of before. */
const show = (props: Partial<ReplayPlayerProps>): Promise<void> =>
  page.evaluate((given) => (window as unknown as HostWindow).host.show(given), props as object);
const seekedTo = (time: number): Promise<void> =>
  expect.poll(() => timeOf(page), { timeout: 30_000 }).toBe(time);
const hovers = (): Promise<(number | undefined)[]> =>
  page.evaluate(() => (window as unknown as HostWindow).host.hovers);

const element = (id: number, tagName: string, attributes: object, childNodes: object[] = []) => ({
  ...{ id, type: 2, tagName, attributes, childNodes },
});

/** A session that shows these elements and nothing else. */
async function add(sessionId: string, elements: object[]): Promise<void> {
  const timestamp = FIXTURE.start;
  const html = element(2, 'html', {}, [element(3, 'body', {}, elements)]);
  const href = 'https://ops.example.com/';
  const events: ReplayEvent[] = [
    { type: 4, timestamp, data: { href, width: 800, height: 600 } },
    {
      ...{ type: 2, timestamp },
      data: { node: { id: 1, type: 0, childNodes: [html] }, initialOffset: { top: 0, left: 0 } },
    },
    { type: 3, timestamp: timestamp + 5000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
  rig.server.sessions.push(await ExportSource.open(await sessionFile(events, { sessionId })));
}

describe('a host', () => {
  it('drives the clock, and is told of the moment under the pointer', async () => {
    await show({ sessionId: FIXTURE.sessionId });
    await waitForState(page, 'paused');
    await page.evaluate(
      (time) => (window as unknown as HostWindow).host.playback?.seek(time),
      FIXTURE.start + 12_345,
    );
    await seekedTo(FIXTURE.start + 12_345);
    await page.getByTestId('timeline').hover();
    const told = (await hovers()).at(-1);
    const { firstTimestamp, lastTimestamp } = rig.server.sessions[0]!.session;
    expect(Math.abs(told! - (firstTimestamp + lastTimestamp) / 2)).toBeLessThan(500);
    await page.getByTestId('replay-stage').hover();
    expect((await hovers()).at(-1)).toBeUndefined();
    await show({ hoverTime: firstTimestamp + (lastTimestamp - firstTimestamp) / 4 });
    const ghost = page.getByTestId('hover-time');
    await expect.poll(() => ghost.getAttribute('style'), { timeout: 30_000 }).toBe('left: 25%;');
    expect(problems).toEqual([]);
  });

  it('adds spans and moments of its own', async () => {
    const { traceId, failingSpanId, traceTime, backendSkewMs } = FIXTURE;
    await show({
      ...{ traceId, initialTab: 'events' },
      extraMarks: [
        { id: 'note', kind: 'event', time: FIXTURE.start + 35_000, label: 'Deployed 1.2.3' },
      ],
      extraSpans: [
        {
          ...{ traceId, spanId: 'e1', parentSpanId: failingSpanId, name: 'SELECT orders' },
          ...{ kind: 'client', serviceName: 'db', status: 'unset', origin: 'backend' },
          startTime: traceTime + backendSkewMs + 50,
          endTime: traceTime + backendSkewMs + 60,
          ...{ attributes: {}, events: [] },
        },
      ],
    });
    await waitForState(page, 'paused');
    await page.getByRole('searchbox').fill('deployed');
    await page.getByTestId('moment-row').click();
    await seekedTo(FIXTURE.start + 34_000);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('tab', { name: /^Spans/ }).click();
    await page.locator('[data-span-id=e1][data-testid=span-row]').click();
    // On the browser's clock, like the spans of the session.
    await seekedTo(traceTime + 50);
    expect(problems).toEqual([]);
  });

  it('keeps its own keys', async () => {
    await show({ sessionId: FIXTURE.sessionId, keyboard: 'focus' });
    await waitForState(page, 'paused');
    const before = await timeOf(page);
    await page.locator('#outside').evaluate((element) => element.blur());
    await page.keyboard.press('ArrowRight');
    const keys = (): Promise<string[]> =>
      page.evaluate(() => (window as unknown as HostWindow).host.keys);
    expect(await keys()).toEqual(['ArrowRight']);
    await page.getByTestId('timeline').focus();
    await page.keyboard.press('ArrowRight');
    await seekedTo(before + 10_000);
    // What the player takes reaches no one else; what it does not take, does.
    await page.keyboard.press('d');
    expect(await keys()).toEqual(['ArrowRight', 'd']);
  });

  it('draws failures in its own way', async () => {
    rig.server.isDown = true;
    await page.evaluate(() => (window as unknown as HostWindow).withFailure());
    await show({ sessionId: FIXTURE.sessionId });
    const message = page.getByRole('button', { name: /^The host says/ });
    await message.waitFor();
    expect(await page.getByTestId('state-message').count()).toBe(0);
    rig.server.isDown = false;
    await message.click();
    await waitForState(page, 'paused');
  });

  it('is asked before anything is loaded from elsewhere, host by host', async () => {
    await add('remote', [
      element(4, 'img', { src: 'https://cdn.example.com/a.png' }),
      element(5, 'img', { src: 'https://cdn.example.com/b.png' }),
      element(6, 'img', { src: 'https://other.example.net/c.png' }),
    ]);
    await show({ sessionId: 'remote' });
    await waitForState(page, 'paused');
    const banner = page.getByTestId('remote-content');
    await expect
      .poll(() => banner.textContent(), { timeout: 30_000 })
      .toContain('2 resources of cdn.example.com were not loaded');
    await banner.getByRole('button', { name: 'Load' }).first().click();
    await expect
      .poll(() => banner.textContent(), { timeout: 30_000 })
      .not.toContain('cdn.example.com');
    expect(await banner.textContent()).toContain('1 resource of other.example.net was not loaded');
    await show({ remoteContent: 'tell' });
    await expect.poll(() => banner.getByRole('button', { name: 'Load' }).count()).toBe(0);
  });

  it('is small: by its own width, not by that of the page', async () => {
    await page.setViewportSize({ width: 1400, height: 800 });
    await page.locator('#root').evaluate((element) => (element.style.width = '420px'));
    await show({ sessionId: FIXTURE.sessionId });
    await waitForState(page, 'paused');
    const stage = (await page.getByTestId('replay-stage').boundingBox())!;
    const lists = (await page.getByRole('tablist').boundingBox())!;
    expect(lists.y).toBeGreaterThan(stage.y + stage.height);
    const player = page.locator('.replay-player');
    for (const width of [430, 320]) {
      await page.locator('#root').evaluate((e, to) => (e.style.width = `${to}px`), width);
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        await expect.poll(() => sideways()).toEqual([]);
      }
    }
    expect(await player.evaluate((e) => e.scrollWidth - e.clientWidth)).toBe(0);
  });

  it.each([
    [900, 300],
    [900, 200],
    [420, 300],
    [420, 200],
  ])('has picture and controls in a panel of %d × %d', async (width, height) => {
    await page.setViewportSize({ width: 1000, height: 800 });
    await page
      .locator('#root')
      .evaluate((e, [w, h]) => Object.assign(e.style, { width: `${w}px`, height: `${h}px` }), [
        width,
        height,
      ] as const);
    await show({ traceId: FIXTURE.traceId });
    await waitForState(page, 'paused');
    const player = page.locator('.replay-player');
    const box = (await player.boundingBox())!;
    const isWithin = async (target: Locator): Promise<void> => {
      const { x, y, width: w, height: h } = (await target.boundingBox())!;
      expect(y).toBeGreaterThanOrEqual(box.y);
      expect(y + h).toBeLessThanOrEqual(box.y + box.height);
      expect(x).toBeGreaterThanOrEqual(box.x);
      expect(x + w).toBeLessThanOrEqual(box.x + box.width);
    };
    expect(await player.evaluate((e) => e.scrollHeight - e.clientHeight)).toBe(0);
    expect(await page.getByRole('tablist').count()).toBe(0);
    expect((await page.locator('.replay-stage-page').boundingBox())!.height).toBeGreaterThan(60);
    for (const id of ['play-toggle', 'next-error', 'timeline', 'tools', 'lists']) {
      await isWithin(page.getByTestId(id));
    }
    expect(await rowsOfControls()).toBe(1);
    await page.keyboard.press('?');
    await isWithin(page.locator('.replay-popover-panel'));
    await page.keyboard.press('?');
    await page.getByTestId('lists').click();
    await isWithin(page.getByRole('tablist'));
    expect(await rowsOfControls()).toBe(1);
    await isWithin(page.getByTestId('span-row').first());
    await isWithin(page.getByTestId('play-toggle'));
    await page.keyboard.press('l');
    await page.getByRole('tablist').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('type')))
      .toBe('search');
    await show({ lists: 'none' });
    await page.getByTestId('lists').waitFor({ state: 'detached' });
  });
});

/** How many rows the controls take. */
function rowsOfControls(): Promise<number> {
  return page.locator('.replay-controls').evaluate((controls) => {
    const shown = [...controls.children].map((e) => e.getBoundingClientRect());
    const middles = shown.filter((r) => r.height > 1).map((r) => r.y + r.height / 2);
    return Math.max(...middles) - Math.min(...middles) < 12 ? 1 : 2;
  });
}

/** What can be scrolled sideways beside the stage. */
function sideways(): Promise<string[]> {
  return page.locator('.replay-side').evaluate((side) =>
    [...side.querySelectorAll('*')]
      .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowX))
      .filter((e) => e.scrollWidth > e.clientWidth)
      .map((e) => e.className),
  );
}

describe('masking at playback', () => {
  const secret = { class: 'secret', title: 'opensesame', 'data-word': 'opensesame' };
  const text = (id: number, textContent: string): object => ({ id, type: 3, textContent });
  const PAGE = [
    element(10, 'p', secret, [text(11, 'opensesame'), element(12, 'b', {}, [text(13, 'sesame')])]),
    element(14, 'input', { class: 'secret', value: 'opensesame', placeholder: 'opensesame' }),
    element(15, 'a', { href: 'https://ops.example.com/a/DE4711?of=DE4711', id: 'to-DE4711' }, [
      text(16, 'Account DE4711'),
    ]),
    element(17, 'style', {}, [text(18, ".x::after { content: 'DE4711'; }")]),
    element(19, 'p', {}, [text(20, 'for everybody')]),
  ];
  const SECRETS = /sesame|4711/;

  const open = async (props: Partial<ReplayPlayerProps>): Promise<string[]> => {
    await show({ sessionId: 'masked-later', oneFileUrl: '/assets/one-file.html', ...props });
    await waitForState(page, 'paused');
    await page.getByTestId('tools').click();
    return page.locator('.replay-menu-label').allTextContents();
  };

  /** All that the inspector says of every node, one after the other. */
  const inspected = async (): Promise<string> => {
    await page.getByRole('menuitem', { name: 'Inspect the page' }).click();
    await page.getByTestId('inspected').waitFor();
    await page.getByRole('tree', { name: 'Elements' }).focus();
    const said: string[] = [];
    const panel = page.getByTestId('inspector');
    for (let before = ''; said.length < 60;) {
      // Opens what is closed, and goes on.
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      const now = (await panel.innerHTML()) + (await panel.textContent());
      if (now === before) break;
      said.push((before = now));
    }
    return said.join('\n');
  };

  it('leaves no tool that would tell what it hides', async () => {
    await add('masked-later', PAGE);
    expect(await open({})).toEqual([
      'Copy as Playwright test',
      'Inspect the page',
      'Download the session',
      'Download as one page',
    ]);
    expect(await inspected()).toMatch(SECRETS);
    await page.getByRole('button', { name: 'Close' }).click();

    await show({ masking: { selectors: ['.secret'], text: ['DE4711'] } });
    await expect.poll(() => page.getByTestId('inspector').count()).toBe(0);
    expect(await open({})).toEqual(['Inspect the page']);
    const said = await inspected();
    expect(said).toContain('for everybody');
    expect(said).not.toMatch(SECRETS);
    expect(await page.content()).not.toMatch(SECRETS);
    expect(problems).toEqual([]);
  });
});
