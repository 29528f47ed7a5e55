/** The built viewer in a real browser, against a real server. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodePayload } from '@otel-replay/protocol';
import {
  describeDocument,
  describeReplay,
  replayDocument,
  seekByClick,
  startRig,
  timeOf,
  waitForState,
  waitForTime,
  type Rig,
} from './browser.js';
import { FIXTURE } from './fixture-spans.js';
import { openFixture } from './replay-server.js';

const SESSION = `/sessions/${FIXTURE.sessionId}`;
let rig: Rig;
let page: Page;
let bare: Page;
let problems: string[];

beforeAll(async () => {
  rig = await startRig();
  bare = await openBare();
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
});

async function openAt(offsetMs: number): Promise<void> {
  await page.goto(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + offsetMs}`);
  await waitForState(page, 'paused');
}

/** What rrweb alone shows when it gets every event of the first page and is asked for `time`. */
async function describeBareSeek(time: number): Promise<string[]> {
  await bare.evaluate((at) => {
    const { rrweb, events } = window as unknown as {
      rrweb: { Replayer: new (e: unknown[], o: object) => { pause(t: number): void } };
      events: unknown[];
    };
    document.body.replaceChildren();
    const options = { mouseTail: false, triggerFocus: false };
    const replayer = new rrweb.Replayer(structuredClone(events), options);
    replayer.pause(at);
    Object.assign(window, { replayer });
  }, time - FIXTURE.start);
  await bare.waitForTimeout(50);
  return bare.evaluate(`(${describeDocument.toString()})(window.replayer.iframe.contentDocument)`);
}

/** A page with rrweb alone and all events of the session's first page. */
async function openBare(): Promise<Page> {
  const source = await openFixture();
  const events: unknown[] = [];
  const range = {
    sessionId: FIXTURE.sessionId,
    recordingId: FIXTURE.firstRecordingId,
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
  };
  for await (const { header, payload } of source.segments(range)) {
    events.push(...(await decodePayload(header.payload, payload)));
  }
  const opened = await rig.newPage();
  const rrweb = createRequire(import.meta.url)
    .resolve('rrweb')
    .replace(/[^/]+$/, 'rrweb.umd.cjs');
  await opened.addScriptTag({ content: `window.module={};${readFileSync(rrweb, 'utf8')}` });
  await opened.addScriptTag({ content: `window.events=${JSON.stringify(events)}` });
  return opened;
}

describe('opening', () => {
  it('opens a trace two seconds before it began, with its spans', async () => {
    await page.goto(`${rig.baseUrl}/traces/${FIXTURE.traceId}`);
    await waitForState(page, 'paused');
    expect(await timeOf(page)).toBe(FIXTURE.traceTime - 2000);
    const rows = page.getByTestId('span-row');
    await rows.first().waitFor();
    expect(
      await rows.evaluateAll((all) => all.map((row) => ({ ...(row as HTMLElement).dataset }))),
    ).toEqual([
      expect.objectContaining({
        spanId: FIXTURE.browserSpanId,
        origin: 'browser',
        status: 'error',
      }),
      expect.objectContaining({
        spanId: FIXTURE.failingSpanId,
        origin: 'backend',
        status: 'error',
      }),
      expect.objectContaining({ origin: 'backend', traceId: FIXTURE.traceId }),
    ]);
    expect(problems).toEqual([]);
  });

  it('asks only for what is needed', async () => {
    await page.goto(`${rig.baseUrl}/traces/${FIXTURE.traceId}`);
    await waitForState(page, 'paused');
    const events = rig.server.requests.filter((r) => r.path.includes('/events'));
    const { session } = rig.server.sessions[0]!;
    const checkpoint = session.recordings[0]!.checkpoints.filter(
      (t) => t <= FIXTURE.traceTime - 2000,
    ).at(-1);
    expect(events[0]?.path).toContain(`from=${checkpoint}&`);
    expect(events.every((r) => r.path.includes(FIXTURE.firstRecordingId))).toBe(true);
    const bytes = events.reduce((sum, r) => sum + r.bytes, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(session.bytes * 0.75);
  });

  it.each([7_300, 33_333, 45_000, 66_000])('shows at %d ms what rrweb shows', async (offsetMs) => {
    await openAt(offsetMs);
    const expected = await describeBareSeek(FIXTURE.start + offsetMs);
    expect(expected.length).toBeGreaterThan(200);
    expect(await describeReplay(page)).toEqual(expected);
  });
});

describe('the decision', () => {
  const base = { policy: 'errors', reason: 'a span ended with status ERROR: POST /order' };
  const traceId = FIXTURE.traceId;
  const times = { decidedAt: FIXTURE.start, keepUntil: FIXTURE.start + 1 };
  const dryRun = { policy: 'dry_run', reason: 'everything is kept in a dry run', ...times };

  it.each([
    [{ ...base, ...times, traceId }, `Kept by errors: ${base.reason}`],
    [
      { ...dryRun, dryRun: { ...base, kept: true, decidedAt: 1, traceId } },
      `Dry run: would have been kept by errors: ${base.reason}`,
    ],
    [
      { ...dryRun, dryRun: { policy: 'robots', reason: 'a robot', kept: false, decidedAt: 1 } },
      'Dry run: would have been dropped by robots: a robot',
    ],
    [
      { ...dryRun, dryRun: { reason: 'no policy wanted it', kept: false, decidedAt: 1 } },
      'Dry run: would have been sampled out: no policy wanted it',
    ],
  ] as const)('is in the head line (%#)', async (decision, text) => {
    const source = rig.server.sessions[0]!;
    Object.assign(source.session, { decision });
    try {
      await openAt(0);
      expect(await page.getByTestId('decision').textContent()).toBe(text);
      const trigger = page.getByRole('link', { name: 'Open the trace that triggered it' });
      if (!text.includes('kept') && !text.includes('Kept')) expect(await trigger.count()).toBe(0);
      else {
        await trigger.click();
        await page.waitForURL(`**/traces/${traceId}`);
        await waitForState(page, 'paused');
        expect(await timeOf(page)).toBe(FIXTURE.traceTime - 2000);
      }
      expect(problems).toEqual([]);
    } finally {
      delete source.session.decision;
    }
  });
});

describe('moving', () => {
  it('lets the last of many quick seeks win', async () => {
    await openAt(50_000);
    for (const share of [0.9, 0.1, 0.8, 0.2, 0.7, 0.05]) await seekByClick(page, share);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.start + 10_000);
    await waitForState(page, 'paused');
    expect(await describeReplay(page)).toEqual(await describeBareSeek(FIXTURE.start + 10_000));
    const windows = await page.evaluate(() => {
      const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
      return frame?.contentDocument?.querySelectorAll('.slot').length;
    });
    expect(windows).toBe(1);
    expect(problems).toEqual([]);
  });

  it('does not go to a place that waited, once the viewer went elsewhere', async () => {
    await openAt(50_000);
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/events*', async (route) => {
      await held;
      // The player may have given it up meanwhile.
      await route.continue().catch(() => undefined);
    });
    // The first is under way until it is answered, the second waits for it.
    await seekByClick(page, 0.9);
    await waitForState(page, 'loading');
    await seekByClick(page, 0.3);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    answer();
    await waitForState(page, 'paused');
    expect(await timeOf(page)).toBe(FIXTURE.start + 10_000);
    expect(problems).toEqual([]);
  });

  it('shows another page of the session', async () => {
    await openAt(50_000);
    await page.getByTestId('recording-select').selectOption(FIXTURE.secondRecordingId);
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.start + 78_000);
    await waitForState(page, 'paused');
    expect(await page.getByTestId('replay-url').textContent()).toContain('shop.example.com');
    expect((await describeReplay(page)).join()).not.toContain('Acme Ops');
  });

  it('seeks forth and back to the same picture', async () => {
    await openAt(20_000);
    const first = await describeReplay(page);
    await seekByClick(page, 0.5);
    await waitForState(page, 'paused');
    await expect.poll(() => describeReplay(page)).not.toEqual(first);
    await page.goto(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + 45_000}`);
    await waitForState(page, 'paused');
    await page.keyboard.press('Home');
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.start);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.start + 20_000);
    await expect.poll(() => describeReplay(page)).toEqual(first);
  });

  it('plays to what rrweb shows there, without building the page anew', async () => {
    await openAt(28_000);
    // A checkpoint that were played would put another root element into the document.
    await page.evaluate(`window.root = (${replayDocument.toString()})().documentElement`);
    await page.getByLabel('Speed').selectOption('2');
    await page.getByTestId('play-toggle').click();
    // By the page itself: from here it might come when all was played.
    await page.evaluate(async (time) => {
      const byId = (id: string) => document.querySelector<HTMLElement>(`[data-testid=${id}]`)!;
      while (Number(byId('replay-time').dataset['time']) < time) {
        await new Promise(requestAnimationFrame);
      }
      byId('play-toggle').click();
    }, FIXTURE.start + 33_000);
    await waitForState(page, 'paused');
    const played = await describeReplay(page);
    const time = await timeOf(page);
    const kept = await page.evaluate(
      `window.root === (${replayDocument.toString()})().documentElement`,
    );
    expect(kept).toBe(true);
    expect(time).toBeGreaterThan(FIXTURE.start + 33_000);
    expect(texts(played)).toEqual(texts(await describeBareSeek(time)));
  });

  it('goes on to the next page of the session and ends', async () => {
    await openAt(70_000);
    await page.getByLabel('Speed').selectOption('16');
    await page.getByTestId('play-toggle').click();
    await waitForTime(page, FIXTURE.start + 80_000);
    expect(await page.getByTestId('replay-url').textContent()).toBe(
      'https://shop.example.com/products',
    );
    await waitForState(page, 'ended');
    expect(await timeOf(page)).toBe(rig.server.sessions[0]!.session.lastTimestamp);
    // Slow enough to be seen however slow this machine is.
    await page.getByLabel('Speed').selectOption('0.5');
    await page.getByTestId('play-toggle').click();
    await waitForState(page, 'playing');
    await expect.poll(() => timeOf(page)).toBeLessThan(FIXTURE.start + 40_000);
    expect(problems).toEqual([]);
  });

  it('follows the keyboard', async () => {
    await openAt(10_000);
    await page.keyboard.press(' ');
    await waitForState(page, 'playing');
    await page.keyboard.press(' ');
    await waitForState(page, 'paused');
    await page.keyboard.press('e');
    await expect.poll(() => timeOf(page)).toBeGreaterThan(FIXTURE.traceTime - 1500);
    expect(await timeOf(page)).toBeLessThan(FIXTURE.traceTime + 1000);
    await page.keyboard.press('End');
    await expect.poll(() => timeOf(page)).toBe(rig.server.sessions[0]!.session.lastTimestamp);
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => timeOf(page))
      .toBe(rig.server.sessions[0]!.session.lastTimestamp - 10_000);
  });

  it('waits while its page is hidden', async () => {
    await openAt(10_000);
    await page.getByTestId('play-toggle').click();
    await waitForState(page, 'playing');
    const hide = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await waitForState(page, 'paused');
    const time = await timeOf(page);
    await page.waitForTimeout(200);
    expect(await timeOf(page)).toBe(time);
    await hide(false);
    await waitForState(page, 'playing');
  });

  it('seeks to a span, and to a moment', async () => {
    await page.goto(`${rig.baseUrl}/traces/${FIXTURE.traceId}`);
    await waitForState(page, 'paused');
    await page.locator(`[data-span-id="${FIXTURE.failingSpanId}"]`).click();
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.traceTime + 40);
    await expect
      .poll(() => page.getAttribute(`[data-span-id="${FIXTURE.failingSpanId}"]`, 'data-active'))
      .toBe('true');
    await page.getByRole('tab', { name: /Events/ }).click();
    await page.locator('[data-testid=moment-row][data-kind=rage_click]').click();
    await expect.poll(() => timeOf(page)).toBe(FIXTURE.start + 51_000);
  });

  it('fills the screen, copies the moment, and shows the pointer and its clicks', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openAt(41_000);
    const full = (): Promise<string | undefined> =>
      page.evaluate(() => document.fullscreenElement?.className);
    await page.keyboard.press('f');
    await expect.poll(full).toBe('replay-player');
    await page.keyboard.press('f');
    await expect.poll(full).toBeUndefined();

    await page.getByRole('button', { name: 'Copy link to this moment' }).click();
    await page.getByText('Link copied').waitFor({ state: 'attached' });
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + 41_000}`);

    // Noted by the page itself: it lasts a third of a second.
    await page.evaluate(() => {
      const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
      const places = new Set<string>();
      const told = { places, clicks: 0 };
      Object.assign(window, { told });
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const mouse = target as HTMLElement;
          if (!mouse.classList.contains('replayer-mouse')) continue;
          places.add(`${mouse.style.left} ${mouse.style.top}`);
          if (mouse.classList.contains('active')) told.clicks++;
        }
      }).observe(frame!.contentDocument!, { subtree: true, attributes: true });
    });
    await page.getByTestId('play-toggle').click();
    const told = (): Promise<{ moves: number; clicks: number }> =>
      page.evaluate(() => {
        const { places, clicks } = (
          window as unknown as { told: { places: Set<string>; clicks: number } }
        ).told;
        return { moves: places.size, clicks };
      });
    await expect.poll(async () => (await told()).moves, { timeout: 60_000 }).toBeGreaterThan(3);
    await expect.poll(async () => (await told()).clicks, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  it('skips inactivity', async () => {
    await openAt(79_000);
    await page.getByLabel('Skip inactivity').check();
    await page.getByTestId('play-toggle').click();
    await page.locator('[data-kind=inactivity_skipped]').waitFor();
    expect(problems).toEqual([]);
  });
});

/** Hover and transition classes depend on the frame that was reached; structure and text do not. */
function texts(lines: readonly string[]): string[] {
  return lines.filter((line) => /^\d+ "/.test(line));
}

describe('the list', () => {
  it('lists, searches and opens sessions', async () => {
    await page.goto(`${rig.baseUrl}/`);
    await page.getByTestId('session-row').waitFor();
    const search = page.getByRole('searchbox');
    await search.fill('nobody');
    await search.press('Enter');
    await page.locator('[data-reason=no_match]').waitFor();
    await search.fill('ops.example.com/orders');
    await search.press('Enter');
    await page.getByTestId('session-row').waitFor();
    expect(rig.server.requests.at(-1)?.path).toContain('url=ops.example.com');
    await search.fill(FIXTURE.traceId.toUpperCase());
    await search.press('Enter');
    await waitForState(page, 'paused');
    expect(new URL(page.url()).pathname).toBe(`/traces/${FIXTURE.traceId}`);
    await page.goBack();
    await page.getByTestId('session-row').waitFor();
  });

  it('opens an export file', async () => {
    await page.goto(`${rig.baseUrl}/`);
    const file = new URL('fixtures/session.replay', import.meta.url).pathname;
    await page.getByTestId('file-input').setInputFiles(file);
    await waitForState(page, 'paused');
    expect(rig.server.requests.some((r) => r.path.includes('/events'))).toBe(false);
    expect(await page.getByTestId('lane-span').count()).toBe(5);
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByTestId('file-input').setInputFiles({
      name: 'x.replay',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('this is no export file at all'),
    });
    await page.getByRole('alert').waitFor();
  });
});
