/** What makes a session worth keeping, and what looks like it but does not. */
import type { RequestListener } from 'node:http';
import type * as Api from '@opentelemetry/api';
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = '0af7651916cd43dd8448eb211c80319c';
const html = `<!doctype html><title>t</title><p id="out">out</p><div style="height: 3000px">
  <button id="dead">Dead</button><button id="alive">Alive</button><button id="asks">Asks</button>
  <button id="pressed">Menu</button><button id="moves">Moves</button><p id="text">Just text</p>
  <a id="mail" href="mailto:someone@example.com">Mail</a><a id="tab" href="/" target="_blank">Tab</a>
  <a id="file" href="/file" download>File</a><button id="off" aria-disabled="true">Off</button>
  <input id="field"></div><script src="/app.js"></script>`;

const answer =
  (timing: string, status = 200, body = 'x', type = 'text/plain'): RequestListener =>
  (_request, response) => {
    response.setHeader('Server-Timing', timing);
    response.writeHead(status, { 'Content-Type': type }).end(body);
  };

const run = scenario(import.meta.url, {
  html,
  routes: {
    '/fails': { type: 'text/plain', body: 'x', status: 503 },
    '/refuses': { type: 'text/plain', body: 'x', status: 404 },
    '/hangs': () => undefined,
    '/file': { type: 'application/octet-stream', body: 'x' },
    '/linked': answer(
      `db;dur=5;desc="secret words", traceparent;desc="00-${TRACE}-00f067aa0ba902b7-01"`,
    ),
    '/keep': answer(`trace;desc="00-${OTHER}-00f067aa0ba902b7-00", session-replay;desc="keep"`),
    '/keep-alone': answer('session-replay;desc=keep'),
    '/other-words': answer('session-replay;desc="secret", traceparent;desc="secret"'),
    '/announced': answer(
      `traceparent;desc="00-${TRACE}-00f067aa0ba902b7-01", session-replay;desc="keep"`,
      200,
      html,
      'text/html',
    ),
  },
});

const open = async (options: object, more: Record<string, string> = {}): Promise<Page> => {
  const page = await run.open({ options: JSON.stringify(options), ...more });
  await page.evaluate('replay.addEvent("ready")');
  await run.ingest.until(async () => (await marks(page)).includes('event'));
  return page;
};

const aNumber = expect.any(Number) as unknown as number;
const seen = (page: Page): Promise<string[]> => page.evaluate('seen');

/** Names of the custom events so far; sends what is still in the page. */
async function marks(page: Page): Promise<string[]> {
  await page.evaluate('replay.forceFlush()');
  return custom(await run.ingest.events()).map(({ tag }) => tag.replace('session_replay.', ''));
}

const custom = (events: readonly ReplayEvent[]): { tag: string; payload: unknown }[] =>
  events
    .filter(({ type }) => type === 5)
    .map(({ data }) => data as { tag: string; payload: unknown });

const sum = (field: 'errorCount' | 'rageClickCount' | 'deadClickCount'): number =>
  run.ingest.segments.reduce((total, { header }) => total + (header[field] ?? 0), 0);

test('spans that failed, exceptions and requests are triggers once per trace', async () => {
  const page = await open({});
  await page.evaluate(async () => {
    const { trace, context, SpanKind } = window as unknown as typeof Api;
    const tracer = trace.getTracer('page');
    const end = (kind: number, status: number, attributes: object, exception?: Error): void => {
      const span = tracer.startSpan('s', { kind, attributes: { ...attributes } });
      if (exception) span.recordException(exception);
      span.setStatus({ code: status }).end();
    };
    const outer = tracer.startSpan('outer');
    const inner = tracer.startSpan('inner', {}, trace.setSpan(context.active(), outer));
    for (const span of [inner, outer]) span.setStatus({ code: 2 }).end();
    end(SpanKind.INTERNAL, 0, {}, new RangeError('secret'));
    end(SpanKind.CLIENT, 2, { 'http.status_code': 404, 'http.url': '/old' });
    end(SpanKind.CLIENT, 0, { 'http.status_code': 500, 'http.url': '/old' });
    end(SpanKind.CLIENT, 0, {
      'http.status_code': 0,
      'http.url': '/old',
      'http.status_text': 'aborted',
    });
    end(SpanKind.CLIENT, 0, {
      'error.type': 'AbortError',
      'http.response.status_code': 0,
      'url.full': '/',
    });
    end(SpanKind.INTERNAL, 0, {});
    const no = (): void => undefined;
    await fetch('/refuses');
    await fetch('/fails');
    await fetch('http://127.0.0.1:1/').catch(no);
    const control = new AbortController();
    setTimeout(() => control.abort(), 100);
    await fetch('/hangs', { signal: control.signal }).catch(no);
    const request = new XMLHttpRequest();
    request.open('GET', 'http://127.0.0.1:1/');
    request.send();
  });
  await run.ingest.until(async () => (await seen(page)).length >= 6);
  await page.evaluate('replay.captureError(new TypeError("secret"))');
  const triggers = (await seen(page)).map((trigger) => trigger.split(' ')[0]);
  // Requests end 300 ms after their answer, at the same time if they were as quick.
  expect(triggers).toEqual([
    'error',
    'error',
    'failed_request',
    'failed_request',
    'failed_request',
    'failed_request',
    'manual',
  ]);
  expect((await marks(page)).filter((mark) => mark === 'error')).toHaveLength(7);
  expect(sum('errorCount')).toBe(7);
  const text = JSON.stringify(await run.ingest.events());
  expect(text).toContain('"type":"RangeError"');
  expect(text).toContain('"type":"TypeError"');
  expect(text).not.toContain('secret');
});

test('a response tells of its server: the trace it belongs to, and that it failed', async () => {
  const page = await open({});
  await page.evaluate(async () => {
    for (const path of [
      '/linked?x=secret',
      '/other-words',
      '/keep?x=secret',
      '/keep',
      '/keep-alone',
    ]) {
      await fetch(path);
    }
  });
  await run.ingest.until(async () => (await seen(page)).length >= 2);
  expect(await seen(page)).toEqual([`backend_error ${OTHER}`, 'backend_error']);
  await run.ingest.until(async () => (await marks(page)).includes('backend_error'));
  const told = custom(await run.ingest.events()).filter(({ tag }) => tag.endsWith('backend_error'));
  const { origin } = run.site;
  expect(told.map(({ payload }) => payload)).toEqual([
    { url: `${origin}/keep`, traceId: OTHER },
    { url: `${origin}/keep-alone` },
  ]);
  const traces = run.ingest.segments.flatMap(({ header }) => header.traceIds);
  expect(traces).toEqual(expect.arrayContaining([TRACE, OTHER]));
  expect(JSON.stringify(await run.ingest.events())).not.toContain('secret');
});

test('the document itself may have failed on its server', async () => {
  const page = await run.context.newPage();
  const query = new URL(run.site.page(run.ingest.url)).search;
  await page.goto(`${run.site.origin}/announced${query}`);
  // Sent for this reason: nothing here flushes.
  await run.ingest.until(() =>
    run.ingest.segments.some(({ header }) => header.traceIds.includes(TRACE)),
  );
  expect(await seen(page)).toEqual([`backend_error ${TRACE}`]);
});

test('rage clicks and console errors count once per burst, with the element they were on', async () => {
  const page = await open({ triggers: { consoleError: true } });
  await run.ingest.until(() =>
    page.evaluate('/^function \\(\\)/.test(Function.prototype.toString.call(console.error))'),
  );
  await page.click('#dead', { clickCount: 6 });
  await page.evaluate('console.error("secret")');
  expect(await seen(page)).toEqual(['rage_click', 'console_error']);
  const told = (await marks(page), custom(await run.ingest.events()));
  const rage = told.filter(({ tag }) => tag === 'session_replay.rage_click');
  expect(rage).toEqual([
    expect.objectContaining({
      payload: { x: aNumber, y: aNumber, id: aNumber },
    }),
  ]);
  expect(sum('rageClickCount')).toBe(1);
  // A console that is only a trigger leaves no entry.
  expect(await marks(page)).not.toContain('console');
  expect(JSON.stringify(told)).not.toContain('secret');
});

test.each([
  ['false', 0],
  ['throws', 1],
])('beforeTrigger that is or says: %s', async (answers, released) => {
  const page = await open({ triggers: { rageClick: true } }, { answers });
  const before = run.ingest.segments.length;
  await page.evaluate('replay.captureError(new Error("x"))');
  expect(await seen(page)).toEqual(['manual']);
  if (released) await run.ingest.until(() => run.ingest.segments.length > before);
  // Longer than a trigger waits for what the page shows of it.
  else await page.waitForTimeout(1500);
  expect(run.ingest.segments.length - before).toBe(released);
  expect(await page.evaluate('errors.length')).toBe(released);
});

test('a click is dead when nothing at all comes of it', async () => {
  const page = await open({ triggers: { deadClick: true, rageClick: false } });
  await page.evaluate(() => {
    const on = (id: string, type: string, then: () => void): void =>
      document.querySelector(id)!.addEventListener(type, then);
    on('#alive', 'click', () => (document.querySelector('#out')!.textContent += '.'));
    on('#asks', 'click', () => void fetch('/hangs').catch(() => undefined));
    on('#pressed', 'mousedown', () => document.querySelector('#out')!.setAttribute('dir', 'rtl'));
    on('#moves', 'click', () => scrollTo({ top: document.documentElement.scrollTop + 5 }));
    for (const id of ['#tab', '#mail', '#file']) {
      on(id, 'click', () => event!.preventDefault());
    }
  });
  await page.clock.install();
  const wait = (): Promise<void> => page.clock.runFor(3100);
  for (const id of [
    '#alive',
    '#asks',
    '#pressed',
    '#moves',
    '#text',
    '#mail',
    '#tab',
    '#file',
    '#field',
    '#off',
  ]) {
    await page.click(id, { force: true });
    await wait();
    expect(await seen(page), id).toEqual([]);
  }
  await page.click('#dead');
  await wait();
  expect(await seen(page)).toEqual(['dead_click']);
  // Once more on the same thing, before the time is over.
  await page.click('#dead');
  await page.clock.runFor(500);
  await page.click('#dead');
  await wait();
  expect(await seen(page)).toEqual(['dead_click', 'dead_click']);
  await page.evaluate('replay.stop()');
  await run.ingest.until(() => sum('deadClickCount') === 2);
  expect(custom(await run.ingest.events()).filter(({ tag }) => tag.endsWith('dead_click'))).toEqual(
    [
      expect.objectContaining({
        payload: { x: aNumber, y: aNumber, id: aNumber },
      }),
      expect.anything(),
    ],
  );
});

test('a page that does not answer is frozen', async () => {
  const page = await open({ triggers: { freezeMs: 400 } });
  await page.evaluate(() => {
    document.querySelector('#alive')!.addEventListener('click', () => {
      const end = performance.now() + 700;
      while (performance.now() < end);
    });
  });
  await page.click('#alive');
  await run.ingest.until(async () => (await seen(page)).includes('freeze'));
  await run.ingest.until(async () => (await marks(page)).includes('freeze'));
  const freezes = custom(await run.ingest.events()).filter(({ tag }) => tag.endsWith('freeze'));
  // Machines under load may freeze by themselves.
  const times = freezes.map(({ payload }) => (payload as { durationMs: number }).durationMs);
  expect(Math.max(...times)).toBeGreaterThanOrEqual(600);
  expect(Object.keys(freezes[0]!.payload as object)).toEqual(['start', 'durationMs']);
});
