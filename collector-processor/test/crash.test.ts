/** Nothing acknowledged is lost: kill -9, restarts, a next hop that is away, SIGTERM. */
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, eventually, manifestWith } from './support/harness.js';
import { runKillLoop } from './support/kill-loop.js';
import { NextHop } from './support/next-hop.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';
import type { Processor } from './support/processor.js';

const harness = createHarness();

describe('kill -9', () => {
  it('between acknowledgement and block: a restart has every acknowledged segment', async () => {
    const directory = await harness.directory();
    const first = await harness.start({ directory });
    const otlp = await first.url('otlp');
    const recordings = Array.from({ length: 5 }, (_, i) => ({
      sessionId: `session-${i}`,
      recordingId: randomHex(16),
    }));
    const acknowledged = new Map<string, number>();
    let sending = true;
    const senders = recordings.map(async (ids) => {
      for (let index = 0; sending; index++) {
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })]);
        const status = await send(otlp, body).then(
          ({ status: s }) => s,
          () => 0,
        );
        if (status !== 200) return;
        acknowledged.set(ids.sessionId, index + 1);
        if (index === 40) first.kill('SIGKILL');
      }
    });
    await first.exited;
    sending = false;
    await Promise.all(senders);

    const second = await harness.start({ directory });
    const api = await second.url('replay_api');
    for (const { sessionId, recordingId } of recordings) {
      const count = acknowledged.get(sessionId) ?? 0;
      const events = await eventually(
        () => eventsOf(api, sessionId, recordingId),
        ({ size }) => size >= count,
      );
      for (let index = 0; index < count; index++) expect(events.has(index)).toBe(true);
    }
  });
});

describe('kill -9 in a loop', () => {
  // A hundred of them: `npm run bench -- crash`.
  it('under load and while starting: nothing is lost, stored twice or miscounted', async () => {
    const directory = await harness.directory();
    const spawned: Processor[] = [];
    harness.onEnd(async () => {
      for (const processor of spawned) processor.kill('SIGKILL');
      await Promise.all(spawned.map((processor) => processor.exited));
    });
    const outcome = await runKillLoop({
      ...{ directory, kills: 10, random: Math.random, patienceMs: 60_000 },
      onSpawn: (processor) => spawned.push(processor),
    });
    expect(outcome.missing).toEqual([]);
    expect(outcome.twice).toEqual([]);
    expect(outcome.unwanted).toEqual([]);
    expect(outcome.violations).toEqual([]);
    expect(outcome.recovered).toBeGreaterThan(0);
    const api = await spawned.at(-1)!.url('replay_api');
    for (const { acknowledged, recordingId, sessionId } of outcome.visitors.failing) {
      const events = await eventsOf(api, sessionId, recordingId);
      expect([...events.keys()]).toEqual([...acknowledged].sort((a, b) => a - b));
    }
  });
});

describe('restart', () => {
  it.each([
    { signal: 'SIGKILL', code: null },
    { signal: 'SIGTERM', code: 0 },
  ] as const)(
    'by $signal, next hop down: what was acknowledged is forwarded later',
    async ({ signal, code }) => {
      const hop = new NextHop();
      await hop.start();
      await hop.stop(); // its port is known and nobody listens
      harness.onEnd(() => hop.stop());
      const directory = await harness.directory();
      const first = await harness.start({ directory, config: hop.config });
      const names = Array.from({ length: 20 }, (_, i) => `request-${i}-`);
      for (const name of names) {
        const body = tracesBody('protobuf', [], [{ traceId: randomHex(16), name }]);
        expect((await send(await first.url('otlp'), body)).status).toBe(200);
      }
      first.kill(signal);
      expect((await first.exited).code).toBe(code);

      const second = await harness.start({ directory, config: hop.config });
      expect((await fetch(await second.url('health_check'))).status).toBe(200);
      await hop.start();
      await eventually(
        () =>
          Promise.resolve(
            names.filter((name) => hop.received.some(({ body }) => body.includes(name))),
          ),
        ({ length }) => length === names.length,
      );
    },
  );
});

describe('SIGTERM', () => {
  it('finishes requests, writes blocks, drains the queue, exits 0', async () => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const directory = await harness.directory();
    const first = await harness.start({ directory, config: hop.config });
    const otlp = await first.url('otlp');
    const ids = { sessionId: 'drained', recordingId: randomHex(16) };
    let acknowledged = 0;
    const statuses = new Set<number>();
    const sender = (async () => {
      for (let index = 0; ; index++) {
        const span = { traceId: randomHex(16), name: `span-${index}-` };
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })], [span]);
        const status = await send(otlp, body).then(
          ({ status: s }) => s,
          () => 0,
        );
        statuses.add(status);
        if (status !== 200) return;
        acknowledged = index + 1;
        if (index === 20) first.kill('SIGTERM');
      }
    })();
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await sender;
    expect([...statuses].filter((status) => ![200, 503, 0].includes(status))).toEqual([]);
    expect(first.log).toContain('"message":"stopped"');
    for (let index = 0; index < acknowledged; index++) {
      expect(hop.received.some(({ body }) => body.includes(`span-${index}-`))).toBe(true);
    }

    const second = await harness.start({ directory, config: hop.config });
    expect(await second.metric('otelcol_processor_session_replay_segments_recovered')).toBe(0);
    const manifest = await manifestWith(await second.url('replay_api'), 'drained', acknowledged);
    expect(manifest.recordings[0]?.gaps).toEqual([]);
  });

  it('a second signal exits at once', async () => {
    const processor = await harness.start();
    processor.kill('SIGTERM');
    processor.kill('SIGINT');
    const { code } = await processor.exited;
    // Either the first had finished already, or the second was in time.
    expect([0, 1]).toContain(code);
  });
});
