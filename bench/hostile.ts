/**
 * A million hostile requests to the real service: mutated, truncated, random and mistyped bodies, zip
 * bombs, ids that try to leave their place, and clients that never finish.
 *
 * Every one gets the status it should, the process lives and its memory stays bounded, the books
 * balance, and what an honest sender sends beside them is all there. Cases come from a seed, which is
 * printed: `--seed` repeats a run, `--cases` makes it shorter.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { RecordReader } from '@otel-replay/protocol';
import { booksOf } from '../collector-processor/test/support/books.js';
import {
  hostileBody,
  hostileSeeds,
  type Hostile,
} from '../collector-processor/test/support/hostile-bodies.js';
import { makeSegment, randomHex, tracesBody } from '../collector-processor/test/support/otlp.js';
import { startProcessor } from '../collector-processor/test/support/processor.js';
import { numberFlag } from './support/flags.js';
import { processCost } from './support/process-cost.js';
import { printTable } from './support/table.js';

const CASES = numberFlag('--cases', 1_000_000);
const SEED = numberFlag('--seed', 1 + Math.floor(Math.random() * 1_000_000));
const MAX_RSS_MIB = 500;
const BATCH = 1000;
const CONNECTIONS = 8;
/** Cases between two of the costly kinds. */
const BOMB_EVERY = 5000;
const NASTY_EVERY = 100;
const HONEST_EVERY = 200;
const SLOW_CLIENTS = 50;
const MIB = 1024 * 1024;
/** What the service may write to in its directory. */
const EXPECTED_FILES = new Set(['base.yaml', 'over.yaml', 'store', 'buffer']);
const NASTY_IDS = ['../../etc/passwd', '..', '.', 'a/b', '%2e%2e%2f', 'ü\u0000', 'CON', '-rf', '~'];

const CONFIG = `
processors:
  session_replay:
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }, { name: known, type: string_attribute, string_attribute: { key: user.id, values: [honest] } }]
service: { telemetry: { logs: { level: info } } }
`;

interface Case extends Hostile {
  kind: 'hostile' | 'bomb' | 'nasty id' | 'honest';
  expected: readonly number[];
}

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), 'bench-hostile-'));
const service = await startProcessor({ directory, config: CONFIG, built: true });
const kill = (): void => service.kill('SIGKILL');
process.once('exit', kill);
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const [otlp, api] = [await service.url('otlp'), await service.url('replay_api')];
const seeds = await hostileSeeds();
const bomb = gzipSync(Buffer.alloc(64 * MIB));
const honest = { sessionId: 'honest', recordingId: randomHex(16), userId: 'honest' };
const statuses = new Map<string, number>();
const wrong: string[] = [];
let honestSegments = 0;
const slow = Array.from({ length: SLOW_CLIENTS }, slowClient);
try {
  const start = performance.now();
  for (let done = 0; done < CASES && service.running; done += BATCH) {
    await sendAll(await batch(done, Math.min(BATCH, CASES - done)));
  }
  await report((performance.now() - start) / 1000);
} finally {
  for (const socket of slow) socket.destroy();
  agent.destroy();
  kill();
  process.off('exit', kill);
  await service.exited;
  rmSync(directory, { recursive: true });
}

async function batch(first: number, count: number): Promise<Case[]> {
  const bodies = fc.sample(hostileBody(seeds), { numRuns: count, seed: SEED + first });
  const cases: Case[] = [];
  for (const [i, body] of bodies.entries()) {
    const n = first + i;
    cases.push({ ...body, kind: 'hostile', expected: [200, 400] });
    const plain = { encoding: 'protobuf', gzip: false, path: '/v1/traces' } as const;
    if (n % BOMB_EVERY === 0) {
      const encoded = { ...plain, body: bomb, gzip: true };
      cases.push({ ...encoded, kind: 'bomb', expected: [413] });
    }
    if (n % NASTY_EVERY === 0) {
      const sessionId = NASTY_IDS[(n / NASTY_EVERY) % NASTY_IDS.length]!;
      const segment = await makeSegment({ sessionId, recordingId: randomHex(16), index: 0 });
      const nasty = { ...plain, body: tracesBody('protobuf', [segment]) };
      cases.push({ ...nasty, kind: 'nasty id', expected: [200] });
    }
    if (n % HONEST_EVERY === 0) {
      const segment = await makeSegment({ ...honest, index: honestSegments++ });
      const good = { ...plain, body: tracesBody('protobuf', [segment]) };
      cases.push({ ...good, kind: 'honest', expected: [200] });
    }
  }
  return cases;
}

async function sendAll(cases: readonly Case[]): Promise<void> {
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let one = cases[next++]; one !== undefined; one = cases[next++]) {
      const status = await post(one);
      const key = `${one.kind}: ${status === 0 ? 'no answer' : status}`;
      statuses.set(key, (statuses.get(key) ?? 0) + 1);
      if (one.expected.includes(status)) continue;
      wrong.push(`${key} ${one.path} ${one.encoding} ${Buffer.from(one.body).toString('base64')}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

/** 0 when there was no answer. */
function post({ body, encoding, gzip, kind, path }: Case): Promise<number> {
  const bytes = gzip && kind !== 'bomb' ? gzipSync(body, { level: 1 }) : body;
  return new Promise((resolve) => {
    const call = request(otlp + path, {
      method: 'POST',
      agent,
      headers: {
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        'content-length': bytes.length,
        ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      },
    });
    call.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
    });
    call.once('error', () => resolve(0));
    call.end(bytes);
  });
}

/** Sends its head and then nothing. */
function slowClient(): Socket {
  const { port } = new URL(otlp);
  const socket = connect(Number(port), '127.0.0.1', () => {
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{',
    );
  });
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}

async function report(seconds: number): Promise<void> {
  printTable([
    ['case: status', 'requests'],
    ...[...statuses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => [key, count]),
  ]);
  const alive = service.running;
  const rssMib = alive ? processCost(service.pid).peakRssBytes / MIB : Number.NaN;
  const books = alive ? await booksOf(service) : { in: Number.NaN, out: Number.NaN };
  const kept = alive ? await honestKept() : 0;
  const strays = readdirSync(directory).filter((name) => !EXPECTED_FILES.has(name));
  const checks: [passed: boolean, line: string][] = [
    [alive, `the process lives`],
    [wrong.length === 0, `${wrong.length} unexpected statuses (bar 0)`],
    [rssMib <= MAX_RSS_MIB, `peak memory ${Math.ceil(rssMib)} MiB (bar <= ${MAX_RSS_MIB})`],
    [books.in === books.out, `books ${books.in} in, ${books.out} out or held (bar: equal)`],
    [kept === honestSegments, `${kept} of ${honestSegments} honest segments (bar: all)`],
    [strays.length === 0, `${strays.length} files outside their place (bar 0)`],
  ];
  process.stdout.write(
    `\n${CASES} cases of seed ${SEED} in ${Math.round(seconds)} s, beside ${SLOW_CLIENTS} clients that never finish\n\n`,
  );
  for (const [passed, line] of checks) {
    process.stdout.write(`${passed ? 'met   ' : 'missed'} ${line}\n`);
  }
  for (const line of wrong.slice(0, 5)) process.stdout.write(`  ${line}\n`);
  const failures = checks.filter(([passed]) => !passed).length;
  process.stdout.write(
    `\nhostile: ${failures} bars missed after ${CASES} cases (target 0) ${failures === 0 ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = failures === 0 ? 0 : 1;
}

async function honestKept(): Promise<number> {
  const path = `/api/v1/sessions/${honest.sessionId}/recordings/${honest.recordingId}/events`;
  const response = await fetch(api + path);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.ok ? new RecordReader().push(bytes).length : 0;
}
