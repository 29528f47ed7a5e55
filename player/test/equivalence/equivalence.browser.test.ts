/**
 * A checkpoint of all events shows the live page as far as it was recorded, and playback from one that was made earlier shows
 * what rrweb shows of all events since the start, unless rrweb loses elements or their order on the way.
 */
import fc from 'fast-check';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordChanges } from './changing-page.js';
import { compare } from './compare.js';
import { describeLive, giveEvents, idsOf, openReplayPage } from './replayed.js';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}, 180_000);
afterAll(() => browser.close());

const STEPS = 120;
/** Of the comparisons so many are the same line by line: attributes, rules, values, positions. */
const SAME_SHARE = 0.7;
const compared: boolean[] = [];

async function record(seed: number) {
  const page = await browser.newPage();
  try {
    const events = await recordChanges(page, seed, STEPS);
    return { events, live: idsOf(await describeLive(page)) };
  } finally {
    await page.close();
  }
}

async function check(seed: number, shares: readonly number[]): Promise<void> {
  const { events, live } = await record(seed);
  const page = await browser.newPage();
  try {
    await openReplayPage(page);
    await giveEvents(page, 'all', events);
    const from = events.find(({ type }) => type === 2)!.timestamp + 1;
    const time = events.at(-1)!.timestamp + 1;
    const last = await compare(page, 'all', events, { checkpoint: time, time });
    // A recorder does not tell of everything either: then rrweb does not show it.
    expect([live, ...last.rrweb.map(idsOf)]).toContainEqual(idsOf(last.found));
    for (const share of shares) {
      const checkpoint = from + Math.round(share * (time - from));
      const target = { checkpoint, time };
      const { equalTo, found, rrweb } = await compare(page, 'all', events, target);
      compared.push(equalTo !== undefined);
      const shown = rrweb.map(idsOf);
      // Where rrweb itself shows what the page was, no element may be missing or elsewhere.
      if (shown.some((ids) => ids.join() === live.join())) {
        expect([live, ...shown]).toContainEqual(idsOf(found));
      }
    }
  } finally {
    await page.close();
  }
}

describe('synthetic checkpoints', () => {
  it('show pages that change in many ways as they were', { timeout: 600_000 }, async () => {
    const share = fc.double({ min: 0.02, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(share, { minLength: 3, maxLength: 3 }), check),
      { numRuns: 5, endOnFailure: true, seed: 42 },
    );
    expect(compared.filter(Boolean).length / compared.length).toBeGreaterThanOrEqual(SAME_SHARE);
  });
});
