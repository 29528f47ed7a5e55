/** One page load with one variant, in a renderer process of its own, measured through CDP. */
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { BenchPage } from './pages/main.js';
import type { Sink } from './sink.js';
import { startTrace } from './trace.js';
import type { Variant } from './variant.js';

export interface Run {
  /** CPU time of the page's main thread, rendering included: waiting for a core does not count. */
  mainMs: number;
  /** Of that, what is no rendering. */
  workMs: number;
  /** The rest: style, layout, paint, as the page itself causes them. */
  renderingMs: number;
  /** CPU time of the whole renderer process: compression in workers is in it. */
  processMs: number;
  /** Tasks of the main thread that took more than 50 ms of CPU. */
  longTasks: number;
  /** Milliseconds of CPU of the longest. */
  longestMs: number;
  wireBytes: number;
  requests: number;
  heapBytes: number;
  /** Elements found in the recording, snapshots included. */
  elements: number;
  errors: string[];
}

/** Peers send at the latest 5.5 seconds after the last event. */
const DRAIN_MS = 6000;

export interface MeasureOptions {
  browser: Browser;
  sink: Sink;
  variant: Variant;
  scenario: string;
  /** Called around the work. */
  profile?: ((cdp: CDPSession, work: () => Promise<void>) => Promise<void>) | undefined;
}

export async function measure(options: MeasureOptions): Promise<Run> {
  const { browser, sink, variant, scenario } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    sink.clear();
    const errors: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${sink.origin}/${variant.name}/?scenario=${scenario}`);
    await page.waitForFunction(() => (window as BenchPage).startRecorder !== undefined);
    await page.waitForTimeout(300);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    const endTrace = await startTrace(cdp);
    const before = await metrics(cdp);
    const work = (): Promise<void> =>
      page.evaluate((drainMs) => (window as BenchPage).benchRun!(drainMs), DRAIN_MS);
    await (options.profile ? options.profile(cdp, work) : work());
    const after = await metrics(cdp);
    const { workMs, renderingMs, longTasks } = await endTrace();
    const heapBytes = await heapAfterGc(cdp);
    const kept = await page.evaluate(() => (window as BenchPage).recorded?.join() ?? '');
    await leave(page, sink);
    const replay = sink.received.filter((request) => variant.isReplay?.(request));
    return {
      mainMs: (after.ThreadTime - before.ThreadTime) * 1000,
      processMs: (after.ProcessTime - before.ProcessTime) * 1000,
      workMs,
      renderingMs,
      longTasks: longTasks.length,
      longestMs: Math.max(0, ...longTasks),
      wireBytes: replay.reduce((sum, { body }) => sum + body.length, 0),
      requests: replay.length,
      heapBytes,
      elements: count(variant.decode ? await variant.decode(replay) : kept),
      errors,
    };
  } finally {
    await context.close();
  }
}

/** In JSON, or in JSON inside of a JSON string. */
const count = (recording: string): number => recording.match(/\\?"tagName\\?"/g)?.length ?? 0;

/** What is sent as the page goes away counts too. */
async function leave(page: Page, sink: Sink): Promise<void> {
  await page.goto('about:blank');
  await sink.quiet(300);
}

async function metrics(cdp: CDPSession): Promise<{ ThreadTime: number; ProcessTime: number }> {
  const { metrics: values } = await cdp.send('Performance.getMetrics');
  const read = (wanted: string): number => {
    const metric = values.find(({ name }) => name === wanted);
    if (!metric) throw new Error(`this browser has no metric ${wanted}`);
    return metric.value;
  };
  return { ThreadTime: read('ThreadTime'), ProcessTime: read('ProcessTime') };
}

async function heapAfterGc(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.enable');
  for (let i = 0; i < 2; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize;
}
