/** What is beside the replay, in a real browser: each list holds what was recorded, and seeks. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayEvent } from '@otel-replay/protocol';
import { ExportSource } from '../src/engine/client/export-source.js';
import { describeReplay, startRig, timeOf, waitForState, type Rig } from './browser.js';
import { FIXTURE } from './fixture-spans.js';
import { sessionFile } from './one-segment.js';

const SESSION = `/sessions/${FIXTURE.sessionId}`;
let rig: Rig;
let page: Page;
let problems: string[];

beforeAll(async () => {
  rig = await startRig();
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(async () => {
  await page?.close();
  rig.server.reset();
  page = await rig.newPage({ viewport: { width: 1400, height: 900 } });
  problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
});

async function openTab(name: string, path = `/traces/${FIXTURE.traceId}`): Promise<void> {
  await page.goto(rig.baseUrl + path);
  await waitForState(page, 'paused');
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
}

/** A session that begins as the fixture does, with a page of one word; returns its id. */
async function add(sessionId: string, more: readonly ReplayEvent[]): Promise<string> {
  const body = { id: 3, type: 2, tagName: 'body', attributes: {}, childNodes: [] };
  const html = { id: 2, type: 2, tagName: 'html', attributes: {}, childNodes: [body] };
  const node = { id: 1, type: 0, childNodes: [html] };
  const href = 'https://ops.example.com/';
  const events: ReplayEvent[] = [
    { type: 4, timestamp: FIXTURE.start, data: { href, width: 800, height: 600 } },
    {
      ...{ type: 2, timestamp: FIXTURE.start },
      data: { node, initialOffset: { top: 0, left: 0 } },
    },
    ...more,
    { type: 3, timestamp: FIXTURE.start + 20_000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
  rig.server.sessions.push(await ExportSource.open(await sessionFile(events, { sessionId })));
  return sessionId;
}

const rows = (testId: string): Promise<string[]> =>
  page.getByTestId(testId).evaluateAll((all) => all.map((row) => row.textContent ?? ''));
const seekedTo = (offsetMs: number): Promise<void> =>
  expect.poll(() => timeOf(page), { timeout: 30_000 }).toBe(FIXTURE.start + offsetMs);
const poll = <T>(get: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> =>
  expect.poll(get, { timeout: 30_000 });

describe('network', () => {
  it('has what the spans say at once, and the rest when it was read', async () => {
    await openTab('Network');
    await poll(() => rows('request-row')).toHaveLength(6);
    const all = await rows('request-row');
    expect(all.map((row) => /(GET|POST)/.exec(row)?.[0])).toEqual([
      'GET',
      'GET',
      'GET',
      'GET',
      'POST',
      'GET',
    ]);
    expect(all[0]).toMatch(/\/api\/customers.*200.*1\.64 s.*234 KiB/);
    expect(all[4]).toMatch(/\/orders\/4711\/refund.*500.*480 ms/);
    expect(all[5]).toContain('given up');
    await page.getByTestId('request-row').nth(2).click();
    await seekedTo(20_910);
    expect(await page.getByTestId('detail').textContent()).toContain('58 B');
    expect(problems).toEqual([]);
  });

  it('filters, searches, and leads to the span', async () => {
    await openTab('Network');
    await poll(() => rows('request-row')).toHaveLength(6);
    await page.getByRole('button', { name: /4xx, 5xx/ }).click();
    await poll(() => rows('request-row')).toHaveLength(2);
    await page.keyboard.press('/');
    await page.keyboard.type('refund');
    await poll(() => rows('request-row')).toHaveLength(1);
    await page.getByTestId('request-row').click();
    await page.getByRole('button', { name: 'Show span' }).click();
    const span = page.locator(`[data-span-id="${FIXTURE.browserSpanId}"][data-testid=span-row]`);
    await span.waitFor();
    expect(await span.getAttribute('aria-selected')).toBe('true');
  });
});

describe('console', () => {
  it('lists by level, and tells the whole entry', async () => {
    await openTab('Console');
    await poll(() => rows('console-row')).toHaveLength(4);
    await page.getByRole('button', { name: /^Errors/ }).click();
    await poll(() => rows('console-row')).toHaveLength(1);
    await page.getByTestId('console-row').click();
    await seekedTo(42_200);
    const detail = await page.getByTestId('detail').textContent();
    expect(detail).toContain('Refund failed: card network timeout (request 7f31)');
    expect(detail).toContain('3 entries');
  });

  it('says that it is off by default where there is nothing', async () => {
    await openTab('Console', `/sessions/${await add('quiet', [])}`);
    await page.getByText('Recording it is off by default').waitFor();
    await page.getByRole('tab', { name: /^Errors/ }).click();
    await page.getByText('No errors').waitFor();
  });

  it('stays small with ten thousand entries', async () => {
    const entries = Array.from({ length: 10_000 }, (_, n) => ({
      type: 5,
      timestamp: FIXTURE.start + 10 + n,
      data: { tag: 'session_replay.console', payload: { level: 'log', text: `entry ${n}` } },
    }));
    await openTab('Console', `/sessions/${await add('long', entries)}`);
    const list = page.getByRole('listbox', { name: 'Console' });
    await list.focus();
    await page.keyboard.press('End');
    await poll(() => rows('console-row')).toContainEqual(expect.stringContaining('entry 9999'));
    expect((await rows('console-row')).length).toBeLessThan(60);
    await page.keyboard.press('Enter');
    await seekedTo(10_009);
    await page.getByRole('searchbox').fill('entry 777');
    // 777 itself, and 7770 to 7779.
    await poll(() => rows('console-row')).toHaveLength(11);
  });
});

describe('errors', () => {
  it('have message and stack of the trace, and lead to it', async () => {
    await openTab('Errors');
    await poll(() => rows('error-row')).toHaveLength(2);
    await page.getByTestId('error-row').first().click();
    // A second before, so that one sees it come.
    await seekedTo(41_060);
    const detail = await page.getByTestId('detail').textContent();
    expect(detail).toContain('TimeoutError: card network timeout after 370 ms');
    expect(detail).toContain('at CardNetwork.refund');
    await page.getByRole('button', { name: 'Show span' }).click();
    await page.locator('[data-testid=span-row][aria-selected=true]').waitFor();
    await page.keyboard.press('Escape');
  });

  it('are gone round by buttons and keys', async () => {
    await openTab('Errors', `${SESSION}?t=${FIXTURE.start}`);
    await page.getByTestId('next-error').click();
    await seekedTo(41_060);
    await page.keyboard.press('Home');
    await seekedTo(0);
    await page.keyboard.press('Shift+E');
    await seekedTo(41_060);
  });
});

describe('events', () => {
  it('are everything that recorders note', async () => {
    await openTab('Events');
    await page.getByTestId('reading').waitFor({ state: 'detached' });
    const kinds = new Set<string>();
    const list = page.getByRole('listbox', { name: 'Events' });
    await list.focus();
    for (let n = 0; n < 8; n++) {
      const shown = await page
        .getByTestId('moment-row')
        .evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset['kind'] ?? ''));
      for (const kind of shown) kinds.add(kind);
      await page.keyboard.press('PageDown');
    }
    expect([...kinds].sort()).toEqual(
      [
        ...[
          'click',
          'console_error',
          'dead_click',
          'error',
          'event',
          'feature_flag',
          'freeze',
          'input',
        ],
        ...['long_task', 'navigation', 'rage_click', 'visibility', 'web_vital'],
      ].sort(),
    );
    expect(
      await page.getByTestId('moment-row').filter({ hasText: 'Click on' }).count(),
    ).toBeGreaterThan(0);
  });

  it('have their attributes, and are gone to by keys', async () => {
    await openTab('Events');
    await page.getByRole('button', { name: /^Custom/ }).click();
    await poll(() => rows('moment-row')).toEqual([
      expect.stringContaining('filter_changedfield=status values=open,held count=2'),
      expect.stringContaining('refund_abandoned'),
      expect.stringContaining('added_to_cart'),
    ]);
    await page.getByRole('listbox', { name: 'Events' }).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await seekedTo(57_500);
    expect(await page.getByTestId('detail').textContent()).toContain('4711');
    await page.keyboard.press('Escape');
    await page.getByTestId('detail').waitFor({ state: 'detached' });
  });

  it('follow the playhead until somebody scrolls', async () => {
    await openTab('Events');
    await page.getByTestId('reading').waitFor({ state: 'detached' });
    const current = page.locator('[data-testid=moment-row][data-current]');
    await page.keyboard.press('End');
    await poll(async () => Number(await current.getAttribute('aria-posinset'))).toBeGreaterThan(20);
    await page.getByRole('listbox', { name: 'Events' }).hover();
    await page.mouse.wheel(0, -5000);
    await poll(() => page.getByTestId('follow').getAttribute('aria-pressed')).toBe('false');
    await poll(() => current.count()).toBe(0);
    await page.getByTestId('follow').click();
    await poll(() => current.count()).toBe(1);
  });
});

describe('details', () => {
  it('tell what is known of the session, at this moment', async () => {
    await openTab('Details');
    const details = page.getByTestId('details');
    await poll(() => details.textContent()).toContain('beta-search');
    await page.getByTestId('reading').waitFor({ state: 'detached' });
    await poll(() => details.textContent()).toContain('CLS');
    const text = (await details.textContent()) ?? '';
    for (const fact of [
      FIXTURE.sessionId,
      'mara.lindqvist',
      '1366 × 850',
      'default',
      'CLS',
      '/orders',
    ]) {
      expect(text).toContain(fact);
    }
    // Stored before more was kept: what is not known is not said.
    for (const unknown of ['Screen', 'Recorder ', 'without a word']) {
      expect(text).not.toContain(unknown);
    }
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await seekedTo(78_000);
    expect((await describeReplay(page)).join()).not.toContain('Acme Ops');
  });

  it('tell what it was watched with, what recorded it, and what is missing', async () => {
    const id = await add('details', []);
    const { session } = rig.server.sessions.find((s) => s.session.sessionId === id)!;
    const [recording] = session.recordings;
    const [segment] = recording!.segments;
    recording!.environment = {
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36',
      'session_replay.screen': '2560x1440',
      'session_replay.recorder': 'recorder-otel/0.1.0',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.2.0',
    };
    Object.assign(segment!, { final: true, droppedEvents: 7, droppedTraceIds: 3 });
    // Two more came never, and one cannot be had.
    recording!.segments.push({ ...segment!, index: 3, checkpoint: true, droppedEvents: 0 });
    rig.server.lostSegments.add(3);
    await openTab('Details', `/sessions/${id}`);
    const fact = (name: string): Promise<string | null> =>
      page.locator('.replay-facts > div', { hasText: new RegExp(`^${name}`) }).textContent();
    await poll(() => fact('Could not be read')).toContain('1 segment');
    expect(await fact('Never arrived')).toContain('2 segments');
    expect(await fact('Dropped by the recorder')).toContain('7 events');
    expect(await fact('Traces beyond those named')).toContain('6 traces');
    expect(await fact('Browser')).toContain('Chrome 142');
    expect(await fact('System')).toContain('Linux');
    expect(await fact('Screen')).toContain('2560 × 1440 px');
    expect(await fact('Window')).toContain('800 × 600 px');
    expect(await fact('Recorder')).toContain('recorder-otel 0.1.0');
    expect(await fact('OpenTelemetry SDK')).toContain('opentelemetry 2.2.0');
    expect(await fact('End')).toContain('the page was left');
    await page.getByRole('searchbox').fill('chrome');
    await poll(() => page.locator('.replay-section h2').allTextContents()).toEqual([
      'Watched with',
    ]);
    await page.getByRole('searchbox').fill('nothing is called so');
    await page.getByText('Nothing is called so').waitFor();
    expect(problems).toEqual([]);
  });
});

it('are searched, each of them', async () => {
  await openTab('Spans');
  for (const [tab, row, words] of [
    ['Spans', 'span-row', 'PAYMENTS'],
    ['Network', 'request-row', 'refund'],
    ['Console', 'console-row', 'card network'],
    ['Errors', 'error-row', 'timeout'],
    ['Events', 'moment-row', 'filter_changed'],
    ['Details', 'details', 'mara'],
  ] as const) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
    await page.getByRole('searchbox').fill(words);
    const found = page.getByTestId(row).filter({ hasText: new RegExp(words, 'i') });
    await found.first().waitFor();
    await page.getByRole('searchbox').fill('nothing holds these words');
    await found.first().waitFor({ state: 'detached' });
    await page.locator('.replay-empty').waitFor();
  }
});

describe('the time line', () => {
  it('has a shape for each kind, and tells what lies under the pointer', async () => {
    await openTab('Events');
    await page.getByTestId('reading').waitFor({ state: 'detached' });
    const kinds = [
      'error',
      'rage_click',
      'dead_click',
      'freeze',
      'long_task',
      'navigation',
      'event',
    ];
    const shapes = new Set<string>();
    for (const kind of kinds) {
      const marker = page.locator(`[data-testid=marker][data-kind=${kind}]`).first();
      shapes.add(await marker.locator('svg').innerHTML());
    }
    expect(shapes.size).toBe(kinds.length);
    await page.locator('[data-testid=marker][data-kind=rage_click]').hover();
    await poll(() => page.getByTestId('tooltip').textContent()).toContain('Rage click');
    expect(await page.getByTestId('tab-bar').count()).toBe(2);
    const strip = await page.getByTestId('density').locator('path').first().getAttribute('d');
    expect(strip?.split('L').length).toBeGreaterThan(300);
    await page.locator('[data-testid=marker][data-kind=freeze]').click();
    await seekedTo(61_900);
  });

  it('lets a drag end where it was let go, and says where that is', async () => {
    await openTab('Spans', `${SESSION}?t=${FIXTURE.start}`);
    const box = (await page.getByTestId('timeline').boundingBox())!;
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + 5, y);
    await page.mouse.down();
    for (let share = 0.1; share <= 0.9; share += 0.1)
      await page.mouse.move(box.x + share * box.width, y);
    await page.mouse.move(box.x + 0.5 * box.width, y);
    await page.mouse.up();
    const { firstTimestamp, lastTimestamp } = rig.server.sessions[0]!.session;
    const middle = (firstTimestamp + lastTimestamp) / 2;
    await poll(async () => Math.abs((await timeOf(page)) - middle)).toBeLessThan(300);
    await waitForState(page, 'paused');
    expect(await page.getByTestId('timeline').getAttribute('aria-valuetext')).toMatch(
      /^0:5\d of 1:57/,
    );
  });
});

describe('the legend', () => {
  it('names every kind that is drawn, is reached by keys, and marks are told as text', async () => {
    await openTab('Events');
    await page.getByTestId('reading').waitFor({ state: 'detached' });
    await page.getByTestId('tools').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const legend = page.getByTestId('legend');
    await legend.waitFor();
    const kinds = await page
      .getByTestId('marker')
      .evaluateAll((all) => [...new Set(all.map((e) => (e as HTMLElement).dataset['kind']!))]);
    const shapes = await legend.locator('svg').evaluateAll((all) => all.map((e) => e.innerHTML));
    for (const kind of kinds) {
      const marker = page.locator(`[data-testid=marker][data-kind=${kind}] svg`).first();
      expect(shapes).toContain(await marker.innerHTML());
    }
    expect(await legend.textContent()).toContain('Rage click 1Several clicks at one place');
    await page.keyboard.press('Escape');
    await legend.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Marks and keys',
    );
    // Who cannot see a mark is told of it where the keys lead.
    await page.goto(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + 50_000}`);
    await waitForState(page, 'paused');
    await page.getByTestId('timeline').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await poll(() => page.getByTestId('timeline').getAttribute('aria-valuetext')).toContain(
      'rage click',
    );
  });
});

describe('controls', () => {
  it('take one row at 1300 px, with two pages and a session that is recorded', async () => {
    const { session } = rig.server.sessions[0]!;
    session.state = 'active';
    try {
      await page.setViewportSize({ width: 1300, height: 800 });
      // Never answered: news of it would only end it.
      await page.route('**/live?*', () => undefined);
      await page.goto(`${rig.baseUrl}${SESSION}`);
      await page.getByTestId('go-live').waitFor({ timeout: 90_000 });
      await page.getByTestId('recording-select').waitFor({ timeout: 90_000 });
      const rects = await page
        .locator('.replay-controls > *')
        .evaluateAll((all) => all.map((e) => e.getBoundingClientRect().toJSON() as DOMRect));
      const shown = rects.filter((r) => r.height > 1);
      for (const [at, rect] of shown.entries()) {
        expect(
          Math.abs(rect.y + rect.height / 2 - (shown[0]!.y + shown[0]!.height / 2)),
        ).toBeLessThan(6);
        // None upon another.
        if (at > 0) expect(rect.x).toBeGreaterThanOrEqual(shown[at - 1]!.right - 0.5);
      }
    } finally {
      session.state = 'ended';
    }
  });
});

describe('keys', () => {
  it('choose speed, size and list, and are listed', async () => {
    await openTab('Spans');
    await page.keyboard.press('>');
    await poll(() => page.getByLabel('Speed').inputValue()).toBe('2');
    await page.keyboard.press('z');
    await poll(() => page.getByTestId('scale').textContent()).toBe('100 %');
    await page.keyboard.press('6');
    await page.getByTestId('details').waitFor();
    await page.keyboard.press('?');
    await poll(() => page.getByTestId('key-help').textContent()).toContain(
      'Next or previous error',
    );
    await page.keyboard.press('?');
    await page.getByTestId('key-help').waitFor({ state: 'detached' });
    const time = await timeOf(page);
    await page.keyboard.press('.');
    await seekedTo(time + 1000 - FIXTURE.start);
    expect(problems).toEqual([]);
  });
});

describe('reading', () => {
  it('reads nothing more than the picture needs until a list is looked at', async () => {
    await page.goto(`${rig.baseUrl}/traces/${FIXTURE.traceId}`);
    await waitForState(page, 'paused');
    const asked = (): number =>
      rig.server.requests.filter((r) => r.path.includes(FIXTURE.secondRecordingId)).length;
    expect(asked()).toBe(0);
    await page.getByRole('tab', { name: /^Console/ }).click();
    await poll(() => asked()).toBeGreaterThan(0);
  });
});
