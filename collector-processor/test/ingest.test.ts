/** OTLP in, replay out: the whole service as a process. */
import type { SpanList, TraceLookup } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, eventually, manifestWith } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';

const harness = createHarness();

describe('OTLP in, replay out', () => {
  it.each([
    { encoding: 'protobuf', gzip: false },
    { encoding: 'protobuf', gzip: true },
    { encoding: 'json', gzip: true },
  ] as const)('$encoding, gzip $gzip', async ({ encoding, gzip }) => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const processor = await harness.start({ config: hop.config });
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const ids = { sessionId: 'visit/1', recordingId: randomHex(16) };
    const traceId = randomHex(16);
    const traceIds = [traceId];
    const segments = [
      await makeSegment({ ...ids, index: 0, traceIds }),
      await makeSegment({ ...ids, index: 1 }),
    ];
    const spans = [
      { traceId, name: 'GET /cart', sessionId: ids.sessionId },
      { traceId, name: 'cart', error: true },
    ];
    const body = tracesBody(encoding, segments, spans);
    for (let i = 0; i < 2; i++)
      expect((await send(otlp, body, { encoding, gzip })).status).toBe(200);

    const manifest = await manifestWith(api, ids.sessionId, 2);
    expect(manifest).toMatchObject({
      sessionId: ids.sessionId,
      recordings: [{ recordingId: ids.recordingId, gaps: [] }],
      decision: { policy: 'everything' },
    });
    const events = await eventsOf(api, ids.sessionId, ids.recordingId);
    expect([...events.keys()]).toEqual([0, 1]);
    expect(events.get(0)?.map(({ type }) => type)).toEqual([4, 2, 3]);

    const lookup = (await (await fetch(`${api}/api/v1/traces/${traceId}`)).json()) as TraceLookup;
    expect(lookup.sessions).toMatchObject([ids]);
    const list = await eventually(
      async () =>
        (await (await fetch(`${api}/api/v1/sessions/visit%2F1/spans`)).json()) as SpanList,
      (value) => value.spans.length === 2,
    );
    expect(new Set(list.spans.map(({ origin }) => origin))).toEqual(
      new Set(['browser', 'backend']),
    );

    // Sent twice, stored once, forwarded twice without the payload; the third says what is kept.
    await eventually(
      () => Promise.resolve(hop.received.map(({ body: forwarded }) => forwarded)),
      (bodies) =>
        bodies.filter((forwarded) => forwarded.includes('GET /cart')).length === 2 &&
        bodies.filter((forwarded) => forwarded.includes('session_replay.recorded')).length === 1,
    );
    expect(hop.received.some(({ body: b }) => b.includes('session_replay.segment'))).toBe(false);
    const received = 'otelcol_processor_session_replay_segments_received';
    expect(await processor.metric(received, 'outcome="accepted"')).toBe(2);
    expect(await processor.metric(received, 'outcome="duplicate"')).toBe(2);
  });

  it('keeps a session only for an error, pre-roll included, when a policy says so', async () => {
    const policies =
      '[{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]';
    const processor = await harness.start({
      config: `processors: { session_replay: { policies: ${policies} } }`,
    });
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const traceId = randomHex(16);
    const kept = { sessionId: 'kept', recordingId: randomHex(16), traceIds: [traceId] };
    const other = { sessionId: 'other', recordingId: randomHex(16), traceIds: [randomHex(16)] };
    for (const ids of [kept, other]) {
      for (const index of [0, 1, 2]) {
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })]);
        expect((await send(otlp, body)).status).toBe(200);
      }
    }
    for (const { sessionId } of [kept, other]) {
      expect((await fetch(`${api}/api/v1/sessions/${sessionId}`)).status).toBe(404);
    }
    // The backend's span names only the trace; it arrives last.
    await send(otlp, tracesBody('protobuf', [], [{ traceId, name: 'POST /order', error: true }]));
    const manifest = await manifestWith(api, 'kept', 3);
    expect(manifest.decision).toMatchObject({ policy: 'errors', traceId });
    expect(manifest.signals).toMatchObject([{ kind: 'error_span', origin: 'backend', traceId }]);
    expect((await fetch(`${api}/api/v1/sessions/other`)).status).toBe(404);
  });

  it('gives a receiver without a pipeline for logs no logs, and one with only nop no forwarding', async () => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const processor = await harness.start({
      config: `
receivers: { otlp/signals: { protocols: { http: { endpoint: localhost:0 } } } }
exporters: { otlp_http: { endpoint: '${hop.url}' } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [otlp_http, replay_store] }
    traces/signals: { receivers: [otlp/signals], exporters: [nop] }
`,
    });
    const ready = await processor.logged('ready');
    const signals = `http://127.0.0.1:${(ready['ports'] as Record<string, number>)['otlp/signals']}`;
    const body = tracesBody(
      'protobuf',
      [],
      [{ traceId: randomHex(16), name: 'teed', error: true }],
    );
    expect((await send(signals, body)).status).toBe(200);
    expect((await send(signals, body, { path: '/v1/logs' })).status).toBe(404);
    expect((await send(await processor.url('otlp'), body)).status).toBe(200);
    await eventually(
      () => Promise.resolve(hop.received.length),
      (count) => count === 1,
    );
    expect(await processor.metric('otelcol_processor_session_replay_signals')).toBe(2);
  });

  it('deletes what is stored and what is still buffered', async () => {
    const processor = await harness.start();
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const ids = { sessionId: 'gone', recordingId: randomHex(16), userId: 'ada' };
    for (const index of [0, 1]) {
      await send(otlp, tracesBody('protobuf', [await makeSegment({ ...ids, index })]));
    }
    await manifestWith(api, 'gone', 2);
    const answer = await fetch(`${api}/api/v1/sessions?user=ada`, { method: 'DELETE' });
    expect(await answer.json()).toEqual({ deleted: ['gone'] });
    const problem = await (await fetch(`${api}/api/v1/sessions/gone`)).json();
    expect(problem).toMatchObject({ status: 404, reason: 'deleted' });
  });
});
