/**
 * CPU time of the task in which recording a large page starts, its snapshot included, over what bare
 * rrweb takes; tracing is taken off both. Pages and variants are those of `recorder`, of which this is
 * the part that a page feels most, in a minute instead of many. Flags: `--rounds 9 --scenario big-dom`.
 */
import { chromium, type Browser } from 'playwright-core';
import { bundle } from '../recorder-otel/test/support/bundles.js';
import { pageOf, servePages } from './recorder/page.js';
import type { BenchPage } from './recorder/pages/main.js';
import { Sink } from './recorder/sink.js';
import { VARIANTS } from './recorder/variants.js';
import { listFlag, numberFlag } from './support/flags.js';
import { printTable } from './support/table.js';

const TARGET = 1;
const SCENARIOS = ['big-dom', 'table', 'stream', 'typing', 'scroll'];

const rounds = numberFlag('--rounds', 9);
const [scenario = ''] = listFlag('--scenario', SCENARIOS, ['big-dom']);
const variants = VARIANTS.filter(({ name }) => ['otel', 'rrweb', 'ours'].includes(name));
const sink = new Sink();
await sink.start();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
try {
  await servePages(sink);
  for (const variant of variants) {
    sink.serve(`/${variant.name}/`, pageOf(variant));
    for (const [path, text] of (await bundle(variant)).files) {
      sink.serve(`/${variant.name}/${path}`, { type: 'text/javascript', text });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const { name } = variants[(i + round) % variants.length]!;
      times.get(name)!.push(await startTime(browser, name));
    }
  }
} finally {
  await browser.close();
  sink.stop();
}

const middle = (name: string): number => median(times.get(name)!);
printTable([
  ['variant', 'start ms', '+ ms', 'lowest', 'highest'],
  ...variants.map(({ name }) => [
    name,
    middle(name),
    middle(name) - middle('otel'),
    Math.min(...times.get(name)!),
    Math.max(...times.get(name)!),
  ]),
]);
const figure = (middle('ours') - middle('otel')) / (middle('rrweb') - middle('otel'));
process.stdout.write(
  `recorder-start: ${figure.toFixed(2)} of bare rrweb (target <= ${TARGET}) ${figure <= TARGET ? 'pass' : 'fail'}\n`,
);
process.exitCode = figure <= TARGET ? 0 : 1;

/** Milliseconds of CPU of a fresh page's main thread. */
async function startTime(inBrowser: Browser, name: string): Promise<number> {
  const context = await inBrowser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(`${sink.origin}/${name}/?scenario=${scenario}`);
    await page.waitForFunction(() => (window as BenchPage).startRecorder !== undefined);
    // The page is drawn, as it is where a recorder starts.
    await page.waitForTimeout(200);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    const threadMs = async (): Promise<number> => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return metrics.find((metric) => metric.name === 'ThreadTime')!.value * 1000;
    };
    const before = await threadMs();
    await page.evaluate(() => void (window as BenchPage).startRecorder!());
    return (await threadMs()) - before;
  } finally {
    await context.close();
  }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
