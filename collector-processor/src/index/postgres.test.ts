/** The shared index on a real PostgreSQL: what the contract says, and what only a server can do to us. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionKey } from '@otel-replay/protocol';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import {
  describeWithPostgres,
  startPostgresServer,
  type PostgresServer,
} from '../../test/postgres-server/postgres-server.js';
import { createFilesystemStore } from '../store/filesystem.js';
import { createLogger, silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { indexContract, makeBlock, makeSummary } from './contract.js';
import {
  IndexConfigError,
  IndexLostError,
  IndexUnavailableError,
  type SessionIndex,
} from './index.js';
import { createPostgresIndex, type PostgresIndexOptions } from './postgres.js';
import { rebuildIndex } from './rebuild.js';
import { encodeTombstone, tombstoneKey } from './tombstone.js';

const WAIT = { timeout: 30_000, interval: 20 };
const id = (n: number): string => n.toString(16).padStart(32, '0');
const nothing = (): Promise<void> => Promise.resolve();

describeWithPostgres('the index in PostgreSQL', () => {
  let server: PostgresServer;
  let count = 0;
  let schema: string;
  const started: SessionIndex[] = [];
  beforeAll(async () => {
    server = await startPostgresServer();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((index) => index.stop()));
  });
  afterAll(() => server.stop());

  const fresh = (): void => void (schema = `test_${count++}`);
  const make = (
    options: Partial<PostgresIndexOptions> = {},
    deps: { metrics?: Metrics; log?: string[] } = {},
  ): SessionIndex => {
    const { log } = deps;
    const logger =
      log === undefined
        ? silentLogger
        : createLogger({ level: 'info', encoding: 'json', write: (line) => void log.push(line) });
    const index = createPostgresIndex(
      { url: server.url, schema, instance: 'a', maxReconnectDelayMs: 100, ...options },
      { logger, metrics: deps.metrics ?? new Metrics() },
    );
    started.push(index);
    return index;
  };
  /** Started and complete. */
  const open = async (options?: Partial<PostgresIndexOptions>): Promise<SessionIndex> => {
    const index = make(options);
    await index.start();
    await index.rebuild(nothing);
    return index;
  };

  indexContract('postgres', () => {
    fresh();
    return make();
  });

  it('is set up once, however many start at the same time', async () => {
    fresh();
    const all = Array.from({ length: 12 }, (_, i) =>
      make({ instance: `i${i}`, maxConnections: 1 }),
    );
    for (const index of all)
      expect(await Promise.all([index.start()])).toEqual([{ rebuild: true }]);
    fresh();
    const more = Array.from({ length: 12 }, (_, i) =>
      make({ instance: `i${i}`, maxConnections: 1 }),
    );
    const answers = await Promise.all(more.map((index) => index.start()));
    expect(answers).toEqual(more.map(() => ({ rebuild: true })));
  });

  it('is rebuilt by one instance while the others wait for it', async () => {
    fresh();
    const all = [make({ instance: 'a' }), make({ instance: 'b' }), make({ instance: 'c' })];
    await Promise.all(all.map((index) => index.start()));
    let running = 0;
    let runs = 0;
    await Promise.all(
      all.map((index) =>
        index.rebuild(async () => {
          expect(running++).toBe(0);
          runs++;
          await index.putBlock(makeBlock({ first: 0, count: 1 }));
          running--;
        }),
      ),
    );
    expect(runs).toBe(1);
    for (const index of all) expect(await index.session('s1')).toBeDefined();
    expect(await make().start()).toEqual({ rebuild: false });
  });

  it('is rebuilt by another when the one that began is gone', async () => {
    fresh();
    const [a, b] = [make(), make({ instance: 'b' })];
    await a.start();
    await b.start();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const first = a.rebuild(async (signal) => {
      begin();
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    });
    const failed = expect(first).rejects.toThrow(IndexUnavailableError);
    await begun;
    const fill = vi.fn(nothing);
    const second = b.rebuild(fill);
    await server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    await failed;
    await second;
    expect(fill).toHaveBeenCalledOnce();
  });

  it('gives the wait for another up when it is told to', async () => {
    fresh();
    const [a, b] = [make(), make({ instance: 'b' })];
    await a.start();
    await b.start();
    const stop = new AbortController();
    let end = (): void => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const first = a.rebuild(() => {
      begin();
      return new Promise<void>((resolve) => (end = resolve));
    });
    await begun;
    const second = b.rebuild(nothing, { signal: stop.signal });
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    end();
    await first;
  });

  it('derives one summary out of blocks that many instances put at once', async () => {
    fresh();
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((instance) => open({ instance })));
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        all[i % 4]!.putBlock(makeBlock({ first: i, count: 2, traceIds: [id(i % 5)] })),
      ),
    );
    for (const index of all) {
      const found = await index.session('s1');
      expect(found?.blocks).toHaveLength(40);
      expect(found?.summary).toMatchObject({ segmentCount: 41, traceCount: 5 });
      expect((await index.list({ limit: 10 })).sessions).toEqual([found?.summary]);
    }
  });

  it('takes a session for ended when it has ended at every instance', async () => {
    fresh();
    const [a, b] = [await open(), await open({ instance: 'b' })];
    const state = async (): Promise<string | undefined> => (await a.session('s1'))?.summary.state;
    await a.putSession(makeSummary('s1'));
    await b.putSession(makeSummary('s1'));
    await a.putBlock(makeBlock({ first: 0, count: 1 }));
    expect(await a.activeSessions()).toEqual(['s1']);
    await a.putSession(makeSummary('s1', { state: 'ended' }));
    expect([await a.activeSessions(), await b.activeSessions()]).toEqual([[], ['s1']]);
    await a.putBlock(makeBlock({ first: 1, count: 1 }));
    await a.putSession(makeSummary('s1', { state: 'ended' }), { found: true });
    expect(await state()).toBe('active');
    await b.putSession(makeSummary('s1', { state: 'ended' }));
    expect(await state()).toBe('ended');
  });

  it('says the same as the embedded one, rebuilt from the store or not', async () => {
    fresh();
    const directory = await mkdtemp(join(tmpdir(), 'index-'));
    try {
      const store = createFilesystemStore({ directory });
      await store.start();
      const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
      for (let s = 0; s < 3; s++) {
        const sessionId = `s/${s}\0\\`;
        await store.put(sessionKey(sessionId), bytes(makeSummary(sessionId, { state: 'ended' })));
        for (let b = 0; b < 3; b++) {
          const block = makeBlock({
            sessionId,
            first: b * 3,
            count: 4,
            userId: 'a\0b',
            url: '\\0',
          });
          await store.put(block.key, block.content);
        }
      }
      const gone = { sessionId: 'g', reason: 'deleted', time: 1, traceIds: [id(9)] } as const;
      await store.put(tombstoneKey('g'), encodeTombstone({ ...gone, traceIds: [id(9)] }));
      const index = make();
      await index.start();
      const fill = async (): Promise<void> => void (await rebuildIndex(index, store, silentLogger));
      await index.rebuild(fill);
      const list = await index.list({ limit: 9, user: 'a\0b', url: '\\0' });
      expect(list.sessions.map((s) => [s.sessionId, s.segmentCount, s.state])).toEqual(
        [2, 1, 0].map((s) => [`s/${s}\0\\`, 10, 'ended']),
      );
      expect(await index.sessionsOfUser('a\0b')).toHaveLength(3);
      expect(await index.tombstone('g')).toEqual(gone);
      await index.rebuild(fill, { force: true });
      expect(await index.list({ limit: 9, user: 'a\0b', url: '\\0' })).toEqual(list);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('is made anew when it is of an older version, and left alone when of a newer one', async () => {
    fresh();
    await open();
    await server.query(`UPDATE ${schema}.meta SET value = '0' WHERE name = 'version'`);
    expect(await make().start()).toEqual({ rebuild: true });
    await server.query(`UPDATE ${schema}.meta SET value = '999' WHERE name = 'version'`);
    await expect(make().start()).rejects.toThrow(/newer version.*999.*postgres\.schema/);
  });

  it('says so when its tables are gone, and starts anew', async () => {
    fresh();
    const index = await open();
    await server.query(`DROP SCHEMA ${schema} CASCADE`);
    await expect(index.putBlock(makeBlock({ first: 0, count: 1 }))).rejects.toThrow(IndexLostError);
    expect(await index.start()).toEqual({ rebuild: true });
    expect(await index.putBlock(makeBlock({ first: 0, count: 1 }))).toBe(true);
  });

  it('refuses to start with what an operator must mend, and says what, but no secret', async () => {
    fresh();
    const cases: [Partial<PostgresIndexOptions>, RegExp][] = [
      [{ password: 'wrong' }, /password authentication failed.*index\.postgres/],
      [{ database: 'nowhere' }, /database "nowhere" does not exist.*index\.postgres/],
      [{ username: 'stranger', password: 'known' }, /permission denied.*CREATE/],
    ];
    await server.query("CREATE ROLE stranger LOGIN PASSWORD 'known'");
    await server.query('GRANT CONNECT ON DATABASE postgres TO stranger');
    for (const [wrong, message] of cases) {
      const index = createPostgresIndex(
        {
          ...{ instance: 'a', schema, endpoint: { host: '127.0.0.1', port: server.port } },
          ...{ username: server.user, password: server.password, database: server.database },
          ...wrong,
        },
        { logger: silentLogger, metrics: new Metrics() },
      );
      started.push(index);
      const error: unknown = await index.start().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(IndexConfigError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toContain(server.password);
    }
  });

  it('gives up statements that take too long, and goes on', async () => {
    fresh();
    const index = await open({ statementTimeoutMs: 1000 });
    const other = await server.client();
    await other.query(`BEGIN; LOCK TABLE ${schema}.blocks`);
    const put = (): Promise<boolean> => index.putBlock(makeBlock({ first: 0, count: 1 }));
    await expect(put()).rejects.toThrow(/timeout/);
    await expect(put()).rejects.toBeInstanceOf(IndexUnavailableError);
    await other.query('COMMIT');
    await vi.waitFor(async () => expect(await put()).toBe(true), WAIT);
    await other.end();
  });

  it('fails at once while the server is away, and comes back alone', async () => {
    fresh();
    const log: string[] = [];
    const metrics = new Metrics();
    const up = (): number => metrics.value('otelcol_processor_session_replay_index_up');
    const own = await startPostgresServer();
    try {
      const index = make({ url: own.url }, { metrics, log });
      await index.start();
      await index.rebuild(nothing);
      expect(up()).toBe(1);
      // Under load: many writers, of which some are under way when it dies.
      let stop = false;
      const taken = new Set<number>();
      let next = 0;
      const writers = Array.from({ length: 8 }, async () => {
        while (!stop) {
          const n = next++;
          const block = makeBlock({ first: n, count: 1, sessionId: `s${n % 4}` });
          await index.putBlock(block).then(
            () => taken.add(n),
            (error: unknown) => {
              expect(error).toBeInstanceOf(IndexUnavailableError);
              return new Promise((resolve) => setTimeout(resolve, 10));
            },
          );
        }
      });
      await vi.waitFor(() => expect(taken.size).toBeGreaterThan(20), WAIT);
      await own.kill();
      await vi.waitFor(() => expect(up()).toBe(0), WAIT);
      await expect(index.list({ limit: 1 })).rejects.toThrow(IndexUnavailableError);
      await own.restart();
      await vi.waitFor(() => expect(up()).toBe(1), WAIT);
      const before = taken.size;
      await vi.waitFor(() => expect(taken.size).toBeGreaterThan(before + 20), WAIT);
      stop = true;
      await Promise.all(writers);
      const found = await Promise.all([0, 1, 2, 3].map((n) => index.session(`s${n}`)));
      const there = new Set(
        found.flatMap((s) => s?.blocks.map((b) => b.footer.entries[0]?.segment?.index)),
      );
      for (const n of taken) expect(there.has(n)).toBe(true);
      const messages = log.map((line) => (JSON.parse(line) as { message: string }).message);
      // Said when it goes and when it comes, not by each who notices.
      const went = messages.filter((m) => m.startsWith('PostgreSQL is away')).length;
      expect(went).toBeGreaterThan(0);
      expect(messages.filter((m) => m === 'connected to PostgreSQL')).toHaveLength(went + 1);
      expect(log.join('\n')).not.toContain(encodeURIComponent(own.password));
    } finally {
      await own.stop();
    }
  });

  it('takes a server that falls silent for one that is away', async () => {
    fresh();
    const proxy = await silentProxy(server.port);
    try {
      const endpoint = { host: '127.0.0.1', port: proxy.port };
      const metrics = new Metrics();
      const index = createPostgresIndex(
        {
          ...{
            instance: 'a',
            schema,
            endpoint,
            maxReconnectDelayMs: 50,
            database: server.database,
          },
          ...{ username: server.user, password: server.password, statementTimeoutMs: 1000 },
          connectTimeoutMs: 2000,
        },
        { logger: silentLogger, metrics },
      );
      started.push(index);
      await index.start();
      await index.rebuild(nothing);
      proxy.silence(true);
      await expect(index.tombstone('s')).rejects.toThrow(IndexUnavailableError);
      proxy.silence(false);
      await vi.waitFor(async () => expect(await index.tombstone('s')).toBeUndefined(), WAIT);
    } finally {
      await proxy.stop();
    }
  });
});

/** Passes on what it hears, until it is told to be silent. */
async function silentProxy(port: number) {
  const sockets = new Set<Socket>();
  let silent = false;
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => void (silent || to.write(chunk)));
      from.on('close', () => to.destroy());
      from.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    silence: (on: boolean) => void (silent = on),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
