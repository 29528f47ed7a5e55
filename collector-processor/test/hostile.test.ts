/** Hostile input: right status, right counters, process alive, and honest senders unharmed. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { booksOf } from './support/books.js';
import { createHarness, eventsOf, manifestWith } from './support/harness.js';
import { hostileBody, hostileSeeds } from './support/hostile-bodies.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';

const harness = createHarness();
const RECEIVED = 'otelcol_processor_session_replay_segments_received';
const RUNS = 300;

describe('hostile input', () => {
  it('mutated, truncated, random and mistyped bodies', async () => {
    const processor = await harness.start();
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const good = { sessionId: 'honest', recordingId: randomHex(16) };
    const seeds = await hostileSeeds();
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
    const books = await booksOf(processor);
    expect(books.out).toBe(books.in);
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
