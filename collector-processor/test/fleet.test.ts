/**
 * Four instances behind a load balancer that knows nothing of sessions, with one store, under load,
 * and what befalls them. Windows are so long that nothing grows old in this test: what is kept of a
 * session is all of it.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from './redis-server/redis-server.js';
import { Auditor } from './support/books.js';
import { createHarness, eventsOf, eventually } from './support/harness.js';
import { send } from './support/otlp.js';
import type { Processor } from './support/processor.js';
import { RoundRobin } from './support/round-robin.js';
import { storedSegments } from './support/stored-segments.js';
import { Visitors } from './support/visitors.js';

const harness = createHarness();
const INSTANCES = [0, 1, 2, 3] as const;
const UP = 'otelcol_processor_session_replay_coordination_up';

describeWithRedis('four instances', () => {
  let redis: RedisServer;
  let store: string;
  let directories: string[];
  let fleet: Processor[];
  let urls: (string | undefined)[];
  beforeEach(async () => {
    redis = await startRedisServer();
    store = await harness.directory();
    directories = await Promise.all(INSTANCES.map(() => harness.directory()));
    urls = INSTANCES.map(() => undefined);
    fleet = await Promise.all(INSTANCES.map((i) => startInstance(i)));
  });
  afterEach(() => redis.stop());

  async function startInstance(i: number): Promise<Processor> {
    const processor = await harness.start({
      directory: directories[i]!,
      config: `
processors:
  session_replay:
    { pre_roll: 10m, decision_wait: 10m, record_for: 10m, session_idle_timeout: 10m,
      coordination: { redis: { endpoint: 'localhost:${redis.port}' } },
      policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }] }
exporters:
  replay_store: { filesystem: { directory: '${store}' }, flush_interval: 2s }
`,
    });
    urls[i] = await processor.url('otlp');
    return processor;
  }

  async function restart(i: number, signal: NodeJS.Signals): Promise<void> {
    fleet[i]!.kill(signal);
    const exit = await fleet[i]!.exited;
    if (signal === 'SIGTERM') expect(exit.code).toBe(0);
    fleet[i] = await startInstance(i);
  }

  async function connected(): Promise<void> {
    for (const processor of fleet) {
      await eventually(
        () => processor.metric(UP),
        (up) => up === 2,
      );
    }
  }

  it('keep all of every session with an error, once: one killed, Redis restarted, all rolled', async () => {
    const proxy = new RoundRobin(() => urls);
    await proxy.start();
    harness.onEnd(() => proxy.stop());
    const visitors = new Visitors({ base: () => proxy.url, visits: 16, paceMs: 200 });
    const auditor = new Auditor(() => fleet);
    const more = async (): Promise<void> => {
      const wanted = visitors.acknowledged + 3 * visitors.visits.length;
      await eventually(
        () => Promise.resolve(visitors.acknowledged),
        (count) => count >= wanted,
      );
    };
    visitors.start();
    auditor.start();
    await more();
    await restart(1, 'SIGKILL');
    await more();
    await redis.kill();
    await more();
    await redis.restart();
    await connected();
    for (const i of INSTANCES) await restart(i, 'SIGTERM');
    await more();
    await visitors.stop();
    await auditor.stop();
    expect(auditor.violations).toEqual([]);
    expect(auditor.looks).toBeGreaterThan(INSTANCES.length);

    const wanted = visitors.failing.flatMap(({ acknowledged, sessionId }) =>
      [...acknowledged].map((index) => `${sessionId}/${index}`),
    );
    const missing = async (): Promise<string[]> => {
      const stored = await storedSegments(store);
      return wanted.filter((key) => !stored.has(key));
    };
    await eventually(missing, ({ length }) => length === 0);
    for (const processor of fleet) expect((await processor.stop()).code).toBe(0);

    const stored = await storedSegments(store);
    const doubtful = new Set(
      visitors.visits.flatMap(({ doubtful: indexes, sessionId }) =>
        [...indexes].map((index) => `${sessionId}/${index}`),
      ),
    );
    // Who got no answer asked another instance: only there can a segment be stored twice.
    const twice = [...stored].filter(([key, times]) => times > 1 && !doubtful.has(key));
    expect(twice).toEqual([]);
    const failing = new Set(visitors.failing.map((visit) => visit.sessionId));
    expect([...stored.keys()].filter((key) => !failing.has(key.split('/')[0]!))).toEqual([]);

    // Whoever comes later finds all of it in the store alone.
    directories[0] = await harness.directory();
    const reader = await startInstance(0);
    const api = await reader.url('replay_api');
    for (const { acknowledged, recordingId, sessionId } of visitors.failing) {
      const events = await eventsOf(api, sessionId, recordingId);
      const indexes = [...events.keys()];
      expect(indexes).toEqual([...acknowledged].sort((a, b) => a - b));
    }
    expect((await send(proxy.url, new Uint8Array(0))).status).toBe(200);
  });
});
