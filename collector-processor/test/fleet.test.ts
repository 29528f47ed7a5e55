/** Four instances behind a load balancer that knows nothing of sessions, and what befalls them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from './redis-server/redis-server.js';
import { createHarness, eventsOf, eventually } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';
import type { Processor } from './support/processor.js';

const harness = createHarness();
const INSTANCES = [0, 1, 2, 3] as const;
const SEGMENTS = 8;
const UP = 'otelcol_processor_session_replay_coordination_up';

interface Visit {
  number: number;
  sessionId: string;
  recordingId: string;
  traceId: string;
  hasError: boolean;
}

const visits: readonly Visit[] = Array.from({ length: 16 }, (_, number) => ({
  number,
  sessionId: `session-${number}`,
  recordingId: randomHex(16),
  traceId: randomHex(16),
  hasError: number % 2 === 0,
}));

describeWithRedis('four instances', () => {
  let redis: RedisServer;
  let directories: string[];
  let fleet: Processor[];
  beforeEach(async () => {
    redis = await startRedisServer();
    directories = await Promise.all(INSTANCES.map(() => harness.directory()));
    fleet = await Promise.all(INSTANCES.map((i) => startInstance(i)));
  });
  afterEach(() => redis.stop());

  const startInstance = (i: number): Promise<Processor> =>
    harness.start({
      directory: directories[i]!,
      config: `
processors:
  session_replay:
    coordination: { redis: { endpoint: 'localhost:${redis.port}' } }
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
`,
    });

  async function restart(i: number, signal: NodeJS.Signals): Promise<void> {
    fleet[i]!.kill(signal);
    await fleet[i]!.exited;
    fleet[i] = await startInstance(i);
  }

  async function deliver(i: number, body: Uint8Array): Promise<void> {
    const response = await send(await fleet[i % fleet.length]!.url('otlp'), body);
    expect(response.status).toBe(200);
  }

  async function sendSegments(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index++) {
      for (const { number, recordingId, sessionId, traceId } of visits) {
        const traceIds = index === 3 ? [traceId] : [];
        const segment = await makeSegment({ sessionId, recordingId, index, traceIds });
        await deliver(number + index, tracesBody('protobuf', [segment]));
      }
    }
  }

  /** To an instance that has not seen what links the trace to its session. */
  async function sendErrors(some: readonly Visit[]): Promise<void> {
    for (const { number, traceId } of some) {
      const spans = [{ traceId, name: 'POST /checkout', error: true }];
      await deliver(number + 3 + 1 + (number % 3), tracesBody('protobuf', [], spans));
    }
  }

  const indexesAt = async (i: number, visit: Visit): Promise<number[]> => {
    const api = await fleet[i]!.url('replay_api');
    const events = await eventsOf(api, visit.sessionId, visit.recordingId).catch(
      () => new Map<number, unknown>(),
    );
    return [...events.keys()];
  };
  const indexes = async (visit: Visit): Promise<number[]> => {
    const all = await Promise.all(INSTANCES.map((i) => indexesAt(i, visit)));
    return [...new Set(all.flat())].sort((a, b) => a - b);
  };

  it('keep every session with an error whole: Redis killed, one killed, all rolled', async () => {
    const failed = visits.filter((v) => v.hasError);
    await sendSegments(0, 4);
    await sendErrors(failed.slice(0, 2));
    await redis.kill();
    await sendErrors(failed.slice(2, 5));
    await restart(1, 'SIGKILL');
    await sendSegments(4, 6);
    await redis.restart();
    for (const processor of fleet) {
      await eventually(
        () => processor.metric(UP),
        (up) => up === 2,
      );
    }
    await sendErrors(failed.slice(5));
    for (const i of INSTANCES) await restart(i, 'SIGTERM');
    await sendSegments(6, SEGMENTS);
    const whole = Array.from({ length: SEGMENTS }, (_, index) => index);
    for (const visit of failed) {
      const kept = await eventually(
        () => indexes(visit),
        ({ length }) => length === SEGMENTS,
      );
      expect(kept).toEqual(whole);
    }
    for (const visit of visits.filter((v) => !v.hasError)) expect(await indexes(visit)).toEqual([]);
  });
});
