/** Several worker processes under one supervisor: what it promises is what one process promises. */
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, eventually, manifestWith } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import { makeSegment, randomHex, tracesBody } from './support/otlp.js';
import { launch, startProcessor, type Processor } from './support/processor.js';

const harness = createHarness();
const REPLAY = 'otelcol_processor_session_replay_';
const ERRORS_ONLY = `
processors:
  session_replay:
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
`;
const FLUSH_SOON = 'exporters: { replay_store: { flush_interval: 1s } }';
/** Only what hangs takes so long. */
const HANGS_MS = 120_000;

const workers = (n: number, more = FLUSH_SOON): string => `service: { workers: ${n} }\n${more}`;

/** On a connection of its own: the supervisor deals them out in turn. */
function post(base: string, body: Uint8Array): Promise<number | 'broken' | 'hangs'> {
  return new Promise((resolve) => {
    const call = request(
      `${base}/v1/traces`,
      {
        method: 'POST',
        agent: false,
        timeout: HANGS_MS,
        headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 'broken'));
        response.once('error', () => resolve('broken'));
      },
    );
    call.once('timeout', () => {
      resolve('hangs');
      call.destroy();
    });
    call.once('error', () => resolve('broken'));
    call.end(body);
  });
}

async function sendOne(base: string, body: Uint8Array): Promise<void> {
  expect(await post(base, body)).toBe(200);
}

/** Pid of each worker, in order; of a worker that was started again, the last. */
function pidsOf(processor: Processor): number[] {
  const pids: number[] = [];
  for (const line of processor.log.split('\n')) {
    if (!line.includes('"message":"worker started"')) continue;
    const { worker, pid } = JSON.parse(line) as { worker: number; pid: number };
    pids[worker - 1] = pid;
  }
  return pids;
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

interface HealthAnswer {
  code: number;
  health: string;
  components: Record<string, { error?: string }>;
}

async function health(processor: Processor): Promise<HealthAnswer> {
  const response = await fetch(await processor.url('health_check'));
  return { ...((await response.json()) as HealthAnswer), code: response.status };
}

async function journalsWithRecords(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(join(directory, 'buffer', 'workers'))) {
    const files = await readdir(join(directory, 'buffer', 'workers', name, 'journal'));
    if (files.some((file) => file.endsWith('.log'))) found.push(name);
  }
  return found.sort();
}

describe('workers', () => {
  it('keep a session whole whose segments and whose error come to different ones', async () => {
    const directory = await harness.directory();
    const processor = await harness.start({
      directory,
      config: workers(3, `${FLUSH_SOON}\n${ERRORS_ONLY}`),
    });
    expect(new Set(pidsOf(processor)).size).toBe(3);
    const otlp = await processor.url('otlp');
    const traceId = randomHex(16);
    const failed = { sessionId: 'failed', recordingId: randomHex(16) };
    const clean = { sessionId: 'clean', recordingId: randomHex(16) };
    const SEGMENTS = 9;
    for (let index = 0; index < SEGMENTS; index++) {
      const traceIds = index === 4 ? [traceId] : [];
      await sendOne(
        otlp,
        tracesBody('protobuf', [await makeSegment({ ...failed, index, traceIds })]),
      );
      await sendOne(otlp, tracesBody('protobuf', [await makeSegment({ ...clean, index })]));
    }
    expect(await journalsWithRecords(directory)).toEqual(['1', '2', '3']);
    const received = { name: `${REPLAY}segments_received`, label: 'outcome="accepted"' };
    expect(await processor.metric(received.name, received.label)).toBe(2 * SEGMENTS);

    await sendOne(otlp, tracesBody('protobuf', [], [{ traceId, name: 'POST /pay', error: true }]));
    const api = await processor.url('replay_api');
    const { decision, recordings } = await manifestWith(api, 'failed', SEGMENTS);
    expect(decision?.policy).toBe('errors');
    expect(recordings[0]?.gaps).toEqual([]);
    const events = await eventsOf(api, 'failed', failed.recordingId);
    expect([...events.keys()]).toEqual(Array.from({ length: SEGMENTS }, (_, index) => index));
    expect((await fetch(`${api}/api/v1/sessions/clean`)).status).toBe(404);
    await eventually(
      () => processor.metric(`${REPLAY}segments_stored`),
      (stored) => stored === SEGMENTS,
    );
    expect(await processor.metric(`${REPLAY}segments_buffered`)).toBe(SEGMENTS);
  });

  it('lose nothing that was acknowledged when one is killed under load, and count on', async () => {
    const processor = await harness.start({ config: workers(2) });
    const otlp = await processor.url('otlp');
    const [victim = 0] = pidsOf(processor);
    const acknowledged = new Map<string, Set<number>>();
    const recordings = new Map<string, string>();
    let killed = false;
    let goOn = true;
    const senders = Array.from({ length: 4 }, async (_, s) => {
      const ids = { sessionId: `session-${s}`, recordingId: randomHex(16) };
      const taken = new Set<number>();
      acknowledged.set(ids.sessionId, taken);
      recordings.set(ids.sessionId, ids.recordingId);
      for (let index = 0; goOn; index++) {
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })]);
        const answer = await post(otlp, body);
        expect(answer).not.toBe('hangs');
        if (answer === 200) taken.add(index);
        if (index === 15 && !killed) {
          killed = true;
          process.kill(victim, 'SIGKILL');
        }
      }
    });
    await processor.logged('a worker died; it is started again');
    let accepted = 0;
    let restarted = false;
    while (!restarted) {
      const now = await processor.metric(`${REPLAY}segments_received`);
      expect(now).toBeGreaterThanOrEqual(accepted); // no counter falls when a process is gone
      accepted = now;
      restarted = (await processor.metric(`${REPLAY}workers`, 'state="ready"')) === 2;
    }
    goOn = false;
    await Promise.all(senders);
    expect(await processor.metric(`${REPLAY}worker_restarts`)).toBe(1);
    expect(pidsOf(processor)).toHaveLength(2);
    expect(pidsOf(processor)[0]).not.toBe(victim);
    expect(await health(processor)).toMatchObject({ code: 200, health: 'StatusOK' });

    const api = await processor.url('replay_api');
    for (const [sessionId, taken] of acknowledged) {
      await eventually(
        () => eventsOf(api, sessionId, recordings.get(sessionId)!).catch(() => new Map()),
        (events) => [...taken].every((index) => events.has(index)),
      );
    }
    // The books of all processes, the dead one included.
    await eventually(
      async () => {
        const value = (name: string, label = ''): Promise<number> =>
          processor.metric(`${REPLAY}segments_${name}`, label);
        return {
          in: (await value('received', 'outcome="accepted"')) + (await value('recovered')),
          out:
            (await value('stored')) +
            (await value('dropped')) +
            (await value('left')) +
            (await value('buffered')),
        };
      },
      (books) => books.in === books.out,
    );
  });

  it('that die again and again do not stop the others', async () => {
    const processor = await harness.start({ config: workers(2) });
    const otlp = await processor.url('otlp');
    const ids = { sessionId: 's', recordingId: randomHex(16) };
    const ROUNDS = 3;
    for (let round = 0; round < ROUNDS; round++) {
      const killAndAsk = (): Promise<HealthAnswer> => {
        const victim = pidsOf(processor)[1] ?? 0;
        if (isAlive(victim)) process.kill(victim, 'SIGKILL');
        return health(processor);
      };
      const state = await eventually(
        killAndAsk,
        ({ health: word }) => word === 'StatusRecoverableError',
      );
      expect(state.code).toBe(200);
      await eventually(
        async () =>
          post(otlp, tracesBody('protobuf', [await makeSegment({ ...ids, index: round })])),
        (status) => status === 200,
      );
      await eventually(
        () => health(processor),
        ({ health: word }) => word === 'StatusOK',
      );
    }
    expect(await processor.metric(`${REPLAY}worker_restarts`)).toBeGreaterThanOrEqual(ROUNDS);
    expect((await processor.stop()).code).toBe(0);
  });

  it('end when their supervisor is killed, and what they held is there for the next', async () => {
    const directory = await harness.directory();
    const first = await harness.start({ directory, config: workers(2, ERRORS_ONLY) });
    const ids = { sessionId: 'orphan', recordingId: randomHex(16) };
    for (let index = 0; index < 6; index++) {
      const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })]);
      await sendOne(await first.url('otlp'), body);
    }
    first.kill('SIGKILL');
    // At once: the next supervisor waits for them.
    const second = await harness.start({ directory, config: workers(2, ERRORS_ONLY) });
    await first.exited; // its workers too: they had the other ends of its pipes
    expect(first.log).toContain('the supervisor is gone; the worker ends');
    expect(await second.metric(`${REPLAY}segments_recovered`)).toBe(6);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('drain on %s', async (signal) => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const directory = await harness.directory();
    const config = `${hop.config}  workers: 2\n`;
    const first = await harness.start({ directory, config });
    const otlp = await first.url('otlp');
    const ids = { sessionId: 'drained', recordingId: randomHex(16) };
    const acknowledged: number[] = [];
    const sender = (async () => {
      for (let index = 0; ; index++) {
        const span = { traceId: randomHex(16), name: `span-${index}-` };
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })], [span]);
        if ((await post(otlp, body)) !== 200) return;
        acknowledged.push(index);
        // As a terminal or an init system does it: to every process of the group.
        if (index === 20) {
          for (const pid of [first.pid, ...pidsOf(first)]) process.kill(pid, signal);
        }
      }
    })();
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await sender;
    expect(first.log).toContain('"message":"stopped"');
    for (const index of acknowledged) {
      expect(hop.received.some(({ body }) => body.includes(`span-${index}-`))).toBe(true);
    }
    const second = await harness.start({ directory, config });
    expect(await second.metric(`${REPLAY}segments_recovered`)).toBe(0);
    await manifestWith(await second.url('replay_api'), 'drained', acknowledged.length);
  });

  it('tell their supervisor what they cannot do, and it tells who asks for health', async () => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    hop.status = 503;
    const processor = await harness.start({ config: `${hop.config}  workers: 2\n` });
    const otlp = await processor.url('otlp');
    for (let i = 0; i < 4; i++) {
      const spans = [{ traceId: randomHex(16), name: 'GET /' }];
      await sendOne(otlp, tracesBody('protobuf', [], spans));
    }
    const { code, components } = await eventually(
      () => health(processor),
      (answer) => ['workers/1', 'workers/2'].every((w) => answer.components[w]?.error),
    );
    expect(code).toBe(200);
    expect(components['workers/2']?.error).toContain('the next hop takes nothing');
    hop.status = 200;
    await eventually(
      () => health(processor),
      (answer) => answer.health === 'StatusOK',
    );
    expect(await processor.metric('otelcol_exporter_sent_spans')).toBeGreaterThanOrEqual(4);
  });

  it('1, then 3, then 2, then 1 of them: journals and queues go on where they are taken up', async () => {
    const hop = new NextHop();
    await hop.start();
    await hop.stop(); // nobody listens
    harness.onEnd(() => hop.stop());
    const directory = await harness.directory();
    const ids = { sessionId: 'moved', recordingId: randomHex(16) };
    const traceId = randomHex(16);
    let index = 0;
    const names: string[] = [];
    const run = async (count: number, signal: NodeJS.Signals): Promise<void> => {
      const config = `${hop.config}  workers: ${count}\n${ERRORS_ONLY}`;
      const processor = await harness.start({ directory, config });
      expect(await processor.metric(`${REPLAY}segments_recovered`)).toBe(index);
      expect(await processor.metric('otelcol_exporter_queue_size')).toBe(names.length);
      const otlp = await processor.url('otlp');
      for (let i = 0; i < 6; i++) {
        const traceIds = index === 0 ? [traceId] : [];
        const segment = await makeSegment({ ...ids, index: index++, traceIds });
        const span = { traceId: randomHex(16), name: `span-${index}-` };
        names.push(span.name);
        await sendOne(otlp, tracesBody('protobuf', [segment], [span]));
      }
      processor.kill(signal);
      await processor.exited;
    };
    await run(1, 'SIGTERM');
    await run(3, 'SIGKILL');
    await run(2, 'SIGTERM');
    await run(1, 'SIGKILL');
    await hop.start();
    const config = `${hop.config}  workers: 1\n${ERRORS_ONLY}`;
    const last = await harness.start({ directory, config });
    expect(await last.metric(`${REPLAY}segments_recovered`)).toBe(24);
    await eventually(
      () =>
        Promise.resolve(
          names.filter((name) => hop.received.some(({ body }) => body.includes(name))),
        ),
      ({ length }) => length === names.length,
    );
    const error = [{ traceId, name: 'POST /pay', error: true }];
    await sendOne(await last.url('otlp'), tracesBody('protobuf', [], error));
    const manifest = await manifestWith(await last.url('replay_api'), 'moved', 24);
    expect(manifest.recordings[0]?.gaps).toEqual([]);
    expect(existsSync(join(directory, 'buffer', 'workers'))).toBe(false);
  });

  it('are those of one supervisor per directory', async () => {
    const directory = await harness.directory();
    const first = await harness.start({ directory, config: workers(2) });
    for (const count of [2, 1]) {
      await expect(startProcessor({ directory, config: workers(count) })).rejects.toThrow(
        `is in use by process ${first.pid}`,
      );
    }
    expect((await health(first)).code).toBe(200);
  });

  it('do not start when one cannot, and say why once', async () => {
    const first = await harness.start();
    const port = new URL(await first.url('otlp')).port;
    const config = `receivers: { otlp: { protocols: { http: { endpoint: 'localhost:${port}' } } } }\n${workers(2)}`;
    const error: unknown = await startProcessor({
      directory: await harness.directory(),
      config,
    }).catch((e: unknown) => e);
    const text = String(error);
    expect(text.split(`port ${port} on 127.0.0.1 is taken by another process`)).toHaveLength(2);
    expect(text).not.toMatch(/^ +at /m);
  });

  it('are refused by number before anything starts', async () => {
    const file = join(await harness.directory(), 'config.yaml');
    await writeFile(file, 'service: { workers: 0 }\n');
    const run = launch(['validate', '--config', file]);
    expect((await run.exited).code).toBe(1);
    expect(run.log).toContain(
      'service.workers: must be a whole number from 1 to 64, or auto (is 0)',
    );
  });
});
