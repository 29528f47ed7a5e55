/** What only Redis can do to us: lose messages, keys and itself, refuse and fall silent. */
import { randomUUID } from 'node:crypto';
import type { Decision } from '@otel-replay/protocol';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from '../../test/redis-server/redis-server.js';
import { systemClock } from '../clock.js';
import { createLogger, silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import {
  CoordinationConfigError,
  CoordinationUnavailableError,
  type Coordinator,
  type JoinedSignal,
  type SharedSignal,
} from './index.js';
import { createRedisCoordinator, type RedisCoordinatorOptions } from './redis.js';

const WAIT = { timeout: 20_000, interval: 20 };
const PREFIX = 'otelcol_processor_session_replay_coordination_';

const signal: SharedSignal = { kind: 'error_span', timestamp: 1000, origin: 'backend' };
const decision = (reason = 'why', keepForMs = 60_000): Decision => ({
  policy: 'errors',
  reason,
  decidedAt: Date.now(),
  keepUntil: Date.now() + keepForMs,
});
const link = (n: number) => ({ traceId: `trace ${n}`, sessionId: `session ${n}` });
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The same order in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  let state = 12345;
  const keyed = items.map((item) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return { item, key: state };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

describeWithRedis('coordination when Redis fails', () => {
  let server: RedisServer;
  let admin: Redis;
  let coordinators: Coordinator[];
  let joined: JoinedSignal[];
  let metrics: Metrics;

  beforeEach(async () => {
    server = await startRedisServer();
    admin = server.admin();
    coordinators = [];
    joined = [];
    metrics = new Metrics();
  });
  afterEach(async () => {
    await Promise.all(coordinators.map((c) => c.stop()));
    await server.stop();
  });

  async function connect(options: Partial<RedisCoordinatorOptions> = {}): Promise<Coordinator> {
    const coordinator = createRedisCoordinator(
      {
        endpoint: { host: '127.0.0.1', port: server.port },
        ...{ commandTimeoutMs: 500, maxReconnectDelayMs: 100, heartbeatIntervalMs: 100 },
        ...options,
      },
      { clock: systemClock, metrics, logger: silentLogger },
    );
    coordinator.onJoined((join) => joined.push(join));
    coordinators.push(coordinator);
    await coordinator.start();
    return coordinator;
  }

  const joinedTraces = (): Set<string> => new Set(joined.map((j) => j.traceId));

  it('tells on return what was erased while it was away, and again what it forgot', async () => {
    const [a, b] = [await connect(), await connect()];
    const first = { subject: 's1', time: Date.now() };
    await a.erase(first);
    await server.kill();
    await vi.waitFor(() => expect(a.isAvailable).toBe(false), WAIT);
    const second = { subject: 's2', time: Date.now() };
    await expect(a.erase(second)).rejects.toThrow(CoordinationUnavailableError);
    await server.restart();
    await vi.waitFor(
      async () => expect(await b.erased(['s1', 's2'])).toEqual([first.time, second.time]),
      WAIT,
    );
  });

  it('loses no join of 10,000 traces between two instances, whatever comes first', async () => {
    const patient = { commandTimeoutMs: 30_000 };
    const [a, b] = [await connect(patient), await connect(patient)];
    const steps = shuffled(
      range(10_000).flatMap((n) => [
        { n, at: n % 2 === 0 ? a : b, isLink: true },
        { n, at: n % 3 === 0 ? a : b, isLink: false },
      ]),
    );
    // Both at once, in requests of different sizes, none waiting for another.
    const pending: Promise<void>[] = [];
    const tell = (batch: readonly (typeof steps)[number][]): void => {
      for (const at of [a, b]) {
        const own = batch.filter((s) => s.at === at);
        pending.push(at.linkTraces(own.filter((s) => s.isLink).map((s) => link(s.n))));
        const signals = own.filter((s) => !s.isLink);
        pending.push(at.markSignals(signals.map((s) => ({ ...link(s.n), signal }))));
      }
    };
    for (let i = 0; i < steps.length;) tell(steps.slice(i, (i += 1 + (i % 37))));
    await Promise.all(pending);
    expect(joinedTraces().size).toBe(10_000);
    expect(joined.every((j) => j.sessionId === j.traceId.replace('trace', 'session'))).toBe(true);
  });

  it('loses no join when both halves of many come at the same moment', async () => {
    const patient = { commandTimeoutMs: 30_000 };
    const [a, b] = [await connect(patient), await connect(patient)];
    // One half in a batch so large that the server reads it in pieces, the other in small ones
    // that come in between: whoever read before they wrote would lose some.
    for (let from = 0; from < 20_000; from += 500) {
      const links = range(500).map((i) => link(from + i));
      const signals = links.map(({ traceId }) => ({ traceId, signal }));
      const pieces = range(100).map((i) => [i * 5, i * 5 + 5] as const);
      await Promise.all(
        from % 1000 === 0
          ? [a.linkTraces(links), ...pieces.map((p) => b.markSignals(signals.slice(...p)))]
          : [a.markSignals(signals), ...pieces.map((p) => b.linkTraces(links.slice(...p)))],
      );
    }
    expect(joinedTraces().size).toBe(20_000);
  });

  it('finds by pulling what no message told, and asks for a sweep', async () => {
    const [a, b] = [await connect(), await connect({ heartbeatIntervalMs: 1_000_000 })];
    const heard: string[] = [];
    b.onDecision(({ sessionId }) => heard.push(sessionId));
    let sweeps = 0;
    b.onRecovered(() => sweeps++);
    await a.publish('before', decision());
    await vi.waitFor(() => expect(heard).toEqual(['before']), WAIT);
    // No message reaches anybody from here on.
    await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await a.publish('during', decision('unheard')).catch(() => undefined);
    expect(await b.decisions(['during'])).toMatchObject([{ reason: 'unheard' }]);
    expect(heard).toEqual(['before']);
    await admin.call('ACL', 'SETUSER', 'default', 'allchannels');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await vi.waitFor(() => expect(sweeps).toBe(1), WAIT);
    await a.publish('after', decision());
    await vi.waitFor(() => expect(heard).toContain('after'), WAIT);
  });

  it('is killed and restarted under load: fails fast, then everything is told', async () => {
    const [a, b] = [await connect(), await connect()];
    let sweeps = 0;
    a.onRecovered(() => sweeps++);
    await a.publish('kept', decision('before the crash'));
    const failures: unknown[] = [];
    const load = async (n: number): Promise<void> => {
      const results = await Promise.allSettled([
        (n % 2 === 0 ? a : b).linkTraces([link(n)]),
        (n % 3 === 0 ? a : b).markSignals([{ ...link(n), signal }]),
        n % 100 === 0 ? a.publish(`session ${n}`, decision(`trigger ${n}`)) : undefined,
      ]);
      for (const r of results) if (r.status === 'rejected') failures.push(r.reason);
    };
    let n = 0;
    const during = async (work: Promise<void>): Promise<void> => {
      let done = false;
      void work.finally(() => (done = true));
      while (!done) {
        await Promise.all(range(20).map(() => load(n++)));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await work;
    };
    await Promise.all(range(100).map(() => load(n++)));
    await during(server.kill());
    await vi.waitFor(() => expect([a.isAvailable, b.isAvailable]).toEqual([false, false]), WAIT);
    await Promise.all(range(200).map(() => load(n++)));
    await expect(a.decisions(['kept'])).rejects.toBeInstanceOf(CoordinationUnavailableError);
    expect(metrics.value(`${PREFIX}up`, { connection: 'commands' })).toBe(0);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((f) => f instanceof CoordinationUnavailableError)).toBe(true);
    await during(server.restart());
    await vi.waitFor(() => expect(a.isAvailable && b.isAvailable && sweeps > 0).toBe(true), WAIT);
    await Promise.all(range(100).map(() => load(n++)));
    // The new server knows what the old one forgot.
    await vi.waitFor(async () => {
      const [kept, late] = await b.decisions(['kept', 'session 200']);
      expect([kept?.reason, late?.reason]).toEqual(['before the crash', 'trigger 200']);
      const missing = range(n).filter((i) => !joinedTraces().has(`trace ${i}`));
      expect(missing).toEqual([]);
    }, WAIT);
    await vi.waitFor(() => expect(metrics.value(`${PREFIX}untold`)).toBe(0), WAIT);
    expect(metrics.value(`${PREFIX}up`, { connection: 'subscription' })).toBe(1);
  });

  it('notices a server that is there but does not answer', async () => {
    const a = await connect();
    server.pause();
    try {
      await expect(a.decisions(['s'])).rejects.toBeInstanceOf(CoordinationUnavailableError);
      await vi.waitFor(() => expect(a.isAvailable).toBe(false), WAIT);
      await expect(a.publish('s', decision())).rejects.toMatchObject({ retryable: true });
    } finally {
      server.resume();
    }
    await vi.waitFor(() => expect(a.isAvailable).toBe(true), WAIT);
    await vi.waitFor(async () => expect(await a.decisions(['s'])).toHaveLength(1), WAIT);
    await vi.waitFor(async () => expect(await a.decisions(['s'])).not.toEqual([undefined]), WAIT);
  });

  it('starts without Redis and joins when it comes', async () => {
    await server.kill();
    const a = await connect();
    expect(a.isAvailable).toBe(false);
    await expect(a.publish('s', decision('early'))).rejects.toThrow(/is away .*tried again/);
    await expect(a.linkTraces([link(1)])).rejects.toBeInstanceOf(CoordinationUnavailableError);
    await server.restart();
    const b = await connect();
    await vi.waitFor(
      async () => expect(await b.decisions(['s'])).toMatchObject([{ reason: 'early' }]),
      WAIT,
    );
    await vi.waitFor(
      async () => expect(await admin.exists('session_replay:{trace 1}:s')).toBe(1),
      WAIT,
    );
    await b.markSignals([{ ...link(1), signal }]);
    expect(joinedTraces()).toEqual(new Set(['trace 1']));
  });

  it('bounds what waits, and counts what goes', async () => {
    const a = await connect({ maxUntold: 10 });
    await server.kill();
    await vi.waitFor(() => expect(a.isAvailable).toBe(false), WAIT);
    const told = await Promise.allSettled(range(25).map((n) => a.linkTraces([link(n)])));
    expect(told.every((t) => t.status === 'rejected')).toBe(true);
    expect(metrics.value(`${PREFIX}discarded`, { kind: 'link' })).toBe(15);
    await vi.waitFor(
      () => expect(metrics.value(`${PREFIX}untold`, { kind: 'link' })).toBe(10),
      WAIT,
    );
  });

  it('writes no key without an end, and shortens none', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.publish('s', decision('first', 120_000));
    await b.publish('s', { ...decision('second', 1000) });
    await a.linkTraces([link(1)]);
    await b.markSignals([
      { ...link(1), signal },
      { ...link(2), signal },
    ]);
    const keys = (await admin.keys('*')).sort();
    expect(keys).toEqual([
      'session_replay:{s}:d',
      'session_replay:{s}:u',
      'session_replay:{trace 1}:e',
      'session_replay:{trace 1}:s',
      'session_replay:{trace 2}:e',
    ]);
    const left = await Promise.all(keys.map((key) => admin.pttl(key)));
    expect(left.every((ms) => ms > 60_000)).toBe(true);
    expect(Math.min(left[0]!, left[1]!)).toBeGreaterThan(600_000);
    expect(Math.max(...left)).toBeLessThanOrEqual(720_000);
  });

  it('survives what others write under its names', async () => {
    const a = await connect();
    await admin.set('session_replay:{s}:d', 'not JSON');
    await admin.set('session_replay:{trace 1}:e', 'not a list');
    await admin.publish('session_replay:decisions/0', '{"from":1}');
    expect(await a.decisions(['s', 'other'])).toEqual([undefined, undefined]);
    await expect(a.linkTraces([link(1), link(2)])).rejects.toThrow(/WRONGTYPE/);
    await vi.waitFor(
      () => expect(metrics.value(`${PREFIX}messages`, { outcome: 'malformed' })).toBe(1),
      WAIT,
    );
    expect(a.isAvailable).toBe(true);
  });

  it('keeps apart those with different prefixes or databases', async () => {
    const here = await connect();
    const others = [
      await connect({ keyPrefix: `${randomUUID()}:` }),
      await connect({ database: 1 }),
    ];
    let heard = 0;
    for (const other of others) other.onDecision(() => heard++);
    await here.publish('s', decision());
    for (const other of others) expect(await other.decisions(['s'])).toEqual([undefined]);
    expect(heard).toBe(0);
  });
});

describeWithRedis('coordination by Redis with a password', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer({ password: 'right' });
  });
  afterEach(() => server.stop());

  const make = (password?: string, lines: string[] = []): Coordinator =>
    createRedisCoordinator(
      {
        endpoint: { host: '127.0.0.1', port: server.port },
        ...(password === undefined ? {} : { password }),
      },
      {
        clock: systemClock,
        metrics: new Metrics(),
        logger: createLogger({ level: 'debug', encoding: 'json', write: (l) => lines.push(l) }),
      },
    );

  it.each([['wrong'], [undefined]])('says clearly that %s is not it', async (password) => {
    const lines: string[] = [];
    const error: unknown = await make(password, lines)
      .start()
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CoordinationConfigError);
    expect((error as Error).message).toMatch(
      /^Redis at 127\.0\.0\.1:\d+ refused us: (WRONGPASS|NOAUTH).*Check username and password under/,
    );
    expect(`${String(error)}${lines.join()}`).not.toContain('"wrong"');
  });

  it('takes the right one', async () => {
    const coordinator = make('right');
    await coordinator.start();
    await coordinator.publish('s', decision());
    expect(await coordinator.decisions(['s'])).toHaveLength(1);
    await coordinator.stop();
  });
});
