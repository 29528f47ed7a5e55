/**
 * From an error on any span to its replay, visible by the API, with load beside it.
 *
 * The service keeps errors only, by its defaults. Again and again a visit is recorded, then a backend
 * span of a trace that one of its segments names fails; measured is from sending that span until the
 * API finds the trace and every segment of the visit can be fetched. Every other error comes before
 * the segment that names its trace; there it is measured from that segment on.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RecordReader, type TraceLookup } from '@otel-replay/protocol';
import { startProcessor, type Processor } from '../collector-processor/test/support/processor.js';
import { beginVisit } from './support/failing-visit.js';
import { numberFlag } from './support/flags.js';
import { percentile } from './support/percentile.js';
import { pinSelf } from './support/process-cost.js';
import { SegmentSender } from './support/segment-sender.js';
import { sendSteadily } from './support/steady.js';
import { printTable } from './support/table.js';

const TARGET_MS = 5000;
const VISITS = numberFlag('--visits', 200);
const LOAD = { sessions: 2000, segmentBytes: 15_000, connections: 4 };
const PER_SECOND = 400;
const PACE_MS = 50;
const GIVE_UP_MS = 60_000;

const CONFIG = `
processors:
  session_replay:
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
service: { telemetry: { logs: { level: info } } }
`;

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);
const pinned = pinSelf(1);
const directory = mkdtempSync(join(tmpdir(), 'bench-flush-'));
const service = await startProcessor({
  directory,
  config: CONFIG,
  launcher: pinned ? ['taskset', '-c', '0'] : [],
  built: true,
});
const kill = (): void => service.kill('SIGKILL');
process.once('exit', kill);
const load = new SegmentSender({ ...LOAD, base: await service.url('otlp') });
try {
  const ending = new AbortController();
  const { signal } = ending;
  const loading = sendSteadily(load, { perSecond: PER_SECOND, seconds: 3600, signal });
  const begin = performance.now();
  const results = await measure(service);
  const perSecond = (load.sent / (performance.now() - begin)) * 1000;
  ending.abort();
  await loading;
  report(results, perSecond);
} finally {
  load.close();
  kill();
  process.off('exit', kill);
  await service.exited;
  rmSync(directory, { recursive: true });
}

interface Result {
  errorFirst: boolean;
  /** Infinity: it never was. */
  visibleMs: number;
}

async function measure(processor: Processor): Promise<Result[]> {
  const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
  const running: Promise<Result>[] = [];
  for (let i = 0; i < VISITS; i++) {
    running.push(visit(otlp, api, i % 2 === 1));
    await sleep(PACE_MS);
  }
  return Promise.all(running);
}

async function visit(otlp: string, api: string, errorFirst: boolean): Promise<Result> {
  const { complete, segments, sessionId, traceId } = await beginVisit(otlp, errorFirst);
  const begin = performance.now();
  await complete();
  for (;;) {
    const isVisible = (await visibleSegments(api, traceId, sessionId)) === segments;
    const visibleMs = performance.now() - begin;
    if (isVisible) return { errorFirst, visibleMs };
    if (visibleMs > GIVE_UP_MS) return { errorFirst, visibleMs: Number.POSITIVE_INFINITY };
    await sleep(5);
  }
}

/** Segments that can be fetched of the replay that the trace leads to. */
async function visibleSegments(api: string, traceId: string, sessionId: string): Promise<number> {
  const found = await fetch(`${api}/api/v1/traces/${traceId}`);
  if (!found.ok) {
    await found.arrayBuffer();
    return 0;
  }
  const session = ((await found.json()) as TraceLookup).sessions.find(
    (one) => one.sessionId === sessionId,
  );
  if (session === undefined) return 0;
  const path = `/api/v1/sessions/${sessionId}/recordings/${session.recordingId}/events`;
  const events = await fetch(api + path);
  const bytes = new Uint8Array(await events.arrayBuffer());
  return events.ok ? new RecordReader().push(bytes).length : 0;
}

function report(results: readonly Result[], loadPerSecond: number): void {
  const row = (name: string, some: readonly Result[]): (string | number)[] => {
    const times = some.map(({ visibleMs }) => visibleMs);
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    return [name, some.length, p50, p99, Math.max(...times)];
  };
  process.stdout.write(
    `\nbeside ${Math.round(loadPerSecond)} segments/s of ${LOAD.segmentBytes} bytes from ${LOAD.sessions} sessions\n\n`,
  );
  printTable([
    ['from error to replay', 'visits', 'p50 ms', 'p99 ms', 'max ms'],
    row(
      'error after its segments',
      results.filter((r) => !r.errorFirst),
    ),
    row(
      'error before the segment of its trace',
      results.filter((r) => r.errorFirst),
    ),
    row('all', results),
  ]);
  const p99 = percentile(
    results.map(({ visibleMs }) => visibleMs),
    0.99,
  );
  const passed = p99 <= TARGET_MS;
  process.stdout.write(
    `\nflush: p99 ${Math.round(p99)} ms (target <= ${TARGET_MS} ms) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
}
