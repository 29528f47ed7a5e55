/**
 * What numbers, packs and sends comes over the network like everything else: late, or not at first.
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../../support/bundles.js';
import { scenario } from '../../support/scenario.js';
import type { SiteOptions } from '../../support/site.js';

const { files } = await bundle({
  source: readFileSync(new URL('./page.ts', import.meta.url), 'utf8'),
});
/** What is loaded once a page is recorded, and needed before anything leaves. */
const PARTS = ['engine', 'way-out'] as const;
const fileOf = (part: string): string => [...files.keys()].find((name) => name.startsWith(part))!;

let late: (typeof PARTS)[number];

let answer: 'held' | 'refused' | 'given';
let asked = 0;
const held: ServerResponse[] = [];

beforeEach(() => {
  answer = 'held';
  asked = 0;
  held.length = 0;
});

const give = (response: ServerResponse, part: string = late): void => {
  response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(files.get(fileOf(part)));
};

const routes: SiteOptions['routes'] = {};
for (const [name, body] of files) {
  routes[`/${name}`] = { type: 'text/javascript', body: Buffer.from(body) };
}
for (const part of PARTS) {
  routes[`/${fileOf(part)}`] = (_, response) => {
    if (part !== late) return give(response, part);
    asked++;
    if (answer === 'given') give(response);
    else if (answer === 'refused') response.writeHead(503).end();
    else held.push(response);
  };
}

const run = scenario(import.meta.url, {
  html: `<!doctype html><p>text</p><script type="module" src="/entry.js"></script>`,
  routes,
});

/** The page has gone on for so long, with the way out under way. */
async function pageThatWaits(settings?: Record<string, string>) {
  const page = await run.open(settings);
  await expect.poll(() => held.length).toBe(1);
  await page.waitForFunction('ticks() > 40');
  return page;
}

describe.each(PARTS)('%s comes late', (part) => {
  beforeEach(() => {
    late = part;
  });

  test('what is recorded before it is there leaves whole, and forceFlush waits for it', async () => {
    const page = await pageThatWaits();
    await page.evaluate(
      'globalThis.flushed = false; void replay.forceFlush().then(() => (globalThis.flushed = true))',
    );
    await page.evaluate('setTimeout(() => { throw new TypeError("a test"); })');
    await page.waitForFunction('ticks() > 50');
    expect(await page.evaluate('flushed')).toBe(false);
    expect(run.ingest.segments).toEqual([]);

    give(held[0]!);
    await page.waitForFunction('flushed');
    expect(run.ingest.segments.length).toBeGreaterThan(0);
    const text = JSON.stringify(await run.ingest.events());
    for (const n of [5, 20, 40]) expect(text).toContain(`tick-${n} `);
    expect(text).toContain('session_replay.error');
    expect(await page.evaluate('errors')).toEqual([]);
    expect(run.pageErrors.map(String)).toEqual([expect.stringContaining('a test')]);
  });

  test('where it cannot be loaded, that is said once and it is asked for again', async () => {
    answer = 'refused';
    const page = await run.open();
    await page.waitForFunction('errors.length > 0');
    const before = asked;
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(before);
    answer = 'given';
    await run.ingest.until(() => run.ingest.segments.length > 0, 60_000);
    expect(JSON.stringify(await run.ingest.events())).toContain('tick-5 ');
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

  test('what waits for it is bounded; once it is there, the recording begins anew', async () => {
    await pageThatWaits({ maxQueueBytes: '10000', bulk: '2000' });
    give(held[0]!);
    await run.ingest.until(() =>
      run.ingest.segments.some(({ header }) => header.checkpoint > 1 && header.hasFullSnapshot),
    );
    const dropped = run.ingest.segments.reduce((sum, { header }) => sum + header.droppedEvents, 0);
    expect(dropped).toBeGreaterThan(0);
  });
});
