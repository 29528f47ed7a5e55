/**
 * From a trace to the first frame of its session of an hour, over 8 Mbit/s and 60 ms: with recorded
 * checkpoints every minute, every five minutes, and only one at the start, with and without those that
 * the processor makes. The real processor, the real player in a real browser; each opening in a page
 * that has compiled nothing of it yet. Bytes are those sent until the player has loaded all that it
 * loads ahead of a moment. Flags: `--minutes 60 --opens 5 --seeks 8`, `--requests` to list them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { ReplayEvent, SessionManifest } from '@otel-replay/protocol';
import {
  makeSegment,
  randomHex,
  send,
  tracesBody,
} from '../collector-processor/test/support/otlp.js';
import { startProcessor } from '../collector-processor/test/support/processor.js';
import { Relay } from '../recorder-otel/test/support/relay.js';
import type { OpeningPage } from './open/in-page.js';
import { makeSession } from './open/session.js';
import { OpeningSite } from './open/site.js';
import { numberFlag } from './support/flags.js';
import { percentile } from './support/percentile.js';
import { printTable } from './support/table.js';

const TARGET = { openMs: 1000, share: 0.05, seekMs: 300, heap: 1.5 };
const SEGMENT_MS = 5000;
const GOLDEN_RATIO = 0.618;
const minutes = numberFlag('--minutes', 60);
const opens = numberFlag('--opens', 5);
const seeks = numberFlag('--seeks', 8);
const listsRequests = process.argv.includes('--requests');

const CONFIG = `
processors: { session_replay: { policies: [{ name: everything, type: always_sample }] } }
exporters: { replay_store: { flush_interval: 1s } }
service: { telemetry: { logs: { level: info } } }
`;

interface Sent {
  sessionId: string;
  traces: string[];
  from: number;
  to: number;
  bytes: number;
}

interface Row {
  name: string;
  openMs: number;
  share: number;
  seekMs: number;
  heapMB: number;
}

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), 'bench-open-'));
const service = await startProcessor({ directory, config: CONFIG, built: true });
const kill = (): void => service.kill('SIGKILL');
process.once('exit', kill);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
const site = new OpeningSite(await service.url('replay_api'));
await site.start();
const relay = new Relay(site.url);
await relay.start();
try {
  const length = minutes * 60_000;
  const [often, seldom, once, short] = [
    await record(length, 60_000),
    await record(length, 300_000),
    await record(length, 0),
    await record(length / 6, 0),
  ];
  const rows = [
    await measure(browser, 'recorded every 60 s', often),
    await measure(browser, 'recorded every 5 min', seldom),
    await measure(browser, '  without made ones', seldom, true),
    await measure(browser, 'one at the start', once),
    await measure(browser, '  without made ones', once, true),
    await measure(browser, 'one, a sixth as long', short),
  ];
  report(rows);
} finally {
  await relay.stop();
  site.stop();
  await browser.close();
  kill();
  process.off('exit', kill);
  await service.exited;
  rmSync(directory, { recursive: true });
}

/** Sends a session to the processor and waits until all of it can be read. */
async function record(lengthMs: number, checkpointMs: number): Promise<Sent> {
  const from = Date.now() - lengthMs - 60_000;
  const { events, moments } = makeSession(from, lengthMs, checkpointMs);
  const [sessionId, recordingId] = [randomHex(16), randomHex(16)];
  const traces = moments.map(() => randomHex(16));
  const base = await service.url('otlp');
  const batches = cut(events);
  let checkpoint = 0;
  let bytes = 0;
  for (const [index, batch] of batches.entries()) {
    const [first, last] = [batch[0]!.timestamp, batch.at(-1)!.timestamp];
    const hasFullSnapshot = batch.some(({ type }) => type === 2);
    if (hasFullSnapshot) checkpoint++;
    const traceIds = traces.filter(
      (_, i) => moments[i]! >= first && moments[i]! < first + SEGMENT_MS,
    );
    const header = {
      ...{ sessionId, recordingId, index, checkpoint, hasFullSnapshot, traceIds },
      ...{ firstTimestamp: first, lastTimestamp: last, eventCount: batch.length },
      clientSendTime: Date.now(),
    };
    const segment = await makeSegment(header, batch);
    bytes += segment.data.byteLength;
    const answer = await send(base, tracesBody('protobuf', [segment]));
    if (!answer.ok) throw new Error(`the processor answered ${answer.status}`);
    await answer.arrayBuffer();
  }
  const api = await service.url('replay_api');
  for (;;) {
    const answer = await fetch(`${api}/api/v1/sessions/${sessionId}`);
    const manifest = (await answer.json()) as Partial<SessionManifest>;
    const known = manifest.recordings?.[0]?.segments.length ?? 0;
    if (known >= batches.length) break;
    await sleep(500);
  }
  return { sessionId, traces, from, to: from + lengthMs, bytes };
}

/** Each starts with a checkpoint or {@link SEGMENT_MS} after the one before. */
function cut(events: readonly ReplayEvent[]): ReplayEvent[][] {
  const found: ReplayEvent[][] = [];
  let from = -Infinity;
  for (const event of events) {
    if (event.type === 4 || event.timestamp - from >= SEGMENT_MS) {
      found.push([]);
      from = event.timestamp;
    }
    found.at(-1)!.push(event);
  }
  return found;
}

async function measure(
  browser: Browser,
  name: string,
  sent: Sent,
  recordedOnly = false,
): Promise<Row> {
  process.stderr.write(`${name.trim()}\n`);
  const [openMs, shares]: [number[], number[]] = [[], []];
  for (let i = 0; i < opens; i++) {
    const traceId = sent.traces[(i * 3 + 1) % sent.traces.length];
    await inPage(browser, async (page) => {
      const before = site.sent;
      site.answered = [];
      openMs.push(await call(page, 'open', traceId, recordedOnly));
      await call(page, 'loadedAhead');
      shares.push((site.sent - before) / sent.bytes);
      list('open');
      const text = await page.evaluate(
        () => (globalThis as unknown as { opening: OpeningPage }).opening.text().length,
      );
      if (text < 1000) throw new Error(`${name}: the replayed table is not there`);
    });
  }
  const seekMs: number[] = [];
  const heapMB = await inPage(browser, async (page) => {
    await call(page, 'open', sent.traces[0]!, recordedOnly);
    for (let i = 0; i < seeks; i++) {
      // To and fro, and in no step with checkpoints.
      const time = sent.from + ((i * GOLDEN_RATIO + 0.3) % 1) * (sent.to - sent.from);
      site.answered = [];
      seekMs.push(await call(page, 'seek', time));
      await call(page, 'loadedAhead');
      list('seek');
    }
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize / 1e6;
  });
  const middle = (values: readonly number[]): number => percentile(values, 0.5);
  return { name, openMs: middle(openMs), share: middle(shares), seekMs: middle(seekMs), heapMB };
}

async function inPage<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  try {
    await page.goto(relay.url);
    await page.waitForFunction(() => 'opening' in globalThis);
    return await use(page);
  } finally {
    await context.close();
  }
}

/** What was asked since the last time it was forgotten. */
function list(what: string): void {
  if (!listsRequests) return;
  for (const { path, bytes, firstMs, ms } of site.answered) {
    const [at, all] = [Math.round(firstMs), Math.round(ms)];
    process.stderr.write(`  ${what}: ${bytes} bytes, ${at} to ${all} ms: ${path}\n`);
  }
}

function call(page: Page, method: keyof OpeningPage, ...args: unknown[]): Promise<number> {
  return page.evaluate(
    ([name, values]) => {
      const { opening } = globalThis as unknown as {
        opening: Record<string, (...values: unknown[]) => Promise<number>>;
      };
      return opening[name as string]!(...values);
    },
    [method, args] as const,
  );
}

function report(rows: readonly Row[]): void {
  const head = ['checkpoints', 'first frame ms', '% of bytes', 'seek ms', 'heap MB'];
  printTable([
    head,
    ...rows.map(({ name, openMs, share, seekMs, heapMB }) => [
      ...[name, openMs, share * 100, seekMs, heapMB],
    ]),
  ]);
  const [often, seldom, , once, , short] = rows;
  if (!often || !seldom || !once || !short) return;
  const most = (of: (row: Row) => number): number => Math.max(...[often, seldom, once].map(of));
  const worst = {
    openMs: most(({ openMs }) => openMs),
    share: most(({ share }) => share),
    seekMs: most(({ seekMs }) => seekMs),
    heap: once.heapMB / short.heapMB,
  };
  const pass = Object.entries(TARGET).every(
    ([key, most]) => worst[key as keyof typeof worst] <= most,
  );
  process.stdout.write(
    `open: first frame ${Math.round(worst.openMs)} ms, ${(worst.share * 100).toFixed(1)} % of the bytes, seek ${Math.round(worst.seekMs)} ms, ${worst.heap.toFixed(2)}x the heap of a sixth of the session (target <= ${TARGET.openMs} ms, <= ${TARGET.share * 100} %, <= ${TARGET.seekMs} ms, <= ${TARGET.heap}x) ${pass ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = pass ? 0 : 1;
}
