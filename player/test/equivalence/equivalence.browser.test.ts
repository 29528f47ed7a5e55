/**
 * Checkpoints that the reducer makes, against the live page as it was when it was recorded. Where it
 * differs, rrweb must differ in the same way: what a recorder does not tell of, nobody can show. rrweb
 * plays wrongly some of what it is told of nodes that move between trees, so it counts mended too.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { createReducer } from '@otel-replay/protocol/reduce';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordChanges, type Moment, type Recorded } from './changing-page.js';
import { fromCheckpoint, isEqual } from './compare.js';
import { END, MOVES } from './moves.js';
import { giveEvents, openReplayPage, showReplay, type Shown } from './replayed.js';
import { structureOf } from './structure.js';

const SEEDS = [1, 4, 7, 10, 1003, 2024, 31337, 424242];
const STEPS = 120;
/** Of all comparisons so many are equal to the live page; about 0.87 are. */
const LIVE_SHARE = 2 / 3;
const MENDED = { useVirtualDom: false, isMended: true };

/** What was compared over all seeds. */
const compared = { all: 0, live: 0, moves: 0 };

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}, 180_000);
afterAll(() => browser.close());

describe('synthetic checkpoints', () => {
  it.each(SEEDS)('show a changing page as it was, seed %i', { timeout: 180_000 }, async (seed) => {
    const recorded = await inPage((page) => recordChanges(page, seed, STEPS));
    compared.moves += movesIn(recorded.events);
    await inPage(async (page) => {
      await openReplayPage(page);
      await giveEvents(page, 'all', recorded.events);
      await checkPlaces(page, recorded);
      for (const [i, moment] of recorded.moments.entries()) {
        await checkPlayback(page, recorded.events, moment.time, moment);
        const earlier = recorded.moments[Math.floor(i / 2)]!;
        await checkPlayback(page, recorded.events, earlier.time, moment);
      }
    });
  });

  it('are equal to the live page mostly, on pages whose nodes move', () => {
    expect(compared.all).toBeGreaterThanOrEqual((SEEDS.length * STEPS) / 20);
    expect(compared.moves).toBeGreaterThan(SEEDS.length);
    expect(compared.live / compared.all).toBeGreaterThan(LIVE_SHARE);
  });
});

describe('playback', () => {
  it.each(MOVES)('shows $name where it went', { timeout: 180_000 }, async ({ events, lines }) => {
    await inPage(async (page) => {
      await openReplayPage(page);
      await giveEvents(page, 'all', events);
      for (const useVirtualDom of [false, true]) {
        const shown = { time: END, isStructure: true, isMended: true, useVirtualDom };
        expect(await showReplay(page, 'all', shown), String(useVirtualDom)).toEqual(lines);
      }
    });
  });
});

/** Where the nodes are, by their ids, without any playback of what the reducer tells. */
async function checkPlaces(page: Page, { events, moments }: Recorded): Promise<void> {
  const reducer = createReducer();
  const left = structuredClone(events);
  for (const { time, structure } of moments) {
    while (left.length > 0 && left[0]!.timestamp < time) reducer.apply(left.shift()!);
    const found = structureOf(reducer.snapshotAt(time)!);
    await expectEqual(found, structure, page, { time, isStructure: true });
  }
}

/** What the nodes are: tags, attributes, values, rules, positions, played from a checkpoint on. */
async function checkPlayback(
  page: Page,
  events: readonly ReplayEvent[],
  checkpoint: number,
  { time, lines }: Moment,
): Promise<void> {
  await giveEvents(page, 'synthetic', fromCheckpoint(events, checkpoint).events);
  // What comes after the checkpoint is played without the faults: they are not the checkpoint's.
  const found = await showReplay(page, 'synthetic', { time, ...MENDED });
  await expectEqual(found, lines, page, { time });
  if (checkpoint !== time) return;
  const played = await showReplay(page, 'synthetic', { time, isMended: true });
  await expectEqual(played, lines, page, { time });
}

/** To the live page; else to rrweb without virtual DOM, mended or as it is, by all events. */
async function expectEqual(
  found: readonly string[],
  live: readonly string[],
  page: Page,
  shown: Shown,
): Promise<void> {
  compared.all++;
  if (isEqual(found, live)) {
    compared.live++;
    return;
  }
  const mended = await showReplay(page, 'all', { ...shown, ...MENDED });
  if (isEqual(found, mended)) return;
  expect(found).toEqual(await showReplay(page, 'all', { ...shown, useVirtualDom: false }));
}

async function inPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage();
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}

/** Nodes that were told of again. */
function movesIn(events: readonly ReplayEvent[]): number {
  const known = new Set<number>();
  let moves = 0;
  for (const { type, data } of events) {
    const { source, adds } = data as { source?: number; adds: { node: { id: number } }[] };
    if (type !== 3 || source !== 0) continue;
    for (const { node } of adds) {
      if (known.has(node.id)) moves++;
      known.add(node.id);
    }
  }
  return moves;
}
