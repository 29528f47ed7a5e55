/**
 * A steady 2,000 segments of 15 KB a second from 10,000 live sessions, for as long as you like.
 *
 * Errors only, as in production: nearly everything is held, and dropped when it is old, and a session
 * a second has an error. Printed are memory over time, garbage collections as the process itself saw
 * them, drops by reason, and whether what was sent, received, stored and dropped adds up.
 * `--seconds 3600` for an hour; what is held needs 4 GB of disk.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { booksOf } from '../collector-processor/test/support/books.js';
import { metricIn, startProcessor } from '../collector-processor/test/support/processor.js';
import { beginVisit } from './support/failing-visit.js';
import { numberFlag } from './support/flags.js';
import { percentile } from './support/percentile.js';
import { pinSelf, processCost } from './support/process-cost.js';
import { SegmentSender } from './support/segment-sender.js';
import { sendSteadily } from './support/steady.js';
import { printTable } from './support/table.js';

const TARGET = { perSecond: 2000, rssMib: 300, gcMs: 20 };
const SECONDS = numberFlag('--seconds', 60);
const SAMPLES = 12;
const LOAD = {
  sessions: numberFlag('--sessions', 10_000),
  segmentBytes: 15_000,
  connections: 32,
};
const MIB = 1024 * 1024;
const SEGMENTS = 'otelcol_processor_session_replay_segments_';

const CONFIG = `
processors:
  session_replay:
    buffer: { max_size: 16GiB }
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
service: { telemetry: { logs: { level: info } } }
`;

interface Sample {
  seconds: number;
  sent: number;
  rssBytes: number;
  cpuSeconds: number;
  bufferBytes: number;
}

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);
const pinned = pinSelf(1);
const directory = mkdtempSync(join(tmpdir(), 'bench-soak-'));
const gcFile = join(directory, 'gc.txt');
const gcWatch = pathToFileURL(fileURLToPath(new URL('./support/gc-watch.mjs', import.meta.url)));
const service = await startProcessor({
  directory,
  config: CONFIG,
  launcher: pinned ? ['taskset', '-c', '0'] : [],
  built: true,
  env: { GC_WATCH_FILE: gcFile, NODE_OPTIONS: `--import ${gcWatch.href}` },
});
const kill = (): void => service.kill('SIGKILL');
process.once('exit', kill);
const otlp = await service.url('otlp');
const load = new SegmentSender({ ...LOAD, base: otlp });
try {
  const { samples, sent } = await soak();
  await report(samples, sent);
} finally {
  load.close();
  kill();
  process.off('exit', kill);
  await service.exited;
  rmSync(directory, { recursive: true });
}

async function soak(): Promise<{ samples: Sample[]; sent: number }> {
  const samples: Sample[] = [];
  const ending = new AbortController();
  const failing = failOnceASecond(ending.signal);
  const begin = performance.now();
  const running = sendSteadily(load, { perSecond: TARGET.perSecond, seconds: SECONDS });
  let going = true;
  void running.finally(() => (going = false)).catch(() => undefined);
  for (let next = 1; going;) {
    await sleep(100);
    const seconds = (performance.now() - begin) / 1000;
    if (seconds < (next * SECONDS) / SAMPLES) continue;
    next++;
    samples.push(await sample(seconds));
  }
  await running;
  samples.push(await sample((performance.now() - begin) / 1000));
  ending.abort();
  return { samples, sent: load.sent + (await failing) };
}

async function sample(seconds: number): Promise<Sample> {
  const { cpuSeconds, rssBytes } = processCost(service.pid);
  const bufferBytes = await service.metric('otelcol_processor_session_replay_buffer_bytes');
  return { seconds, sent: load.sent, rssBytes, cpuSeconds, bufferBytes };
}

/** Returns how many segments its visits sent. */
async function failOnceASecond(signal: AbortSignal): Promise<number> {
  let segments = 0;
  for (let n = 0; !signal.aborted; n++) {
    const visit = await beginVisit(otlp, n % 2 === 1);
    await visit.complete();
    segments += visit.segments;
    await sleep(1000, undefined, { signal }).catch(() => undefined);
  }
  return segments;
}

async function report(samples: readonly Sample[], sent: number): Promise<void> {
  const last = samples.at(-1)!;
  const { peakRssBytes } = processCost(service.pid);
  const perSecond = last.sent / last.seconds;
  printTable([
    ['seconds', 'sent', 'per s', 'CPU s', 'RSS MiB', 'journal MiB'],
    ...samples.map((s, i) => {
      const before = samples[i - 1] ?? { seconds: 0, sent: 0 };
      const rate = (s.sent - before.sent) / (s.seconds - before.seconds);
      return [
        s.seconds.toFixed(1),
        s.sent,
        rate,
        s.cpuSeconds,
        s.rssBytes / MIB,
        s.bufferBytes / MIB,
      ];
    }),
  ]);
  const gc = collections();
  process.stdout.write('\n');
  printTable([
    ['garbage collections', 'count', 'p50 ms', 'p99 ms', 'max ms'],
    ...[...gc].map(([kind, ms]) => [
      kind,
      ms.length,
      percentile(ms, 0.5),
      percentile(ms, 0.99),
      Math.max(...ms),
    ]),
  ]);
  const scrape = await service.scrape();
  const received = metricIn(scrape, `${SEGMENTS}received`, 'outcome="accepted"');
  process.stdout.write('\n');
  printTable([
    ['segments', 'count'],
    ['sent', sent],
    ['received', received],
    ['stored', metricIn(scrape, `${SEGMENTS}stored`)],
    ['buffered', metricIn(scrape, `${SEGMENTS}buffered`)],
    ...dropsIn(scrape).map(([reason, count]) => [`dropped: ${reason}`, count]),
  ]);
  const books = await booksOf(service);
  const gcMs = Math.max(0, ...[...gc.values()].flat());
  const rssMib = peakRssBytes / MIB;
  const checks: [passed: boolean, line: string][] = [
    [
      perSecond >= TARGET.perSecond * 0.99,
      `rate ${Math.round(perSecond)}/s (bar ${TARGET.perSecond})`,
    ],
    [rssMib <= TARGET.rssMib, `peak memory ${Math.ceil(rssMib)} MiB (bar <= ${TARGET.rssMib})`],
    [gcMs < TARGET.gcMs, `longest GC ${gcMs.toFixed(1)} ms (bar < ${TARGET.gcMs})`],
    [received === sent, `sent ${sent}, received ${received} (bar: equal)`],
    [books.in === books.out, `books ${books.in} in, ${books.out} out or held (bar: equal)`],
    [
      dropsIn(scrape).every(([reason]) => reason === 'not_recorded'),
      'dropped only what nobody wanted (bar: nothing else)',
    ],
  ];
  process.stdout.write('\n');
  for (const [passed, line] of checks) {
    process.stdout.write(`${passed ? 'met   ' : 'missed'} ${line}\n`);
  }
  const passed = checks.every(([ok]) => ok);
  process.stdout.write(
    `\nsoak: ${Math.round(perSecond)} segments/s for ${Math.round(last.seconds)} s (target >= ${TARGET.perSecond}, and the bars above) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
}

function collections(): Map<string, number[]> {
  const byKind = new Map<string, number[]>();
  for (const line of readFileSync(gcFile, 'utf8').split('\n')) {
    const at = line.lastIndexOf(' ');
    if (at < 0) continue;
    const kind = line.slice(0, at);
    byKind.set(kind, [...(byKind.get(kind) ?? []), Number(line.slice(at + 1))]);
  }
  return byKind;
}

function dropsIn(scrape: string): [reason: string, count: number][] {
  return [...scrape.matchAll(/segments_dropped\{.*?reason="(\w+)".*?\} (\S+)/g)].map((match) => [
    match[1]!,
    Number(match[2]),
  ]);
}
