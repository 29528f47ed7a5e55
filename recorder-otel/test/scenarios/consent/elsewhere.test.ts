/** Consent that ends elsewhere: in another tab, by a signal of the browser, while a page was away. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { Tabs } from '../../support/tabs.js';
import { EVERYTHING, letTimePass, live, NOTHING, SITE } from './visit.js';

const run = scenario(import.meta.url, SITE);

let requests: string[];
beforeEach(() => {
  requests = [];
  run.context.on('request', (request) => {
    if (!request.url().startsWith(run.site.origin)) requests.push(request.url());
  });
});

const open = (options: object, settings: Record<string, string> = {}): Promise<Page> =>
  run.open({ options: JSON.stringify(options), ...settings });

/** Granted in each of two tabs, of which one has something that could not be sent. */
async function twoTabs(options: object): Promise<[Page, Page]> {
  await run.context.clock.install();
  const tabs = [await open(options), await open(options)] as [Page, Page];
  run.ingest.behaviour = { status: 503 };
  for (const tab of tabs) {
    await tab.evaluate('replay.grantConsent()');
    await live(tab, 'x-first');
  }
  await untilKept(...tabs);
  return tabs;
}

/** Until what could not be sent is in the database of these tabs. */
async function untilKept(...tabs: readonly [Page, ...Page[]]): Promise<void> {
  await expect
    .poll(async () => {
      for (const tab of tabs) await tab.clock.runFor(10_000);
      return tabs[0].evaluate('indexedDB.databases().then(({ length }) => length)');
    })
    .toBe(1);
}

/** A page that has recorded something that could not be sent. */
async function openAndKeep(): Promise<Page> {
  await run.context.clock.install();
  run.ingest.behaviour = { status: 503 };
  const page = await open({});
  await live(page, 'x-first');
  await untilKept(page);
  return page;
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
    const page = await openAndKeep();
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
    const page = await openAndKeep();
    await send(page);
    await page.evaluate('replay.grantConsent()');
    const beside = await open({});
    await beside.clock.runFor(60_000);
    expect(await beside.evaluate('stored()')).toMatchObject({
      local: ['otel-session', 'otel-session-kept'],
    });

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
