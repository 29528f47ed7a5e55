/** Hostile input: right status, right counters, process alive, and honest senders unharmed. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, manifestWith } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody, type Encoding } from './support/otlp.js';

const harness = createHarness();
const RECEIVED = 'otelcol_processor_session_replay_segments_received';
const RUNS = 300;

describe('hostile input', () => {
  it('mutated, truncated, random and mistyped bodies', async () => {
    const processor = await harness.start();
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const good = { sessionId: 'honest', recordingId: randomHex(16) };
    const seeds: Record<Encoding, Buffer> = {
      protobuf: await seedBody('protobuf'),
      json: await seedBody('json'),
    };
    const statuses = new Map<number, number>();
    let index = 0;
    await fc.assert(
      fc.asyncProperty(hostileBody(seeds), async ({ encoding, body, gzip, path }) => {
        const { status } = await send(otlp, body, { encoding, gzip, path });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect([200, 400]).toContain(status);
        if (index % 10 === 0) {
          const segment = await makeSegment({ ...good, index: index / 10 });
          expect((await send(otlp, tracesBody('protobuf', [segment]))).status).toBe(200);
        }
        index++;
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    const honest = Math.ceil(index / 10);
    await manifestWith(api, good.sessionId, honest);
    const events = await eventsOf(api, good.sessionId, good.recordingId);
    expect([...events.keys()]).toEqual(Array.from({ length: honest }, (_, i) => i));
    // Both outcomes were reached, or the bodies were not hostile enough to mean anything.
    expect([...statuses.keys()].sort()).toEqual([200, 400]);
    const bad = await processor.metric(
      'otelcol_receiver_requests',
      'http_response_status_code="400"',
    );
    expect(bad).toBe(statuses.get(400));
    expect(processor.log).not.toContain('OTLP request failed');
    await expectBalanced(processor);
  });

  it('segments that break the contract are rejected by partial success and counted', async () => {
    const processor = await harness.start();
    const otlp = await processor.url('otlp');
    const ids = { sessionId: 's', recordingId: randomHex(16) };
    const whole = await makeSegment({ ...ids, index: 0 });
    const broken = [
      { ...whole, data: whole.data.subarray(1) },
      { ...whole, data: Uint8Array.from(whole.data, (b, i) => (i === 5 ? b ^ 1 : b)) },
      { ...whole, header: { ...whole.header, recordingId: 'short' } },
      { ...whole, header: { ...whole.header, sessionId: '' } },
      { ...whole, header: { ...whole.header, sessionId: 'x'.repeat(500) } },
      { ...whole, header: { ...whole.header, index: -1 } },
      { ...whole, header: { ...whole.header, firstTimestamp: 5, lastTimestamp: 1 } },
    ];
    for (const segment of broken) {
      const response = await send(otlp, tracesBody('json', [segment, whole]), { encoding: 'json' });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    }
    expect(await processor.metric(RECEIVED, 'outcome="rejected"')).toBe(broken.length);
    expect(await processor.metric(RECEIVED, 'outcome="accepted"')).toBe(1);
    expect(await processor.metric(RECEIVED, 'outcome="duplicate"')).toBe(broken.length - 1);
  });

  it('wrong methods, types, encodings, sizes and bombs get their status', async () => {
    const config = 'receivers: { otlp: { protocols: { http: { max_request_body_size: 64KiB } } } }';
    const processor = await harness.start({ config });
    const otlp = await processor.url('otlp');
    const post = async (headers: Record<string, string>, body: Uint8Array): Promise<number> =>
      (await fetch(`${otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) }))
        .status;
    const json = { 'content-type': 'application/json' };
    const empty = Buffer.from('{}');
    expect(await post(json, empty)).toBe(200);
    expect(await post({ 'content-type': 'text/plain' }, empty)).toBe(415);
    expect(await post({ ...json, 'content-encoding': 'br' }, empty)).toBe(415);
    expect(await post({ ...json, 'content-encoding': 'gzip' }, empty)).toBe(400);
    expect(await post(json, Buffer.alloc(100_000, 32))).toBe(413);
    expect(
      await post({ ...json, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000))),
    ).toBe(413);
    expect((await fetch(`${otlp}/v1/traces`)).status).toBe(405);
    expect(
      (await fetch(`${otlp}/v1/metrics`, { method: 'POST', headers: json, body: '{}' })).status,
    ).toBe(404);
    expect(await post(json, empty)).toBe(200);
  });

  it('bytes that are not HTTP, and clients that hang up in mid-request', async () => {
    const processor = await harness.start();
    const otlp = await processor.url('otlp');
    const port = Number(new URL(otlp).port);
    const head = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    for (const bytes of [
      '\0\x01\x02\r\n\r\n',
      'GET',
      `${head}Content-Length: 1000\r\n\r\n{`,
      `${head}Content-Length: -1\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    const body = tracesBody('protobuf', [
      await makeSegment({ sessionId: 's', recordingId: randomHex(16), index: 0 }),
    ]);
    expect((await send(otlp, body)).status).toBe(200);
    expect((await fetch(await processor.url('health_check'))).status).toBe(200);
  });

  it('paths and ids that try to leave their place', async () => {
    const processor = await harness.start();
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const ids = ['../../etc/passwd', '..', '.', 'a/b', '%2e%2e', 'ü\u0000', 'con'];
    for (const sessionId of ids) {
      const segment = await makeSegment({ sessionId, recordingId: randomHex(16), index: 0 });
      expect((await send(otlp, tracesBody('protobuf', [segment]))).status).toBe(200);
    }
    for (const sessionId of ids) {
      // `fetch` normalises dot segments away, encoded or not: those cannot be asked for by URL.
      if (/^\.+$/.test(sessionId)) continue;
      expect((await manifestWith(api, sessionId, 1)).sessionId).toBe(sessionId);
    }
  });
});

async function seedBody(encoding: Encoding): Promise<Buffer> {
  const ids = { sessionId: 'hostile', recordingId: randomHex(16) };
  const segments = [
    await makeSegment({ ...ids, index: 0 }),
    await makeSegment({ ...ids, index: 1 }),
  ];
  const spans = [{ traceId: randomHex(16), name: 'GET /', sessionId: 'hostile', error: true }];
  return Buffer.from(tracesBody(encoding, segments, spans));
}

interface Hostile {
  encoding: Encoding;
  body: Uint8Array;
  gzip: boolean;
  path: string;
}

function hostileBody(seeds: Record<Encoding, Buffer>): fc.Arbitrary<Hostile> {
  const flips = fc.array(
    fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) }),
    { minLength: 1, maxLength: 8 },
  );
  const cut = fc.double({ min: 0, max: 1, noNaN: true });
  return fc
    .record({
      encoding: fc.constantFrom<Encoding>('protobuf', 'json'),
      gzip: fc.boolean(),
      path: fc.constantFrom('/v1/traces', '/v1/logs'),
      how: fc.oneof(
        fc.record({ kind: fc.constant('flip' as const), flips }),
        fc.record({ kind: fc.constant('cut' as const), cut }),
        fc.record({
          kind: fc.constant('random' as const),
          bytes: fc.uint8Array({ maxLength: 300 }),
        }),
        fc.record({ kind: fc.constant('json' as const), value: fc.jsonValue() }),
        fc.record({
          kind: fc.constant('mistyped' as const),
          key: fc.nat(30),
          value: fc.jsonValue(),
        }),
      ),
    })
    .map(({ encoding, gzip, path, how }) => {
      const seed = seeds[encoding];
      switch (how.kind) {
        case 'flip': {
          const body = Buffer.from(seed);
          for (const { at, byte } of how.flips) body[Math.floor(at * body.length)] = byte;
          return { encoding, gzip, path, body };
        }
        case 'cut':
          return {
            encoding,
            gzip,
            path,
            body: seed.subarray(0, Math.floor(how.cut * seed.length)),
          };
        case 'random':
          return { encoding, gzip, path, body: how.bytes };
        case 'json':
          return { encoding: 'json', gzip, path, body: Buffer.from(JSON.stringify(how.value)) };
        case 'mistyped':
          return { encoding: 'json', gzip, path, body: mistype(seeds.json, how.key, how.value) };
      }
    });
}

/** Replaces the value of one key of a valid JSON body. */
function mistype(seed: Buffer, key: number, value: unknown): Buffer {
  let seen = 0;
  const text = JSON.stringify(JSON.parse(seed.toString()), (_, v: unknown) =>
    seen++ === key + 1 ? value : v,
  );
  return Buffer.from(text ?? 'null');
}

async function expectBalanced(processor: Awaited<ReturnType<typeof harness.start>>): Promise<void> {
  const of = (name: string, label = ''): Promise<number> =>
    processor.metric(`otelcol_processor_session_replay_segments_${name}`, label);
  const accepted = await of('received', 'outcome="accepted"');
  expect((await of('stored')) + (await of('dropped')) + (await of('buffered'))).toBe(accepted);
}
