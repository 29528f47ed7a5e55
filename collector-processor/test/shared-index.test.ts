/** Real processes with a real PostgreSQL, a real Redis and one store: any of them answers for all. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem, SessionList, TraceLookup } from '@otel-replay/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  describeWithPostgres,
  startPostgresServer,
  type PostgresServer,
} from './postgres-server/postgres-server.js';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from './redis-server/redis-server.js';
import { createHarness, eventsOf, eventually, manifestWith } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';
import { launch, startProcessor, type Processor } from './support/processor.js';

const harness = createHarness();
const UP = 'otelcol_processor_session_replay_index_up';
const BUFFERED = 'otelcol_processor_session_replay_segments_buffered';

interface Visit {
  sessionId: string;
  recordingId: string;
  traceId: string;
}

function tests(): void {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let count = 0;
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedisServer(), startPostgresServer()]);
  });
  afterAll(async () => {
    await Promise.all([redis?.stop(), postgres?.stop()]);
  });

  /** Instances of one fleet: the same store, index and key prefix. */
  async function fleet(more = 'flush_interval: 1s') {
    const store = await harness.directory();
    const name = `fleet_${count++}`;
    const config = `
processors:
  session_replay:
    session_idle_timeout: 1h
    coordination: { redis: { endpoint: 'localhost:${redis.port}', key_prefix: '${name}:' } }
exporters:
  replay_store:
    filesystem: { directory: '${store}' }
    ${more}
    index: { postgres: { url: '\${env:INDEX_URL}', schema: ${name} } }
`;
    const env = { INDEX_URL: postgres.url };
    return { store, config, env, start: () => harness.start({ config, env }) };
  }

  const visit = (): Visit => ({
    sessionId: `visit ${randomHex(4)}`,
    recordingId: randomHex(16),
    traceId: randomHex(16),
  });

  async function deliver(to: Processor, { traceId, ...ids }: Visit, index: number): Promise<void> {
    const segment = await makeSegment({
      ...{ ...ids, index, userId: ids.sessionId },
      traceIds: index === 1 ? [traceId] : [],
    });
    expect((await send(await to.url('otlp'), tracesBody('protobuf', [segment]))).status).toBe(200);
  }

  const blocksIn = async (store: string): Promise<string[]> =>
    (await readdir(store, { recursive: true })).filter((name) => name.endsWith('.block'));

  it('list, find and play what others recorded, also one that came later', async () => {
    const { start } = await fleet();
    const [a, b] = await Promise.all([start(), start()]);
    const seen = visit();
    for (let index = 0; index < 6; index++) await deliver(index % 2 === 0 ? a : b, seen, index);
    const c = await start();
    for (const processor of [a, b, c]) {
      const api = await processor.url('replay_api');
      const manifest = await manifestWith(api, seen.sessionId, 6);
      expect(manifest.recordings.map((r) => r.gaps)).toEqual([[]]);
      const events = await eventsOf(api, seen.sessionId, seen.recordingId);
      expect([...events.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
      const trace = (await (
        await fetch(`${api}/api/v1/traces/${seen.traceId}`)
      ).json()) as TraceLookup;
      expect(trace.sessions).toMatchObject([{ sessionId: seen.sessionId }]);
      const user = encodeURIComponent(seen.sessionId);
      const list = (await (
        await fetch(`${api}/api/v1/sessions?user=${user}`)
      ).json()) as SessionList;
      expect(list.sessions).toMatchObject([{ sessionId: seen.sessionId, segmentCount: 6 }]);
    }
  });

  it('erase at all of them what one is told to erase', async () => {
    const { store, start } = await fleet('flush_interval: 1h');
    const [a, b] = await Promise.all([start(), start()]);
    const seen = visit();
    const [atA, atB] = [await a.url('replay_api'), await b.url('replay_api')];
    const path = `/api/v1/sessions/${encodeURIComponent(seen.sessionId)}`;
    await deliver(a, seen, 0);
    await deliver(b, seen, 1);
    await manifestWith(atA, seen.sessionId, 2);
    await deliver(b, seen, 2); // in no block for an hour
    await manifestWith(atB, seen.sessionId, 3);
    const answer = await fetch(atA + path, { method: 'DELETE' });
    expect(await answer.json()).toEqual({ deleted: [seen.sessionId] });
    for (const api of [atA, atB]) {
      const problem = (await (await fetch(api + path)).json()) as Problem;
      expect(problem).toMatchObject({ status: 404, reason: 'deleted' });
    }
    await eventually(
      () => b.metric(BUFFERED),
      (held) => held === 0,
    );
    await deliver(b, seen, 3);
    const dropped = 'otelcol_processor_session_replay_segments_dropped';
    expect(await b.metric(dropped, 'reason="deleted"')).toBe(2);
    expect((await b.stop()).code).toBe(0);
    expect((await a.stop()).code).toBe(0);
    expect(await blocksIn(store)).toEqual([]);
  });

  it('go on while PostgreSQL is away, and know everything when it is back', async () => {
    const { start } = await fleet();
    const [a, b] = await Promise.all([start(), start()]);
    const before = visit();
    await deliver(a, before, 0);
    await manifestWith(await b.url('replay_api'), before.sessionId, 1);
    const during = visit();
    let index = 0;
    let stop = false;
    const load = (async () => {
      while (!stop) {
        await deliver(index % 2 === 0 ? a : b, during, index);
        index++;
      }
    })();
    await postgres.kill();
    try {
      for (const processor of [a, b]) {
        await eventually(
          () => processor.metric(UP),
          (up) => up === 0,
        );
        const path = `/api/v1/sessions/${encodeURIComponent(before.sessionId)}`;
        const answer = await fetch((await processor.url('replay_api')) + path);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect((await fetch(await processor.url('health_check'))).status).toBe(200);
      }
      const stored = 'otelcol_processor_session_replay_segments_stored';
      const soFar = await a.metric(stored);
      await eventually(
        () => a.metric(stored),
        (now) => now > soFar,
      );
      // One that starts now takes requests as well.
      const c = await start();
      await deliver(c, visit(), 0);
      expect((await fetch(`${await c.url('replay_api')}/api/v1/sessions`)).status).toBe(503);
      expect((await c.stop()).code).toBe(0);
    } finally {
      stop = true;
      await load;
      await postgres.restart();
    }
    for (const processor of [a, b]) {
      const api = await processor.url('replay_api');
      await manifestWith(api, before.sessionId, 1);
      const manifest = await manifestWith(api, during.sessionId, index);
      expect(manifest.recordings.map((r) => r.gaps)).toEqual([[]]);
    }
    expect(a.log).not.toContain(encodeURIComponent(postgres.password));
  });

  it('are told what the store holds by a command', async () => {
    const { config, env, start, store } = await fleet();
    const a = await start();
    const [kept, removed] = [visit(), visit()];
    await deliver(a, kept, 0);
    await deliver(a, removed, 0);
    const api = await a.url('replay_api');
    await manifestWith(api, kept.sessionId, 1);
    await manifestWith(api, removed.sessionId, 1);
    const folder = join(store, 'v1/sessions', encodeURIComponent(removed.sessionId));
    // Stored and indexed; nothing of it is written again.
    await eventually(
      () => a.metric(BUFFERED),
      (held) => held === 0,
    );
    await rm(folder, { recursive: true });
    const directory = await harness.directory();
    const file = join(directory, 'config.yaml');
    await writeFile(file, `${config}${REST}`);
    const command = launch(['rebuild-index', '--config', file], {
      env: { ...env, DATA: directory },
    });
    expect((await command.exited).code, command.log).toBe(0);
    expect(command.log).toContain('index rebuilt from the store');
    const rows = await postgres.query(`SELECT session_id FROM fleet_${count - 1}.sessions`);
    expect(rows).toEqual([{ session_id: kept.sessionId }]);
    expect((await manifestWith(api, kept.sessionId, 1)).state).toBe('active');
  });

  it('do not start with a wrong password, and say which key to look at', async () => {
    const { config } = await fleet();
    const wrong = postgres.url.replace(/:[^:@]*@/, ':opensesame@');
    const start = startProcessor({
      directory: await harness.directory(),
      config,
      env: { INDEX_URL: wrong },
    });
    const error: unknown = await start.catch((e: unknown) => e);
    expect(String(error)).toMatch(/password authentication failed.*replay_store\.index\.postgres/);
    expect(String(error)).not.toContain('    at ');
    expect(String(error)).not.toContain('opensesame');
  });

  it('show no password in their configuration', async () => {
    const { config, env } = await fleet();
    const directory = await harness.directory();
    const file = join(directory, 'config.yaml');
    await writeFile(file, `${config}${REST}`);
    const print = launch(['print-config', '--config', file], { env: { ...env, DATA: directory } });
    expect((await print.exited).code, print.log).toBe(0);
    expect(print.stdout).toContain('postgres:');
    expect(print.stdout).not.toContain(encodeURIComponent(postgres.password));
  });
}

/** What the harness would merge in. */
const REST = `
receivers: { otlp: {} }
extensions: { file_storage: { directory: '\${env:DATA}/buffer' } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [replay_store] }
`;

describeWithPostgres('instances that share PostgreSQL', () =>
  describeWithRedis('and Redis', tests),
);
