import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from '../../test/redis-server/redis-server.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { coordinatorContract } from './contract.js';
import { createRedisCoordinator } from './redis.js';

const TTL = { decisionTtlMs: 600_000, traceTtlMs: 120_000 };

describeWithRedis('coordination by Redis', () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    admin = server.admin();
  });
  afterAll(() => server.stop());

  coordinatorContract('redis', () => {
    let now = 1_700_000_000_000;
    const keyPrefix = `${randomUUID()}:`;
    const connect = () =>
      createRedisCoordinator(
        { endpoint: { host: '127.0.0.1', port: server.port }, keyPrefix, ...TTL },
        { clock: { now: () => now }, metrics: new Metrics(), logger: silentLogger },
      );
    return {
      ...{ a: connect(), b: connect(), ...TTL },
      now: () => now,
      async advance(ms) {
        now += ms;
        // Redis has a clock of its own: what it holds is made so much older.
        for (const key of await admin.keys(`${keyPrefix}*`)) {
          const left = (await admin.pttl(key)) - ms;
          if (left > 0) await admin.pexpire(key, left);
          else await admin.del(key);
        }
      },
    };
  });
});
