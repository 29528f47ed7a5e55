/** What is recorded besides the DOM, read from the bytes that arrive. */
import type { ReplayEvent, SegmentHeader } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>#big { font-size: 60px }</style><h1 id="big" data-replay-unmask>Shop</h1>
    <p id="late"></p><button id="busy">Work</button><script src="/app.js"></script>`,
  routes: {
    '/ok': { type: 'text/plain', body: 'fine' },
    '/fails': { type: 'text/plain', body: 'broken', status: 500 },
    '/hangs': () => undefined,
  },
});

interface Custom {
  tag: string;
  payload: Record<string, unknown>;
  timestamp: number;
}

const custom = (events: readonly ReplayEvent[]): Custom[] =>
  events
    .filter(({ type }) => type === 5)
    .map(({ data, timestamp }) => ({ ...(data as Omit<Custom, 'timestamp'>), timestamp }));

/** Everything of that kind so far; sends what is still in the page. */
async function recorded(page: Page, tag: string): Promise<Custom[]> {
  await page.evaluate('replay.forceFlush()');
  return custom(await run.ingest.events()).filter((event) => event.tag === `session_replay.${tag}`);
}

/** Waits until there are so many of a kind. */
async function until(page: Page, tag: string, count: number): Promise<Custom[]> {
  let found: Custom[] = [];
  await run.ingest.until(async () => (found = await recorded(page, tag)).length >= count);
  return found;
}

const sum = (field: keyof SegmentHeader): number =>
  run.ingest.segments.reduce((total, { header }) => total + Number(header[field] ?? 0), 0);

const open = (options: object, more: Record<string, string> = {}): Promise<Page> =>
  run.open({ options: JSON.stringify(options), ...more });

/** The part that is loaded late is at work. */
async function ready(page: Page): Promise<void> {
  await page.evaluate('replay.addEvent("ready")');
  await until(page, 'event', 1);
}

test('requests are told as the spans of fetch and XHR tell them, and nothing is patched', async () => {
  const page = await open({});
  const own = await page.evaluate('/native|patch/.exec(fetch.toString())?.[0]');
  await page.evaluate(async () => {
    const { xhr } = window as unknown as { xhr: (url: string, then?: unknown) => Promise<void> };
    const no = (): void => undefined;
    await fetch('/ok?secret=1#part');
    await fetch('/missing', { method: 'POST', body: '12345' });
    await fetch('/fails');
    await fetch('http://127.0.0.1:1/refused').catch(no);
    const control = new AbortController();
    setTimeout(() => control.abort(), 200);
    await fetch('/hangs', { signal: control.signal }).catch(no);
    await xhr('/ok?secret=2');
    await xhr('/fails');
    await xhr('http://127.0.0.1:1/refused');
    await xhr('/hangs', (request: XMLHttpRequest) => setTimeout(() => request.abort(), 200));
  });
  const requests = await until(page, 'request', 9);
  const { origin } = run.site;
  const told = requests.map(({ payload: { start, durationMs, traceId, spanId, ...rest } }) => {
    expect(Math.abs(Number(start) - Date.now())).toBeLessThan(600_000);
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    return rest;
  });
  const ok = { method: 'GET', url: `${origin}/ok`, status: 200 };
  const fails = { method: 'GET', url: `${origin}/fails`, status: 500, failed: true };
  const refused = { method: 'GET', url: 'http://127.0.0.1:1/refused', status: 0, failed: true };
  const hangs = { method: 'GET', url: `${origin}/hangs`, status: 0, aborted: true };
  // The site answers 200 to paths it does not know.
  const posted = { method: 'POST', url: `${origin}/missing`, status: 200, requestBytes: 5 };
  expect(told).toEqual([ok, posted, fails, refused, hangs, ok, fails, refused, hangs]);
  expect(sum('requestCount')).toBe(9);
  expect(sum('failedRequestCount')).toBe(4);
  expect(sum('errorCount')).toBe(4);
  const traces = run.ingest.segments.flatMap(({ header }) => header.traceIds);
  for (const { payload } of requests) expect(traces).toContain(payload['traceId']);
  expect(await page.evaluate('/native|patch/.exec(fetch.toString())?.[0]')).toBe(own);
  expect(JSON.stringify(await run.ingest.events())).not.toContain('secret');
  // Of our own requests nothing is told: nine were made, nine are here.
  expect(await recorded(page, 'request')).toHaveLength(9);
});

test('navigations are told by every way there is, and whether the page is seen', async () => {
  const page = await open({});
  await ready(page);
  await page.evaluate(`history.pushState({}, '', '/cart?token=secret')`);
  await until(page, 'navigation', 1);
  await page.evaluate(`history.replaceState({}, '', '/pay#secret')`);
  await until(page, 'navigation', 2);
  await page.evaluate(`location.hash = 'other'`);
  await page.goBack();
  await page.goBack();
  const visits = await until(page, 'navigation', 3);
  const { origin } = run.site;
  expect(visits.map(({ payload }) => payload)).toEqual([
    { url: `${origin}/cart` },
    { url: `${origin}/pay` },
    { url: `${origin}/` },
  ]);
  await page.evaluate(() => {
    let state: DocumentVisibilityState = 'hidden';
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    state = 'visible';
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  const seen = await until(page, 'visibility', 2);
  expect(seen.map(({ payload }) => payload['state'])).toEqual(['hidden', 'visible']);
});

test('the console is told masked, within its limits, and is what it was after stop()', async () => {
  const options = { capture: { console: { maxPerMinute: 3, maxLength: 40 } } };
  const before = `[console.log, console.error, console.warn].map((f) => f.toString() + f.name + f.length)`;
  const page = await run.context.newPage();
  await page.addInitScript(
    `window.original = [console.log, console.warn, console.error]; window.text = ${before}`,
  );
  await page.goto(run.site.page(run.ingest.url, { options: JSON.stringify(options) }));
  const text = await page.evaluate('text');
  await ready(page);
  await run.ingest.until(async () => page.evaluate('console.error !== original[2]'));
  expect(await page.evaluate(before)).toEqual(text);
  await page.evaluate(() => {
    window.console.log('secret not asked for');
    window.console.warn('secret', { secret: 1 });
    window.console.error(new Error('secret'));
    window.console.error('secret '.repeat(20));
    window.console.error('one too many');
  });
  const entries = await until(page, 'console', 3);
  expect(entries.map(({ payload }) => payload)).toEqual([
    { level: 'warn', text: '****** ******** **' },
    { level: 'error', text: '****** ******' },
    { level: 'error', text: `${'****** '.repeat(5)}*****` },
  ]);
  expect(sum('consoleErrorCount')).toBe(3);
  expect(await page.evaluate('console.log === original[0]')).toBe(true);
  await page.evaluate('replay.stop()');
  expect(await page.evaluate('console.warn === original[1] && console.error === original[2]')).toBe(
    true,
  );
  // What the page said got to its console all the same.
  await expect.poll(() => run.pageErrors).toHaveLength(3);
});

test('unmasked, the console shows values without running code of the page', async () => {
  const page = await open({ capture: { console: { levels: ['log'], unmask: true } } });
  await ready(page);
  await run.ingest.until(() =>
    page.evaluate('/^function \\(\\)/.test(Function.prototype.toString.call(console.log))'),
  );
  await page.evaluate(() => {
    const state = window as unknown as { calls: number };
    state.calls = 0;
    const trap = {
      plain: 1,
      get secret() {
        return state.calls++;
      },
      toString: () => String(state.calls++),
      toJSON: () => state.calls++,
    };
    const loop: Record<string, unknown> = { name: 'loop', list: [1, 'two', null, undefined] };
    loop['self'] = loop;
    window.console.log('a %s', 5, true, null, 7n, Symbol('s'));
    window.console.log(trap);
    window.console.log(loop);
    window.console.log(document.querySelector('#big'), document, [{ a: { b: { c: { d: 1 } } } }]);
    window.console.log(
      new TypeError('wrong'),
      class Cart {},
      Array.from({ length: 30 }, (_, i) => i),
    );
  });
  const entries = await until(page, 'console', 5);
  expect(entries.map(({ payload }) => payload['text'])).toEqual([
    'a %s 5 true null 7n Symbol(s)',
    '{plain: 1, secret: (…), toString: ƒ toString, toJSON: ƒ toJSON}',
    '{name: "loop", list: [1, "two", null, undefined], self: [circular]}',
    '<h1> <#document> [{a: {b: {…}}}]',
    `TypeError: wrong ƒ Cart [${Array.from({ length: 20 }, (_, i) => i).join(', ')}, …]`,
  ]);
  expect(await page.evaluate('calls')).toBe(0);
});

test('web vitals name the element they are about, and nothing it says', async () => {
  const page = await open({});
  await ready(page);
  await page.click('#busy');
  await run.ingest.until(async () => {
    await page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))',
    );
    const names = (await recorded(page, 'web_vital')).map(({ payload }) => payload['name']);
    return ['CLS', 'FCP', 'LCP', 'TTFB'].every((name) => names.includes(name));
  });
  const vitals = await recorded(page, 'web_vital');
  for (const { payload } of vitals) {
    expect(payload['value']).toBeGreaterThanOrEqual(0);
    expect(['good', 'needs-improvement', 'poor']).toContain(payload['rating']);
    expect(Object.keys(payload).every((key) => /^(name|value|rating|id)$/.test(key))).toBe(true);
  }
  const largest = vitals.filter(({ payload }) => payload['name'] === 'LCP').at(-1)!;
  const id: unknown = await page.evaluate(`window.lcpId = ${String(largest.payload['id'])}`);
  const heading = JSON.stringify(await run.ingest.events());
  expect(heading).toContain(
    `"attributes":{"id":"big","data-replay-unmask":""},"childNodes":[{"type":3,"textContent":"Shop","id":${Number(id) + 1}}],"id":${String(id)}`,
  );
});

test('web vitals go along with what is sent anyway, and a page that is gone says no more', async () => {
  const page = await open({ flushIntervalMs: 300 });
  const id = await page.evaluate('replay.recordingId');
  // By time alone, while the page is seen.
  await page.evaluate(`setInterval(() => replay.addEvent('tick'), 100)`);
  const tags = async (): Promise<string[]> =>
    custom(await run.ingest.events()).map(({ tag }) => tag);
  await run.ingest.until(async () => (await tags()).includes('session_replay.web_vital'));
  expect(await tags()).not.toContain('session_replay.visibility');
  await page.goto(run.site.page(run.ingest.url, { options: '{"flushIntervalMs":300}' }));
  await run.ingest.until(() => run.ingest.recordingIds.length > 1);
  const before = run.ingest.segments.filter(({ header }) => header.recordingId === id);
  const ends = before.findIndex(({ header }) => header.final);
  expect(ends === -1 || ends === before.length - 1).toBe(true);
});

test('long tasks are told with their time, and their script without its query', async () => {
  const page = await open({});
  await ready(page);
  await page.evaluate(() => {
    document.querySelector('#busy')!.addEventListener('click', () => {
      const end = performance.now() + 250;
      while (performance.now() < end);
    });
  });
  await page.click('#busy');
  let long: Custom | undefined;
  await run.ingest.until(async () => {
    const tasks = await recorded(page, 'long_task');
    long = tasks.find(({ payload }) => Number(payload['durationMs']) >= 250);
    return long !== undefined;
  });
  expect(long!.payload['blockingMs']).toBeGreaterThanOrEqual(150);
  expect(Number(long!.payload['start'])).toBeLessThanOrEqual(long!.timestamp);
  expect(JSON.stringify(long!.payload)).not.toContain('?');
  expect(sum('longTaskCount')).toBeGreaterThanOrEqual(1);
});

test('events, flags and the user are in the words of the page, from the first moment on', async () => {
  const page = await open({}, { early: 'early' });
  await until(page, 'event', 1);
  await page.evaluate(() => {
    const { replay } = window as unknown as { replay: Record<string, (...a: unknown[]) => void> };
    replay['addEvent']!('checkout', { step: 2, paid: false, items: ['a', 'b'] });
    replay['setFeatureFlag']!('new-cart', 'blue');
    replay['setFeatureFlag']!('new-cart', 'blue');
    replay['setFeatureFlag']!('new-cart', 'green');
    replay['setUser']!('user-7');
    replay['addEvent']!('as user 7');
    replay['setUser']!({ hash: '9f86d081' });
    replay['addEvent']!('as a hash');
    replay['setUser']!(undefined);
    replay['addEvent']!('as nobody', { long: 'x'.repeat(2000), bad: {}, list: [1, 'x'] });
    replay['addEvent']!('');
    replay['setUser']!({ id: 5 });
  });
  const said = await until(page, 'event', 5);
  expect(said.map(({ payload }) => payload)).toEqual([
    { name: 'early' },
    { name: 'checkout', attributes: { step: 2, paid: false, items: ['a', 'b'] } },
    { name: 'as user 7' },
    { name: 'as a hash' },
    { name: 'as nobody', attributes: { long: 'x'.repeat(1000) } },
  ]);
  const flags = await recorded(page, 'feature_flag');
  expect(flags.map(({ payload }) => Object.values(payload))).toEqual([
    ['early', 'true'],
    ['new-cart', 'blue'],
    ['new-cart', 'green'],
  ]);
  expect(Object.keys(flags[0]!.payload)).toEqual([
    'feature_flag.key',
    'feature_flag.result.variant',
  ]);
  const users = run.ingest.segments.map(({ header }) => [header.userId, header.userHash]);
  expect(users.slice(-3)).toEqual([
    ['user-7', undefined],
    [undefined, '9f86d081'],
    [undefined, undefined],
  ]);
  expect(sum('customEventCount')).toBe(5);
  expect(await page.evaluate('errors')).toEqual([
    'RangeError: addEvent "as nobody": long cut to 1000 characters; bad left out: not a string, number, boolean or list of one of them; list left out: not a string, number, boolean or list of one of them',
    'TypeError: addEvent: name must be a string of 1 to 200 characters',
    'TypeError: id and hash must be strings',
  ]);
});

test('what is switched off is not recorded', async () => {
  const page = await open({
    capture: { network: false, navigation: false, webVitals: false, longTasks: false },
  });
  await ready(page);
  await page.evaluate(`fetch('/ok').then(() => history.pushState({}, '', '/cart'))`);
  await page.evaluate(() => {
    const end = performance.now() + 120;
    while (performance.now() < end);
  });
  await page.click('#busy');
  // Spans of fetch end 300 ms after the answer.
  await run.ingest.until(async () => {
    await page.evaluate('replay.forceFlush()');
    return run.ingest.segments.some(({ header }) => header.traceIds.length > 0);
  });
  await page.waitForTimeout(500);
  await page.evaluate('replay.forceFlush()');
  expect(custom(await run.ingest.events()).map(({ tag }) => tag)).toEqual(['session_replay.event']);
});
