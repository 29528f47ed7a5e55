/**
 * How large segments are in columns beside gzipped JSON, and what either costs the page. rrweb records
 * the generated pages of `recorder` in a real browser; its events are cut into segments of 5 s, coded one
 * by one. CPU is what the main thread does: add and finish beside JSON.stringify and TextEncoder, in turns.
 * Flags: `--scenario table,typing --rounds 15 --recordings <folder of *.ndjson.gz>`.
 */
import { chromium } from 'playwright-core';
import { recordPage } from './encoding/browser.js';
import { readRecordings } from './encoding/recordings.js';
import type { Segment } from './encoding/coders.js';
import { costOf } from './encoding/cost.js';
import { cut, sizesOf } from './encoding/segments.js';
import { listFlag, numberFlag } from './support/flags.js';
import { printTable } from './support/table.js';

const SIZE_TARGET = 0.7;
const CPU_TARGET = 1;
const SCENARIOS = ['big-dom', 'table', 'stream', 'typing', 'scroll'];

const scenarios = listFlag('--scenario', SCENARIOS, SCENARIOS);
const rounds = numberFlag('--rounds', 15);
const at = process.argv.indexOf('--recordings');
const recordings = at < 0 ? [] : readRecordings(process.argv[at + 1] ?? '');

const HEAD = [
  ...['events of', 'segments', 'JSON KB', 'gzip KB', 'deflate KB', 'columns KB', 'ratio'],
  ...['JSON ms', 'columns ms', 'ratio', 'first time'],
];
const rows: (string | number)[][] = [];
let worstSize = 0;
let worstCpu = 0;

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
try {
  for (const scenario of scenarios) {
    judge(await row(scenario, cut(await recordPage(browser, scenario))));
  }
  // Of others' pages: their style sheets may be most of the bytes, so they are shown, not judged.
  for (const { name, events } of recordings) await row(name, cut(events));
} finally {
  await browser.close();
}

async function row(
  name: string,
  segments: readonly Segment[],
): Promise<{ size: number; cpu: number }> {
  process.stderr.write(`${name}\n`);
  const { json, gzip, deflate, columns } = sizesOf(segments);
  const cost = await costOf(browser, segments, rounds);
  const sizes = [json / 1024, gzip / 1024, deflate / 1024, columns / 1024, columns / gzip];
  const times = [cost.jsonMs, cost.columnsMs, cost.ratio, cost.firstRatio];
  rows.push([name, segments.length, ...sizes, ...times]);
  return { size: columns / gzip, cpu: cost.ratio };
}

function judge({ size, cpu }: { size: number; cpu: number }): void {
  worstSize = Math.max(worstSize, size);
  worstCpu = Math.max(worstCpu, cpu);
}

printTable([HEAD, ...rows]);
const pass = worstSize <= SIZE_TARGET && worstCpu <= CPU_TARGET;
process.stdout.write(
  `encoding: ${worstSize.toFixed(2)} of gzip JSON, ${worstCpu.toFixed(2)} of its CPU, at worst ` +
    `(target <= ${SIZE_TARGET} and <= ${CPU_TARGET}) ${pass ? 'pass' : 'fail'}\n`,
);
process.exitCode = pass ? 0 : 1;
