/** CPU time of the page's main thread for both codings, in turns; waiting for a core does not count. */
import type { Browser, CDPSession } from 'playwright-core';
import { withEncoders } from './browser.js';
import type { Coding, Segment } from './coders.js';
import type { EncodingPage } from './in-page.js';

export interface Cost {
  /** Milliseconds for all segments, medians of the rounds. */
  jsonMs: number;
  columnsMs: number;
  /** Columns over JSON, the median of the rounds' own ratios. */
  ratio: number;
  /** The same in pages that have compiled nothing yet. */
  firstRatio: number;
}

/** A round codes at least this much JSON, so that asking for it does not count. */
const ROUND_BYTES = 4_000_000;

export async function costOf(
  browser: Browser,
  segments: readonly Segment[],
  rounds: number,
): Promise<Cost> {
  const json = JSON.stringify(segments);
  const repeat = Math.ceil(ROUND_BYTES / json.length);
  const first = await firstTimes(browser, json);
  return withEncoders(browser, async (page, cdp) => {
    await page.evaluate((text) => (globalThis as EncodingPage).prepare?.(text), json);
    const run = (coding: Coding): Promise<number> =>
      threadTime(cdp, () =>
        page.evaluate(([name, times]) => (globalThis as EncodingPage).encode?.(name, times), [
          coding,
          repeat,
        ] as const),
      );
    const times: { json: number; columns: number }[] = [];
    await run('json');
    await run('columns');
    for (let round = 0; round < rounds; round++) {
      times.push({ json: await run('json'), columns: await run('columns') });
    }
    return {
      jsonMs: median(times.map((time) => time.json)) / repeat,
      columnsMs: median(times.map((time) => time.columns)) / repeat,
      ratio: median(times.map((time) => time.columns / time.json)),
      firstRatio: first.columns / first.json,
    };
  });
}

async function firstTimes(
  browser: Browser,
  json: string,
): Promise<{ json: number; columns: number }> {
  const once = (coding: Coding): Promise<number> =>
    withEncoders(browser, async (page, cdp) => {
      await page.evaluate((text) => (globalThis as EncodingPage).prepare?.(text), json);
      return threadTime(cdp, () =>
        page.evaluate((name) => (globalThis as EncodingPage).encode?.(name, 1), coding),
      );
    });
  const times: { json: number; columns: number }[] = [];
  for (let i = 0; i < 3; i++)
    times.push({ json: await once('json'), columns: await once('columns') });
  return {
    json: median(times.map((time) => time.json)),
    columns: median(times.map((time) => time.columns)),
  };
}

async function threadTime(cdp: CDPSession, act: () => Promise<unknown>): Promise<number> {
  const before = await readThreadTime(cdp);
  await act();
  return (await readThreadTime(cdp)) - before;
}

async function readThreadTime(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const metric = metrics.find(({ name }) => name === 'ThreadTime');
  if (!metric) throw new Error('this browser does not tell the time of its threads');
  return metric.value * 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
