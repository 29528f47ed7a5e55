/**
 * Segments per second of one process and of two workers, with the same load in one run.
 *
 * Unlike `ingest` it looks at the wall clock too, because more workers are for more cores; the
 * sender needs one, so that on two cores two workers cannot be twice as fast. The claim is therefore
 * about what the workers cost: the CPU time of a segment, supervisor and pipes included.
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

/** CPU time of a segment: two workers over one process. */
const TARGET = 1.5;
const POLICY = '{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }';
const SEGMENT_BYTES = 15_000;
const SESSIONS = 1_000;
const CONNECTIONS = 16;
/** Each worker has to have met most sessions, and its code compiled. */
const WARM_UP = { segments: 4 * SESSIONS, seconds: 5 };
/** In turn, so that a busy neighbour disturbs both alike. */
const SLICES = 4;
const SLICE = { segments: Number.MAX_SAFE_INTEGER, seconds: 1.5 };

interface Candidate {
  workers: number;
  service: Processor;
  sender: SegmentSender;
  directory: string;
  segments: number;
  wallSeconds: number;
  cpuSeconds: number;
}

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);

const candidates: Candidate[] = [];
process.once('exit', () => candidates.forEach(({ service }) => service.kill('SIGKILL')));
for (const workers of [1, 2]) candidates.push(await start(workers));
for (const { sender } of candidates) await sender.run(WARM_UP);
for (let i = 0; i < SLICES; i++) for (const candidate of candidates) await measure(candidate);

process.stdout.write(
  `\n${SESSIONS} live sessions, one segment of ${SEGMENT_BYTES} bytes a request, ${CONNECTIONS} connections, sessions kept on errors only; ${availableParallelism()} cores, one of which the sender needs\n\n`,
);
printTable([
  [
    ...['workers', 'segments', 'segments/s', 'CPU s', 'CPU ms a segment', 'cores used'],
    ...['RSS MiB'],
  ],
  ...candidates.map((c) => [
    ...[String(c.workers), c.segments, perSecond(c), c.cpuSeconds, cpuMs(c)],
    ...[c.cpuSeconds / c.wallSeconds, costOf(c.service).rssBytes / 1024 / 1024],
  ]),
]);
for (const { sender, service, directory } of candidates) {
  sender.close();
  service.kill('SIGKILL');
  await service.exited;
  rmSync(directory, { recursive: true });
}

const [one, two] = candidates as [Candidate, Candidate];
const cost = cpuMs(two) / cpuMs(one);
const passed = cost <= TARGET;
process.stdout.write(
  `\nspeed: ${(perSecond(two) / perSecond(one)).toFixed(2)} times the segments per second with two workers\n` +
    `workers: ${cost.toFixed(2)} times the CPU time per segment (target <= ${TARGET}) ${passed ? 'pass' : 'fail'}\n`,
);
process.exitCode = passed ? 0 : 1;

async function start(workers: number): Promise<Candidate> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-workers-'));
  const service = await startProcessor({
    directory,
    config: `processors: { session_replay: { policies: [${POLICY}] } }\nservice: { workers: ${workers}, telemetry: { logs: { level: info } } }`,
    built: true,
  });
  const sender = new SegmentSender({
    base: await service.url('otlp'),
    sessions: SESSIONS,
    segmentBytes: SEGMENT_BYTES,
    connections: CONNECTIONS,
  });
  return { workers, service, sender, directory, segments: 0, wallSeconds: 0, cpuSeconds: 0 };
}

async function measure(candidate: Candidate): Promise<void> {
  const { sender, service } = candidate;
  const [before, sentBefore, begun] = [costOf(service), sender.sent, performance.now()];
  await sender.run(SLICE);
  candidate.wallSeconds += (performance.now() - begun) / 1000;
  candidate.cpuSeconds += costOf(service).cpuSeconds - before.cpuSeconds;
  candidate.segments += sender.sent - sentBefore;
}

function perSecond({ segments, wallSeconds }: Candidate): number {
  return segments / wallSeconds;
}

function cpuMs({ cpuSeconds, segments }: Candidate): number {
  return (1000 * cpuSeconds) / segments;
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
