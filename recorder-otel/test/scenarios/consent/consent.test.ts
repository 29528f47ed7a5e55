/** Before the user agrees, and after the user no longer does: nothing, anywhere. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { EVERYTHING, letTimePass, live, NOTHING, SITE, type Lived } from './visit.js';

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
