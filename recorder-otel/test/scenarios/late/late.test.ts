/**
 * What numbers, packs and sends comes over the network like everything else: late, or not at first.
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../../support/bundles.js';
import { scenario } from '../../support/scenario.js';
import type { SiteOptions } from '../../support/site.js';

const { files } = await bundle({
  source: readFileSync(new URL('./page.ts', import.meta.url), 'utf8'),
});
/** What is loaded once a page is recorded, and needed before anything leaves. */
const ENGINE = [...files.keys()].find((name) => name.startsWith('engine'))!;

let answer: 'held' | 'refused' | 'given';
let asked = 0;
const held: ServerResponse[] = [];

beforeEach(() => {
  answer = 'held';
  asked = 0;
  held.length = 0;
});

const give = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(files.get(ENGINE));
};

const routes: SiteOptions['routes'] = {};
for (const [name, body] of files) {
  routes[`/${name}`] = { type: 'text/javascript', body: Buffer.from(body) };
}
routes[`/${ENGINE}`] = (_, response) => {
  asked++;
  if (answer === 'given') give(response);
  else if (answer === 'refused') response.writeHead(503).end();
  else held.push(response);
};

const run = scenario(import.meta.url, {
  html: `<!doctype html><p>text</p><script type="module" src="/entry.js"></script>`,
  routes,
});

/** The page has gone on for so long, with the engine under way. */
async function pageThatWaits(settings?: Record<string, string>) {
  const page = await run.open(settings);
  await expect.poll(() => held.length).toBe(1);
  await page.waitForFunction('ticks() > 20');
  return page;
}

/** The next span finds another session. */
async function goTo(page: Page, visit: number): Promise<void> {
  await page.evaluate((to) => {
    const { replay, state } = window as unknown as {
      replay: { onStart(span: object): void };
      state: { visit: number };
    };
    state.visit = to;
    replay.onStart({ spanContext: () => ({ traceId: '', spanId: '' }), setAttribute: () => null });
  }, visit);
}

describe('the engine comes late', () => {
  test('what is recorded before it is there leaves whole, and forceFlush waits for it', async () => {
    const page = await pageThatWaits();
    await page.evaluate(
      'globalThis.flushed = false; void replay.forceFlush().then(() => (globalThis.flushed = true))',
    );
    await page.evaluate('setTimeout(() => { throw new TypeError("a test"); })');
    await page.waitForFunction('ticks() > 25');
    expect(await page.evaluate('flushed')).toBe(false);
    expect(run.ingest.segments).toEqual([]);

    give(held[0]!);
    await page.waitForFunction('flushed');
    expect(run.ingest.segments.length).toBeGreaterThan(0);
    const text = JSON.stringify(await run.ingest.events());
    for (const n of [5, 12, 20]) expect(text).toContain(`"tick-${n}"`);
    // It may have come after what was flushed.
    await run.ingest.until(async () =>
      JSON.stringify(await run.ingest.events()).includes('session_replay.error'),
    );
    expect(await page.evaluate('errors')).toEqual([]);
    expect(run.pageErrors.map(String)).toEqual([expect.stringContaining('a test')]);
  });

  test('where it cannot be loaded, that is said once and it is asked for again', async () => {
    answer = 'refused';
    await run.context.clock.install();
    const page = await run.open();
    const later = (): Promise<void> => page.clock.runFor(1000);
    await expect
      .poll(async () => [await later(), await page.evaluate('errors')][1])
      .toEqual(['load']);
    const before = asked;
    await expect.poll(async () => [await later(), asked][1]).toBeGreaterThan(before);
    answer = 'given';
    await run.ingest.until(async () => {
      await later();
      return run.ingest.segments.length > 0;
    });
    expect(JSON.stringify(await run.ingest.events())).toContain('"tick-5"');
    expect(await page.evaluate('errors')).toEqual(['load']);
  });

  test('what is forgotten while it is under way never leaves', async () => {
    const page = await pageThatWaits();
    await page.evaluate('replay.withdrawConsent()');
    give(held[0]!);
    await page.evaluate('replay.grantConsent()');
    await run.ingest.until(() => run.ingest.segments.length > 1);
    expect(run.ingest.recordingIds).toEqual([await page.evaluate('replay.recordingId')]);
  });

  test('what is stopped while it is under way leaves', async () => {
    const page = await pageThatWaits();
    const recordingId = await page.evaluate('replay.recordingId');
    await page.evaluate('replay.stop(); globalThis.done = replay.shutdown(); void 0');
    give(held[0]!);
    await page.evaluate('done');
    expect(run.ingest.recordingIds).toEqual([recordingId]);
    expect(run.ingest.segments.at(-1)!.header.final).toBe(true);
  });

  test('each session that ends while it is under way leaves whole, as what it was', async () => {
    const page = await pageThatWaits({ visits: '1' });
    const visits = [];
    for (const visit of [1, 2, 3]) {
      await goTo(page, visit);
      const from = await page.evaluate<number>('ticks()');
      await page.evaluate(`replay.addEvent('in visit-${visit}')`);
      await page.waitForFunction(`ticks() > ${from + 5}`);
      const to = await page.evaluate<number>('ticks()');
      const id = await page.evaluate<string>('replay.recordingId');
      visits.push({ id, from, to, name: `visit-${visit}` });
    }
    give(held[0]!);
    const eventsOf = async (id: string): Promise<string> =>
      JSON.stringify(await run.ingest.events(id).catch(() => []));
    const { id, to } = visits[2]!;
    await run.ingest.until(async () => {
      const text = await eventsOf(id);
      return text.includes(`"tick-${to}"`) && text.includes('in visit-3');
    });

    const ids = visits.map((visit) => visit.id);
    expect([...run.ingest.recordingIds].sort()).toEqual([...ids].sort());
    const headers = run.ingest.segments.map(({ header }) => header);
    for (const { id, from, to, name } of visits) {
      const first = headers.find(({ recordingId }) => recordingId === id)!;
      expect(first).toMatchObject({ sessionId: name, index: 0, hasFullSnapshot: true });
      const before = visits.find((visit) => Number(visit.name.at(-1)) === Number(name.at(-1)) - 1);
      expect(first.previousSessionId).toBe(before?.name);
      // Dropped and sent are all there was.
      const text = await eventsOf(id);
      for (let n = from + 1; n <= to; n++) expect(text).toContain(`"tick-${n}"`);
    }
    // What the page said is put in late: of a session that is over by then it is counted instead.
    const texts = await Promise.all(ids.map(eventsOf));
    const said = (n: number): boolean[] => texts.map((text) => text.includes(`in visit-${n}`));
    expect([said(1), said(2), said(3)]).toEqual([
      [false, false, false],
      [false, false, false],
      [false, false, true],
    ]);
    const dropped = headers.reduce((sum, { droppedEvents }) => sum + droppedEvents, 0);
    expect(dropped).toBe(2);
    expect(await page.evaluate('errors')).toEqual([]);
  });

  test('of more sessions than may wait nothing is kept, and all is counted', async () => {
    const page = await pageThatWaits({ visits: '1' });
    for (const visit of [2, 3, 4, 5, 6]) {
      await goTo(page, visit);
      const ticks = await page.evaluate<number>('ticks()');
      await page.waitForFunction(`ticks() > ${ticks + 5}`);
    }
    give(held[0]!);
    const sessions = (): Set<string> =>
      new Set(run.ingest.segments.map(({ header }) => header.sessionId));
    await run.ingest.until(() => sessions().has('visit-6'));
    const dropped = run.ingest.segments.reduce((sum, { header }) => sum + header.droppedEvents, 0);
    expect([...sessions()].sort()).toEqual([1, 2, 3, 4, 6].map((visit) => `visit-${visit}`));
    // Of the fifth and of the sixth as far as it had come.
    expect(dropped).toBeGreaterThanOrEqual(10);
  });

  test('what waits for it is bounded; once it is there, the recording begins anew', async () => {
    const page = await pageThatWaits({ maxQueueBytes: '10000', bulk: '4000' });
    // More than what waits without being measured.
    await page.waitForFunction('ticks() > 50');
    give(held[0]!);
    await run.ingest.until(() =>
      run.ingest.segments.some(({ header }) => header.checkpoint > 1 && header.hasFullSnapshot),
    );
    const dropped = run.ingest.segments.reduce((sum, { header }) => sum + header.droppedEvents, 0);
    expect(dropped).toBeGreaterThan(0);
  });
});
