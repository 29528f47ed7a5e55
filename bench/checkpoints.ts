/**
 * Whether synthetic checkpoints show what rrweb shows: of recordings, at moments spread over each, the
 * page by all events since the start beside the page from a checkpoint that the reducer made. Both are
 * played by rrweb in a real browser and compared node by node.
 * Flags: `--recordings <folder of *.ndjson.gz> --targets 8`.
 */
import { chromium } from 'playwright-core';
import type { ReplayEvent } from '@otel-replay/protocol';
import { compare, fromCheckpoint, type Target } from '../player/test/equivalence/compare.js';
import { giveEvents, openReplayPage } from '../player/test/equivalence/replayed.js';
import { recordPage } from './encoding/browser.js';
import { readRecordings } from './encoding/recordings.js';
import { numberFlag } from './support/flags.js';
import { printTable } from './support/table.js';

const TARGET = 0.95;
/** Played on after the checkpoint, in every other comparison. */
const AHEAD_MS = 20_000;

const targets = numberFlag('--targets', 8);
const at = process.argv.indexOf('--recordings');
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
const rows: (string | number)[][] = [];
let equal = 0;
let all = 0;
try {
  const recordings = at < 0 ? await recorded() : readRecordings(process.argv[at + 1] ?? '');
  for (const { name, events } of recordings) await judge(name, withoutCheckpoints(events));
} finally {
  await browser.close();
}

const HEAD = ['events of', 'events', 'equal', 'of', 'as without virtual DOM', 'misses', 'fold ms'];
printTable([HEAD, ...rows]);
const share = all === 0 ? 0 : equal / all;
const pass = share >= TARGET;
process.stdout.write(
  `checkpoints: ${equal} of ${all} moments equal, ${share.toFixed(3)} (target >= ${TARGET}) ${pass ? 'pass' : 'fail'}\n`,
);
process.exitCode = pass ? 0 : 1;

async function recorded(): Promise<{ name: string; events: ReplayEvent[] }[]> {
  const scenarios = ['big-dom', 'table', 'stream', 'typing', 'scroll'];
  const recordings: { name: string; events: ReplayEvent[] }[] = [];
  for (const name of scenarios) {
    recordings.push({ name, events: await recordPage(browser, name) });
  }
  return recordings;
}

async function judge(name: string, events: readonly ReplayEvent[]): Promise<void> {
  process.stderr.write(`${name}\n`);
  const begin = performance.now();
  const { misses } = fromCheckpoint(events, events.at(-1)!.timestamp);
  const foldMs = performance.now() - begin;
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await openReplayPage(page);
  await giveEvents(page, name, events);
  const found = { virtual: 0, real: 0 };
  const moments = targetsOf(events);
  for (const target of moments) {
    const { equalTo, missing, extra } = await compare(page, name, events, target);
    if (equalTo !== undefined) found[equalTo]++;
    else {
      const offset = target.time - events[0]!.timestamp;
      process.stderr.write(`${name} differs at ${offset} ms\n`);
      for (const line of missing.slice(0, 5)) process.stderr.write(`  - ${line.trim()}\n`);
      for (const line of extra.slice(0, 5)) process.stderr.write(`  + ${line.trim()}\n`);
    }
  }
  await page.close();
  rows.push([
    ...[name, events.length, found.virtual, moments.length],
    ...[found.real, misses, foldMs],
  ]);
  equal += found.virtual + found.real;
  all += moments.length;
}

/** After the first snapshot: of a large page it takes a while, and before it there is nothing to show. */
function targetsOf(events: readonly ReplayEvent[]): Target[] {
  const from = (events.find(({ type }) => type === 2) ?? events[0]!).timestamp + 1;
  const length = events.at(-1)!.timestamp - from;
  return Array.from({ length: targets }, (_, i) => {
    const checkpoint = from + Math.round(((i + 0.7) / targets) * length);
    return { checkpoint, time: checkpoint + (i % 2 === 0 ? 0 : Math.min(AHEAD_MS, length / 10)) };
  });
}

/** As if the recorder had made only the first one. */
function withoutCheckpoints(events: readonly ReplayEvent[]): ReplayEvent[] {
  const isCheckpoint = ({ type }: ReplayEvent): boolean => type === 2 || type === 4;
  const first = events.findIndex(({ type }) => type === 2);
  return events.filter((event, i) => i <= first || !isCheckpoint(event));
}
