/** Before the user agrees, and after the user no longer does: nothing, anywhere. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { Tabs } from '../../support/tabs.js';

const run = scenario(import.meta.url, {
  html: '<!doctype html><body><button>b</button><input /><output>0</output><script src="/app.js"></script>',
  routes: { '/beside': { type: 'text/html', body: '<!doctype html>' } },
});

const NOTHING = { local: [], session: [], cookie: '', databases: [], caches: [], usage: 0 };

/** Everything on: whatever is built must wait. */
const EVERYTHING = {
  consent: 'required',
  remoteConfig: true,
  capture: { network: true, console: true, canvas: true, pictures: true, fonts: true },
  triggers: { consoleError: true, deadClick: true, rageClick: true },
};

let requests: string[];
beforeEach(() => {
  requests = [];
  run.context.on('request', (request) => {
    if (!request.url().startsWith(run.site.origin)) requests.push(request.url());
  });
});

const open = (options: object, settings: Record<string, string> = {}): Promise<Page> =>
  run.open({ options: JSON.stringify(options), ...settings });

interface Lived {
  attributes: Record<string, unknown>;
  traceState?: string;
  baggage?: string;
  traceId: string;
}

/** A user and a page that do all they can. */
async function live(page: Page, name: string): Promise<Lived> {
  const lived = await page.evaluate(`live('${name}')`);
  for (let click = 0; click < 4; click++) await page.click('button');
  await page.type('input', 'abc');
  await page.mouse.wheel(0, 100);
  return lived as Lived;
}

async function expectNothing(page: Page, lived: Lived): Promise<void> {
  expect(lived).toMatchObject({ attributes: {} });
  expect(lived.attributes).toEqual({});
  expect(lived.traceState ?? '').toBe('');
  expect(lived.baggage ?? '').toBe('');
  expect(await page.evaluate('[replay.sessionId, replay.recordingId]')).toEqual([
    undefined,
    undefined,
  ]);
  expect(await page.evaluate('stored()')).toEqual(NOTHING);
  expect(requests).toEqual([]);
  expect(page.workers()).toEqual([]);
}

/** Long enough for whatever is done late or now and then, and for what is done at page leave. */
async function letTimePass(page: Page): Promise<void> {
  await page.clock.runFor(120_000);
  await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`);
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
  await page.evaluate('replay.forceFlush()');
}

/** All that arrived, as one text. */
const arrived = async (): Promise<string> =>
  JSON.stringify([
    run.ingest.segments.map(({ header, span }) => [header, span.links]),
    await Promise.all(run.ingest.recordingIds.map((id) => run.ingest.events(id))),
  ]);

describe.each([
  ['required', EVERYTHING, {}],
  ['required, in a buffer', { ...EVERYTHING, sessionSampleRate: 0 }, {}],
  ['forbidden by Global Privacy Control', {}, { globalPrivacyControl: true }],
  ['forbidden by Do Not Track', {}, { doNotTrack: '1' }],
])('consent %s', (_name, options, signals) => {
  test('nothing leaves and nothing is stored before; of before nothing appears after', async () => {
    await run.context.clock.install();
    await run.context.addInitScript((values) => {
      for (const [name, value] of Object.entries(values)) {
        Object.defineProperty(Navigator.prototype, name, { value });
      }
    }, signals);
    const page = await open(options);
    const asked = Object.keys(signals).length === 0 ? 'required' : 'opted_out';
    expect(await page.evaluate('replay.consent')).toBe(asked);
    const lived = await live(page, 'x-before');
    await letTimePass(page);
    await page.evaluate('replay.start()');
    await letTimePass(page);
    await expectNothing(page, lived);

    const grantedAt = await page.evaluate<number>('[Date.now(), replay.grantConsent()][0]');
    expect(await page.evaluate('replay.consent')).toBe('granted');
    const after = await live(page, 'x-after');
    expect(after.attributes).toHaveProperty('session.id');
    expect(after.traceState).toContain('sr=');
    await run.ingest.until(async () => {
      await page.clock.runFor(1000);
      return (await arrived()).includes('x-after');
    });
    const all = await arrived();
    // The tag of an element that is there shows in the first picture; what happened does not.
    const [picture] = (await run.ingest.events()).filter(({ type }) => type === 2);
    expect(JSON.stringify(picture)).toContain('x-before');
    expect(all.replace(JSON.stringify(picture), '')).not.toContain('x-before');
    expect(all).not.toContain(lived.traceId);
    const events = await run.ingest.events();
    expect(Math.min(...events.map(({ timestamp }) => timestamp))).toBeGreaterThanOrEqual(grantedAt);
    expect(run.ingest.segments[0]!.header).toMatchObject({ index: 0, hasFullSnapshot: true });
    const errors = run.ingest.segments.reduce((sum, { header }) => sum + header.errorCount, 0);
    // The span's, the caught one, the uncaught one, and that of the console where it counts.
    expect(errors).toBeLessThanOrEqual(4);
  });
});

test('with the signals ignored, everybody is recorded', async () => {
  await run.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });
  });
  const page = await open({ privacySignals: 'ignore' });
  expect(await page.evaluate('replay.consent')).toBe('not_required');
  await run.ingest.until(() => run.ingest.segments.length > 0);
});

test('a banner that knows the answer begins at once', async () => {
  await open({ consent: 'required' }, { agreed: '1' });
  await run.ingest.until(() => run.ingest.segments.length > 0);
});

test('with autoStart false it takes both, in any order', async () => {
  const page = await open({ consent: 'required', autoStart: false });
  await page.evaluate('replay.grantConsent()');
  expect(await page.evaluate('replay.recordingId')).toBeUndefined();
  await page.evaluate('replay.start()');
  expect(await page.evaluate('replay.recordingId')).toBeDefined();
  await page.evaluate('replay.stop()');
  const other = await open({ consent: 'required', autoStart: false });
  await other.evaluate('replay.start()');
  expect(await other.evaluate('replay.recordingId')).toBeUndefined();
  await other.evaluate('replay.grantConsent()');
  expect(await other.evaluate('replay.recordingId')).toBeDefined();
  await other.evaluate('replay.stop(); replay.grantConsent()');
  expect(await other.evaluate('replay.recordingId')).toBeUndefined();
});

describe.each([
  ['while it streams', {}],
  ['while it buffers', { sessionSampleRate: 0 }],
])('withdrawal %s', (_name, options) => {
  test('discards what was not sent, removes what is stored, and is silent', async () => {
    await run.context.clock.install();
    const page = await open({ ...EVERYTHING, ...options });
    run.ingest.behaviour = { status: 503 };
    await page.evaluate('replay.grantConsent()');
    const first = (await live(page, 'x-first')).attributes['session.id'];
    // An outage: segments wait in memory, and in the browser's storage.
    await letTimePass(page);
    await live(page, 'x-second');
    await expect
      .poll(async () => {
        await page.clock.runFor(10_000);
        return page.evaluate('indexedDB.databases().then(({ length }) => length)');
      })
      .toBe(1);

    await page.evaluate('replay.withdrawConsent()');
    expect(await page.evaluate('replay.consent')).toBe('withdrawn');
    await expect
      .poll(() => page.evaluate('stored()'))
      .toMatchObject({ ...NOTHING, usage: expect.any(Number) as number });
    run.ingest.behaviour = 'accept';
    requests.length = 0;
    const { attributes } = await live(page, 'x-third');
    expect(attributes).toEqual({});
    await letTimePass(page);
    await page.clock.runFor(600_000);
    expect(requests).toEqual([]);
    expect(await page.evaluate('stored()')).toMatchObject({
      local: [],
      session: [],
      databases: [],
    });

    // It may be granted again, and begins anew.
    await page.evaluate('replay.grantConsent()');
    const again = await live(page, 'x-fourth');
    expect(again.attributes['session.id']).not.toBe(first);
    await run.ingest.until(async () => {
      await page.clock.runFor(1000);
      return (await arrived()).includes('x-fourth');
    });
    expect(run.ingest.recordingIds.length).toBe(1);
    const { header } = run.ingest.segments[0]!;
    expect(header.previousSessionId).toBeUndefined();
    expect(header.droppedEvents).toBe(0);
    const [picture] = (await run.ingest.events()).filter(({ type }) => type === 2);
    expect((await arrived()).replace(JSON.stringify(picture), '')).not.toMatch(
      /x-(first|second|third)/,
    );
  });
});

/** Granted in each of two tabs, of which one has something that could not be sent. */
async function twoTabs(options: object): Promise<[Page, Page]> {
  await run.context.clock.install();
  const tabs = [await open(options), await open(options)] as [Page, Page];
  run.ingest.behaviour = { status: 503 };
  for (const tab of tabs) {
    await tab.evaluate('replay.grantConsent()');
    await live(tab, 'x-first');
  }
  await expect
    .poll(async () => {
      for (const tab of tabs) await tab.clock.runFor(10_000);
      return tabs[0].evaluate('indexedDB.databases().then(({ length }) => length)');
    })
    .toBe(1);
  return tabs;
}

async function expectSilence(page: Page): Promise<void> {
  expect(await page.evaluate('[replay.recordingId, replay.sessionId]')).toEqual([
    undefined,
    undefined,
  ]);
  await expect
    .poll(() => page.evaluate('stored()'))
    .toMatchObject({ ...NOTHING, usage: expect.any(Number) as number });
  run.ingest.behaviour = 'accept';
  requests.length = 0;
  expect((await live(page, 'x-after')).attributes).toEqual({});
  await letTimePass(page);
  await page.clock.runFor(600_000);
  expect(requests).toEqual([]);
  expect(await page.evaluate('stored()')).toMatchObject({ local: [], session: [], databases: [] });
}

describe.each([
  ['that stream', EVERYTHING],
  ['that buffer', { ...EVERYTHING, sessionSampleRate: 0 }],
  ['with a session manager of their own', { ...EVERYTHING, session: 'visit-1' }],
])('withdrawal in one of two tabs %s', (_name, options) => {
  test('ends the other, which discards what it holds and may begin anew', async () => {
    const [one, other] = await twoTabs(options);
    await one.evaluate('replay.withdrawConsent()');
    await expect.poll(() => other.evaluate('replay.consent')).toBe('withdrawn');
    if ('session' in options) {
      expect(await other.evaluate('replay.recordingId')).toBeUndefined();
      return;
    }
    await expectSilence(other);
    await expectSilence(one);
    // Each was asked for itself, and is again.
    await other.evaluate('replay.grantConsent()');
    expect(await other.evaluate('replay.recordingId')).toBeDefined();
    expect(await one.evaluate('replay.consent')).toBe('withdrawn');
  });
});

test('a tab that was frozen when consent was withdrawn learns of it before it does anything', async () => {
  const [one, other] = await twoTabs(EVERYTHING);
  const cdp = await run.context.newCDPSession(other);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  await one.evaluate('replay.withdrawConsent()');
  // Also what a frozen tab has open.
  await expect.poll(() => one.evaluate('stored()')).toMatchObject({ local: [], databases: [] });
  requests.length = 0;
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await expect.poll(() => other.evaluate('replay.consent')).toBe('withdrawn');
  await expectSilence(other);
});

test('a page that was put away meanwhile is not recorded when it is back', async () => {
  const tabs = new Tabs();
  tabs.start();
  try {
    // With a database open, browsers give the page up instead.
    const address = run.site.page(run.ingest.url, {
      options: JSON.stringify({ consent: 'required', offline: false }),
      agreed: '1',
    });
    const tab = await tabs.open(address);
    await run.ingest.until(() => run.ingest.segments.length > 0);
    await tabs.evaluate(tab, `document.body.dataset.kept = 'yes'; location.assign('/beside')`);
    await expect.poll(() => tabs.evaluate(tab, 'location.pathname')).toBe('/beside');
    const other = await tabs.open(address);
    await expect.poll(() => tabs.evaluate(other, 'replay.consent')).toBe('granted');
    await tabs.evaluate(other, 'replay.withdrawConsent()');
    const before = run.ingest.requests.length;
    await tabs.bringToFront(tab);
    await tabs.evaluate(tab, 'void history.back()');
    await expect.poll(() => tabs.evaluate(tab, 'document.body.dataset.kept')).toBe('yes');
    expect(await tabs.evaluate(tab, '[replay.consent, replay.recordingId]')).toEqual([
      'withdrawn',
      null,
    ]);
    await tabs.evaluate(tab, `live('x-after').traceId`);
    await tabs.evaluate(tab, 'replay.forceFlush()');
    expect(run.ingest.requests.length).toBe(before);
    expect(await tabs.evaluate(tab, 'Object.keys(localStorage)')).toEqual([]);
  } finally {
    await tabs.stop();
  }
});

describe.each(['globalPrivacyControl', 'doNotTrack'])('%s that comes later', (signal) => {
  const sent = signal === 'doNotTrack' ? '1' : true;
  /** From here on, in all pages to come too. */
  const send = async (page: Page): Promise<void> => {
    const define = ([name, value]: [string, unknown]): void => {
      Object.defineProperty(Navigator.prototype, name, { value, configurable: true });
    };
    await run.context.addInitScript(define, [signal, sent] as [string, unknown]);
    await page.evaluate(define, [signal, sent] as [string, unknown]);
  };

  test('ends the recording as the page is looked at, and leaves nothing behind', async () => {
    await run.context.clock.install();
    run.ingest.behaviour = { status: 503 };
    const page = await open({});
    await live(page, 'x-first');
    await expect
      .poll(async () => {
        await page.clock.runFor(10_000);
        return page.evaluate('indexedDB.databases().then(({ length }) => length)');
      })
      .toBe(1);
    await send(page);
    await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`);
    expect(await page.evaluate('replay.consent')).toBe('opted_out');
    await expectSilence(page);
    // Who says otherwise goes before what the browser says.
    await page.evaluate('replay.grantConsent()');
    await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`);
    expect(await page.evaluate('replay.consent')).toBe('granted');
  });

  test('has the next page remove what earlier ones left, unless a tab was told otherwise', async () => {
    await run.context.clock.install();
    run.ingest.behaviour = { status: 503 };
    const page = await open({});
    await live(page, 'x-first');
    await expect
      .poll(async () => {
        await page.clock.runFor(10_000);
        return page.evaluate('indexedDB.databases().then(({ length }) => length)');
      })
      .toBe(1);
    await send(page);
    await page.evaluate('replay.grantConsent()');
    const beside = await open({});
    await beside.clock.runFor(60_000);
    expect(await beside.evaluate('stored()')).toMatchObject({ local: ['otel-session'] });

    await page.close({ runBeforeUnload: true });
    await expect
      .poll(() => beside.evaluate(`JSON.parse(localStorage['otel-session']).leftAt`))
      .toBeDefined();
    const next = await open({});
    expect(await next.evaluate('replay.consent')).toBe('opted_out');
    await next.clock.runFor(60_000);
    await expect
      .poll(() => next.evaluate('stored()'))
      .toMatchObject({ ...NOTHING, usage: expect.any(Number) as number });
  });
});
