/**
 * Store and next hop away for ten minutes, on a clock of our own: what was acknowledged of a kept
 * session waits in the journal and spans wait in the queue; the books balance in every second; and
 * when both are back everything is where it belongs, once.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createOtlpExporter } from '../src/forward/index.js';
import { statusCode } from '../src/session/policies/index.js';
import { silentLogger } from '../src/telemetry/logger.js';
import { Metrics } from '../src/telemetry/metrics.js';
import { ERROR, expectBalanced, id, openWorld, TestClock } from './pipeline-world.js';
import { eventually } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import { storedSegments } from './support/stored-segments.js';

const SEGMENT_S = 5;
const AWAY_S = 600;
/** Errors so often that a failing visit is kept from its start to its end. */
const ERROR_EVERY_S = 30;
const VISITS = [0, 1, 2, 3];
const PREFIX = 'otelcol_processor_session_replay_';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it('loses nothing while the store and the next hop are away for ten minutes', async () => {
  const hop = new NextHop();
  await hop.start();
  ends.push(() => hop.stop());
  const clock = new TestClock();
  const queue = await mkdtemp(join(tmpdir(), 'outage-queue-'));
  ends.push(() => rm(queue, { recursive: true, force: true }));
  const sending = new Metrics();
  const exporter = createOtlpExporter(
    {
      endpoint: hop.url,
      directory: queue,
      retryOnFailure: { initialIntervalMs: 20, maxIntervalMs: 100, maxElapsedMs: 0 },
    },
    { clock, metrics: sending, logger: silentLogger },
  );
  await exporter.start();
  ends.push(() => exporter.stop(0));
  const world = await openWorld({
    ...{ clock, forwarder: exporter, policies: [statusCode('errors')] },
    retry: { initialMs: 5, maxMs: 50 },
    drainTimeoutMs: 10,
  });
  ends.push(async () => {
    await world.pipeline.stop();
    await world.remove();
  });
  const store = join(world.directory, 'store');
  const acknowledged: string[] = [];
  const spans: string[] = [];
  let second = 0;
  const pass = async (seconds: number): Promise<void> => {
    for (const end = second + seconds; second < end;) {
      second++;
      clock.time += 1000;
      if (second % SEGMENT_S === 0) {
        const index = second / SEGMENT_S - 1;
        for (const visit of VISITS) {
          const ids = { sessionId: `visit-${visit}`, recordingId: id(100 + visit) };
          const checkpoint = {
            hasFullSnapshot: index % 12 === 0,
            checkpoint: 1 + Math.floor(index / 12),
          };
          await world.send({ segments: [{ index, ...ids, ...checkpoint }] });
          acknowledged.push(`${ids.sessionId}/${index}`);
        }
        const traceId = id(10_000 + second);
        await world.send({ spans: [{ traceId, start: clock.now() }] });
        spans.push(traceId);
      }
      if (second % ERROR_EVERY_S === 1) {
        for (const visit of VISITS.filter(isFailing)) {
          const traceId = id(20_000 + second * 10 + visit);
          const error = { ...ERROR, sessionId: `visit-${visit}`, traceId };
          await world.send({ signals: [{ ...error, timestamp: clock.now() }] });
        }
      }
      await world.pipeline.tick();
      expectBalanced(world);
    }
  };
  await pass(60);
  await world.settled();
  // What has arrived but was not answered would come again.
  await eventually(
    () => Promise.resolve(sending.value('otelcol_exporter_sent_spans')),
    (sent) => sent >= spans.length,
  );
  await rename(store, `${store}-away`);
  await writeFile(store, 'not a directory');
  await hop.stop();

  await pass(AWAY_S);
  const wanted = acknowledged.filter((key) => isFailing(Number(key[6])));
  expect(world.metrics.value(`${PREFIX}store_errors`)).toBeGreaterThan(0);
  // What is held is what cannot be stored, and of the others no more than before.
  const buffered = world.metrics.value(`${PREFIX}segments_buffered`);
  const waiting = wanted.length - world.metrics.value(`${PREFIX}segments_stored`);
  expect(buffered).toBeGreaterThanOrEqual(waiting);
  expect(buffered - waiting).toBeLessThanOrEqual((VISITS.length / 2) * (120 / SEGMENT_S));

  await rm(store);
  await rename(`${store}-away`, store);
  await hop.start();
  await pass(60);
  await eventually(
    async () => {
      await world.pipeline.tick();
      clock.time += 1000;
      const stored = await storedSegments(store);
      return wanted.filter((key) => !stored.has(key));
    },
    ({ length }) => length === 0,
  );
  const stored = await storedSegments(store);
  expect([...stored.values()].filter((times) => times !== 1)).toEqual([]);
  expect([...stored.keys()].filter((key) => !isFailing(Number(key[6])))).toEqual([]);
  const arrivals = (traceId: string): number =>
    hop.received.filter(({ body }) => body.includes(traceId)).length;
  await eventually(
    () => Promise.resolve(spans.filter((traceId) => arrivals(traceId) === 0)),
    ({ length }) => length === 0,
  );
  expect(spans.filter((traceId) => arrivals(traceId) !== 1)).toEqual([]);
  expectBalanced(world);
});

const isFailing = (visit: number): boolean => visit % 2 === 0;
