/**
 * Segments per second of one worker and of two, with the same load in one run.
 *
 * Unlike `ingest` it counts by the wall clock, because more workers are for more cores; the sender
 * needs a core too, so that two workers on two cores cannot be twice as fast. CPU time per segment
 * says what the supervisor and its pipes cost, whatever the cores do.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcessor, type Processor } from '../collector-processor/test/support/processor.js';
import { processCost } from './support/process-cost.js';
import { SegmentSender } from './support/segment-sender.js';
import { printTable } from './support/table.js';

/** Of the CPU time per segment, two workers over one process. */
const TARGET = 1.25;
const SEGMENT_BYTES = 15_000;
const SESSIONS = 2_000;
const CONNECTIONS = 16;
const WARM_UP = { segments: SESSIONS, seconds: 4 };
/** Each of the two is measured so often, in turn, so that a busy neighbour disturbs both. */
const ROUNDS = 2;
const MEASURED = { segments: Number.MAX_SAFE_INTEGER, seconds: 3 };

interface Result {
  segments: number;
  wallSeconds: number;
  cpuSeconds: number;
  rssBytes: number;
}

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);

const COUNTS = [1, 2] as const;
const results = new Map(COUNTS.map((workers) => [workers, emptyResult()]));
for (let round = 0; round < ROUNDS; round++) {
  for (const workers of COUNTS) add(results.get(workers)!, await measure(workers));
}

const [one, two] = COUNTS.map((workers) => results.get(workers)!) as [Result, Result];
const perSecond = (r: Result): number => r.segments / r.wallSeconds;
const cpuMs = (r: Result): number => (1000 * r.cpuSeconds) / r.segments;
process.stdout.write(
  `\n${SESSIONS} live sessions, one segment of ${SEGMENT_BYTES} bytes a request, ${CONNECTIONS} connections, every session kept, ${availableParallelism()} cores, one of which the sender needs\n\n`,
);
printTable([
  [
    'workers',
    'segments',
    'wall s',
    'segments/s',
    'CPU s',
    'CPU ms a segment',
    'cores used',
    'RSS MiB',
  ],
  ...COUNTS.map((workers) => {
    const r = results.get(workers)!;
    return [
      String(workers),
      ...[r.segments, r.wallSeconds, perSecond(r), r.cpuSeconds, cpuMs(r)],
      ...[r.cpuSeconds / r.wallSeconds, r.rssBytes / ROUNDS / 1024 / 1024],
    ];
  }),
]);
const cost = cpuMs(two) / cpuMs(one);
const passed = cost <= TARGET;
process.stdout.write(
  `\nspeed: ${(perSecond(two) / perSecond(one)).toFixed(2)} times the segments per second with two\n` +
    `workers: ${cost.toFixed(2)} times the CPU time per segment (target <= ${TARGET}) ${passed ? 'pass' : 'fail'}\n`,
);
process.exitCode = passed ? 0 : 1;

async function measure(workers: number): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-workers-'));
  const service = await startProcessor({
    directory,
    config: `service: { workers: ${workers}, telemetry: { logs: { level: info } } }`,
    built: true,
  });
  const sender = new SegmentSender({
    base: await service.url('otlp'),
    sessions: SESSIONS,
    segmentBytes: SEGMENT_BYTES,
    connections: CONNECTIONS,
  });
  const kill = (): void => service.kill('SIGKILL');
  process.once('exit', kill);
  try {
    await sender.run(WARM_UP);
    const [before, sentBefore, start] = [costOf(service), sender.sent, performance.now()];
    await sender.run(MEASURED);
    const after = costOf(service);
    return {
      segments: sender.sent - sentBefore,
      wallSeconds: (performance.now() - start) / 1000,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      rssBytes: after.rssBytes,
    };
  } finally {
    sender.close();
    kill();
    process.off('exit', kill);
    await service.exited;
    rmSync(directory, { recursive: true });
  }
}

/** Of the process and its workers. */
function costOf({ pid }: Processor): { cpuSeconds: number; rssBytes: number } {
  const all = [pid, ...childrenOf(pid)].map(processCost);
  return {
    cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssBytes: all.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

function emptyResult(): Result {
  return { segments: 0, wallSeconds: 0, cpuSeconds: 0, rssBytes: 0 };
}

function add(sum: Result, more: Result): void {
  sum.segments += more.segments;
  sum.wallSeconds += more.wallSeconds;
  sum.cpuSeconds += more.cpuSeconds;
  sum.rssBytes += more.rssBytes;
}
