/** The whole process when memory, disk or queue run short. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, eventually, manifestWith } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import {
  makeSegment,
  randomHex,
  send,
  tracesBody,
  type OrdinarySpan,
  type SentSegment,
} from './support/otlp.js';
import type { Processor } from './support/processor.js';
import { describeWithDisks, mountSmallDisk, type SmallDisk } from './support/small-disk.js';

const harness = createHarness();
const P = 'otelcol_processor_session_replay_';

/** A segment of about 200 KB that does not compress. */
async function largeSegment(ids: {
  sessionId: string;
  recordingId: string;
  index: number;
}): Promise<SentSegment> {
  const noise = { type: 3, timestamp: 1, data: { noise: randomHex(200_000) } };
  return makeSegment({ ...ids, hasFullSnapshot: true }, [
    { type: 4, timestamp: 1, data: { href: 'https://shop.example.com/' } },
    { type: 2, timestamp: 1, data: { node: {} } },
    noise,
  ]);
}

const ballast = (disk: SmallDisk): string => join(disk.directory, 'ballast');

async function fillDisk(disk: SmallDisk): Promise<void> {
  for (const bytes of [1_000_000, 4096, 1]) {
    const write = (): Promise<void> => appendFile(ballast(disk), new Uint8Array(bytes));
    for (let isFull = false; !isFull;) {
      isFull = await write().then(
        () => false,
        () => true,
      );
    }
  }
}

const emptyDisk = (disk: SmallDisk): Promise<void> => rm(ballast(disk));

async function expectBalanced(processor: Processor): Promise<void> {
  const value = (name: string, label = ''): Promise<number> => processor.metric(P + name, label);
  const came =
    (await value('segments_received', 'outcome="accepted"')) + (await value('segments_recovered'));
  const went =
    (await value('segments_stored')) +
    (await value('segments_dropped')) +
    (await value('segments_buffered'));
  expect(went).toBe(came);
}

describeWithDisks('a disk that is really full', () => {
  it('sheds what nobody wants, loses nothing acknowledged of what is kept, and recovers alone', async () => {
    const disk = await mountSmallDisk(24);
    harness.onEnd(() => disk.remove());
    const config = `
processors:
  session_replay:
    buffer: { max_size: 1GiB }
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
exporters:
  replay_store: { flush_interval: 2s }
extensions:
  file_storage: { directory: '${disk.directory}/buffer' }
`;
    const directory = await harness.directory();
    const first = await harness.start({ directory, config });
    const kept = { sessionId: 'kept', recordingId: randomHex(16) };
    const acknowledged = new Set<number>();
    let next = 0;
    const sendKept = async (processor: Processor, spans: OrdinarySpan[] = []): Promise<number> => {
      const index = next++;
      const body = tracesBody('protobuf', [await largeSegment({ ...kept, index })], spans);
      const { status } = await send(await processor.url('otlp'), body);
      if (status === 200) acknowledged.add(index);
      else expect(status).toBe(503);
      return status;
    };
    const traceId = randomHex(16);
    const failure = { traceId, name: 'POST /pay', error: true, sessionId: kept.sessionId };
    expect(await sendKept(first, [failure])).toBe(200);
    await manifestWith(await first.url('replay_api'), kept.sessionId, 1);

    // Something else fills the disk, to the last byte.
    await fillDisk(disk);
    const otlp = await first.url('otlp');
    const warnings = new Set<string>();
    let visit = 0;
    const sendOther = async (): Promise<Response> => {
      const ids = { sessionId: `visit-${visit++}`, recordingId: randomHex(16), index: 0 };
      const body = tracesBody('json', [await largeSegment(ids)]);
      return send(otlp, body, { encoding: 'json' });
    };
    for (let i = 0; i < 60; i++) {
      const response = await sendOther();
      expect(response.status).toBe(200);
      const { partialSuccess } = (await response.json()) as {
        partialSuccess?: { rejectedSpans: string; errorMessage: string };
      };
      if (partialSuccess !== undefined) warnings.add(partialSuccess.errorMessage);
      if (i % 6 === 0) await sendKept(first);
    }
    expect([...warnings]).toEqual(['1 replay segments were shed: the processor is under pressure']);
    await eventually(
      () => first.metric(`${P}sessions_shed`, 'reason="disk"'),
      (shed) => shed > 10,
    );
    await expectBalanced(first);
    const api = await first.url('replay_api');
    const missing = await fetch(`${api}/api/v1/sessions/visit-59`);
    expect(missing.status).toBe(404);
    expect((await missing.json()) as Problem).toMatchObject({
      reason: 'shed',
      limit: 'extensions.file_storage.directory',
    });

    // Room again: it goes on by itself. Then killed on a full disk.
    await emptyDisk(disk);
    for (let i = 0; i < 3; i++) {
      await eventually(
        () => sendKept(first),
        (status) => status === 200,
      );
    }
    await fillDisk(disk);
    await sendKept(first);
    first.kill('SIGKILL');
    await first.exited;
    await emptyDisk(disk);
    const second = await harness.start({ directory, config });
    expect(await sendKept(second)).toBe(200);
    const url = await second.url('replay_api');
    const events = await eventually(
      () => eventsOf(url, kept.sessionId, kept.recordingId),
      (found) => [...acknowledged].every((index) => found.has(index)),
    );
    expect(events.size).toBeGreaterThanOrEqual(acknowledged.size);
    await eventually(
      () => second.metric(`${P}pressure_level`, 'reason="disk"'),
      (level) => level < 65,
    );
    await expectBalanced(second);
    expect((await second.stop()).code).toBe(0);
  });
});

describe('memory', () => {
  const config = (limits: string): string => `
processors: { memory_limiter: { check_interval: 50ms, ${limits} } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, session_replay], exporters: [nop, replay_store] }
    logs: { receivers: [otlp], exporters: [nop, replay_store] }
`;
  const body = tracesBody('protobuf', [], [{ traceId: randomHex(16), name: 'GET /' }]);

  it('above its limit refuses with 503 and Retry-After, in the pipelines that ask', async () => {
    const processor = await harness.start({ config: config('limit_mib: 8') });
    const otlp = await processor.url('otlp');
    const answer = await send(otlp, body);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.text()).toMatch(/memory is short \(\d+ MiB of 6 MiB\)/);
    expect(await processor.metric(`${P}requests_refused`, 'reason="memory"')).toBe(1);
    expect(await processor.metric(`${P}forced_collections`)).toBeGreaterThan(0);
    await eventually(
      () => processor.metric(`${P}shed_ratio`, 'reason="memory"'),
      (ratio) => ratio === 1,
    );
    // The process itself is well: its readers are not those who send.
    const api = await processor.url('replay_api');
    expect((await fetch(`${api}/api/v1/sessions`)).status).toBe(200);
    expect((await processor.logged('memory is short; requests are refused'))['limit']).toBe(
      'processors.memory_limiter.limit_mib',
    );
  });

  it('below it says nothing', async () => {
    const processor = await harness.start({ config: config('limit_percentage: 95') });
    expect((await send(await processor.url('otlp'), body)).status).toBe(200);
    expect(await processor.metric(`${P}requests_refused`)).toBe(0);
  });
});

describe('a next hop that is away', () => {
  it('fills the queue; then senders are told to come again, and nothing is lost', async () => {
    const hop = new NextHop();
    await hop.start();
    await hop.stop();
    harness.onEnd(() => hop.stop());
    const config = `${hop.config}
processors: { session_replay: { policies: [{ name: all, type: always_sample }] } }
`.replace("endpoint: '", "sending_queue: { queue_size: 3 }, endpoint: '");
    const processor = await harness.start({ config });
    const otlp = await processor.url('otlp');
    const names = Array.from({ length: 8 }, (_, i) => `request-${i}-`);
    const statuses: number[] = [];
    for (const name of names) {
      const answer = await send(
        otlp,
        tracesBody('protobuf', [], [{ traceId: randomHex(16), name }]),
      );
      statuses.push(answer.status);
      if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect(statuses).toEqual([200, 200, 200, 503, 503, 503, 503, 503]);
    expect(await processor.metric(`${P}requests_refused`, 'reason="queue"')).toBe(5);
    // Replay alone needs no room in it.
    const ids = { sessionId: 's', recordingId: randomHex(16), index: 0 };
    const segment = await makeSegment(ids);
    expect((await send(otlp, tracesBody('protobuf', [segment]))).status).toBe(200);

    await hop.start();
    const arrived = (): Promise<string[]> =>
      Promise.resolve(names.filter((n) => hop.received.some(({ body }) => body.includes(n))));
    await eventually(arrived, (found) => found.length === 3);
    for (const name of names.slice(3)) {
      const body = tracesBody('protobuf', [], [{ traceId: randomHex(16), name }]);
      await eventually(
        async () => (await send(otlp, body)).status,
        (status) => status === 200,
      );
    }
    await eventually(arrived, (found) => found.length === names.length);
    await expectBalanced(processor);
  });
});
