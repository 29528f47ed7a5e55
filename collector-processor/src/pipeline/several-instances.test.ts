/** Two pipelines that share one Redis: what one of them sees, both act on. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import {
  ERROR,
  events,
  expectBalanced,
  TestClock,
  useWorlds,
  type World,
  type WorldOptions,
} from '../../test/pipeline-world.js';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from '../../test/redis-server/redis-server.js';
import type { Coordinator } from '../coordinate/index.js';
import { createRedisCoordinator } from '../coordinate/redis.js';
import { statusCode } from '../session/policies/index.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';

type SessionOptions = NonNullable<WorldOptions['session']>;

const WAIT = { timeout: 20_000, interval: 10 };
const TRACE = ERROR.traceId;

describeWithRedis('several instances', () => {
  const worlds = useWorlds();
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    admin = server.admin();
  });
  afterEach(() => admin.flushall());
  afterAll(() => server.stop());

  interface Fleet {
    a: World;
    b: World;
    available(): boolean[];
    pass(ms: number): Promise<void>;
  }

  async function openFleet(session: SessionOptions = {}): Promise<Fleet> {
    const clock = new TestClock();
    const keyPrefix = `${randomUUID()}:`;
    const coordinators: Coordinator[] = [];
    const open = (): Promise<World> => {
      const coordinator = createRedisCoordinator(
        {
          endpoint: { host: '127.0.0.1', port: server.port },
          ...{ keyPrefix, maxReconnectDelayMs: 50, heartbeatIntervalMs: 50 },
        },
        { clock, metrics: new Metrics(), logger: silentLogger },
      );
      coordinators.push(coordinator);
      return worlds.open({ clock, coordinator, session, policies: [statusCode('errors')] });
    };
    const [a, b] = [await open(), await open()];
    return {
      ...{ a, b },
      available: () => coordinators.map((c) => c.isAvailable),
      async pass(ms) {
        for (let left = ms; left > 0; left -= 1000) {
          clock.time += Math.min(1000, left);
          await Promise.all([a.pipeline.tick(), b.pipeline.tick()]);
        }
        await Promise.all([a.settled(), b.settled()]);
      },
    };
  }

  const kept = async (world: World): Promise<string[]> => {
    const found = await world.pipeline.reader.manifest('session-1');
    return found.found ? events(world) : [];
  };
  /** A session's segments, one by one in turn, with the time between them. */
  async function play(fleet: Fleet, from: number, to: number) {
    for (let index = from; index < to; index++) {
      const traceIds = index === 3 ? [TRACE] : [];
      await [fleet.a, fleet.b][index % 2]!.send({ segments: [{ index, traceIds }] });
      await fleet.pass(5000);
    }
  }
  /** Both know that the session is kept. */
  const decided = async ({ a, b }: { a: World; b: World }): Promise<void> => {
    const name = 'otelcol_processor_session_replay_decisions';
    await vi.waitFor(
      () => expect([a.metrics.value(name), b.metrics.value(name)]).toEqual([1, 1]),
      WAIT,
    );
  };

  it('say the same of a dry run in which one saw an error', async () => {
    const fleet = await openFleet({ isDryRun: true });
    await play(fleet, 0, 4);
    const outcomes = (): Promise<unknown[]> =>
      Promise.all(
        [fleet.a, fleet.b].map(async ({ pipeline }) => {
          const found = await pipeline.reader.manifest('session-1');
          return found.found ? found.value.decision?.dryRun : undefined;
        }),
      );
    expect(await outcomes()).toMatchObject([{ kept: false }, { kept: false }]);
    await fleet.a.send({ signals: [ERROR] });
    const would = { kept: true, policy: 'errors', traceId: TRACE };
    await vi.waitFor(async () => expect(await outcomes()).toMatchObject([would, would]), WAIT);
    await decided(fleet);
    for (const { metrics } of [fleet.a, fleet.b]) {
      expect(metrics.value('otelcol_processor_session_replay_segments_dropped')).toBe(0);
    }
  });

  it('keep their parts of a session of which one saw an error', async () => {
    const fleet = await openFleet();
    await play(fleet, 0, 6);
    await fleet.a.send({ signals: [{ ...ERROR }] });
    await decided(fleet);
    await play(fleet, 6, 8);
    await fleet.pass(70_000);
    expect(await kept(fleet.a)).toEqual(['0', '2', '4', '6']);
    expect(await kept(fleet.b)).toEqual(['1', '3', '5', '7']);
    for (const world of [fleet.a, fleet.b]) expectBalanced(world);
  });

  it('find the session of an error that came first, to an instance that never sees it', async () => {
    const fleet = await openFleet();
    await fleet.b.send({ signals: [{ ...ERROR }] });
    for (let index = 0; index < 4; index++) {
      await fleet.a.send({ segments: [{ index, traceIds: index === 3 ? [TRACE] : [] }] });
      await fleet.pass(5000);
    }
    await vi.waitFor(
      () => expect(fleet.a.metrics.value('otelcol_processor_session_replay_decisions')).toBe(1),
      WAIT,
    );
    await fleet.pass(70_000);
    expect(await kept(fleet.a)).toEqual(['0', '1', '2', '3']);
    // The error is on its time line, though another instance received it.
    const found = await fleet.a.pipeline.reader.manifest('session-1');
    expect(found.found && found.value.signals).toMatchObject([{ name: ERROR.name }]);
  });

  it('keep a session whose error names it, seen by an instance without a segment of it', async () => {
    const fleet = await openFleet();
    for (const index of [0, 1]) await fleet.a.send({ segments: [{ index }] });
    await fleet.b.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await vi.waitFor(
      () => expect(fleet.a.metrics.value('otelcol_processor_session_replay_decisions')).toBe(1),
      WAIT,
    );
    await fleet.pass(70_000);
    expect(await kept(fleet.a)).toEqual(['0', '1']);
  });

  it('keep what comes to an instance only after the decision', async () => {
    const fleet = await openFleet();
    for (const index of [0, 1]) await fleet.a.send({ segments: [{ index, traceIds: [TRACE] }] });
    await fleet.a.send({ signals: [{ ...ERROR }] });
    await fleet.pass(5000);
    await fleet.b.send({ segments: [{ index: 2 }] });
    await decided(fleet);
    await fleet.pass(70_000);
    expect(await kept(fleet.b)).toEqual(['2']);
  });

  it('lose nothing when no message arrives: pull before evict', async () => {
    const fleet = await openFleet();
    await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
    try {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await play(fleet, 0, 6);
      await fleet.a.send({ signals: [{ ...ERROR }] });
      // The clock of this test runs faster than Redis answers.
      await vi.waitFor(async () => expect(await admin.keys('*}:d')).toHaveLength(1), WAIT);
      await play(fleet, 6, 8);
      await fleet.pass(150_000);
      expect(await kept(fleet.a)).toEqual(['0', '2', '4', '6']);
      expect(await kept(fleet.b)).toEqual(['1', '3', '5', '7']);
    } finally {
      await admin.call('ACL', 'SETUSER', 'default', 'allchannels');
    }
  });

  it('hold what nobody may drop while Redis is away, and decide when it is back', async () => {
    const fleet = await openFleet();
    await play(fleet, 0, 4);
    await server.kill();
    try {
      await vi.waitFor(() => expect(fleet.available()).toEqual([false, false]), WAIT);
      await play(fleet, 4, 6);
      await fleet.a.send({ signals: [{ ...ERROR }] });
      await fleet.pass(300_000);
      expect(await kept(fleet.b)).toEqual([]);
      expectBalanced(fleet.b);
    } finally {
      await server.restart();
    }
    await decided(fleet);
    await fleet.pass(10_000);
    expect(await kept(fleet.a)).toEqual(['0', '2', '4']);
    expect(await kept(fleet.b)).toEqual(['1', '3', '5']);
  });

  it('drop a session that nobody wanted', async () => {
    const fleet = await openFleet();
    await play(fleet, 0, 4);
    await fleet.pass(150_000);
    const reason = { reason: 'not_recorded' };
    for (const { metrics } of [fleet.a, fleet.b]) {
      expect(metrics.value('otelcol_processor_session_replay_segments_dropped', reason)).toBe(2);
    }
    expect([await kept(fleet.a), await kept(fleet.b)]).toEqual([[], []]);
  });
});
