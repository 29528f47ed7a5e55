/** Sessions kept for what ordinary spans say besides errors: their duration and their attributes. */
import type { SessionManifest } from '@otel-replay/protocol';
import { expect, it } from 'vitest';
import { createHarness, eventually, manifestWith } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody, type OrdinarySpan } from './support/otlp.js';

const harness = createHarness();

const CONFIG = `
receivers: { otlp/signals: { protocols: { http: { endpoint: localhost:0 } } } }
processors:
  session_replay:
    policies:
      - { name: slow, type: latency, latency: { threshold_ms: 500, upper_threshold_ms: 60000 } }
      - name: large carts at a crawl
        type: and
        and:
          and_sub_policy:
            - { name: cart, type: numeric_attribute, numeric_attribute: { key: cart.total, min_value: 99.5 } }
            - { name: sluggish, type: latency, latency: { threshold_ms: 200 } }
      - { name: gold, type: string_attribute, string_attribute: { key: user.tier, values: [gold] } }
      - name: crawlers
        type: drop
        drop: { drop_sub_policy: [{ name: bot, type: string_attribute, string_attribute: { key: bot, values: ['^g'], enabled_regex_matching: true } }] }
      - { name: reports, type: ignore, ignore: { kind: slow_span, span_kind: producer } }
service:
  pipelines:
    traces/signals: { receivers: [otlp/signals], exporters: [nop, replay_store] }
`;

const SERVER = 2;
const PRODUCER = 4;

it.each(['protobuf', 'json'] as const)('slow spans and attributes, %s', async (encoding) => {
  const processor = await harness.start({ config: CONFIG });
  const [otlp, signals] = [await processor.url('otlp'), await processor.url('otlp/signals')];
  const api = await processor.url('replay_api');
  const post = async (to: string, body: Uint8Array): Promise<void> => {
    expect((await send(to, body, { encoding })).status).toBe(200);
  };
  /** A page's visit, and spans of its trace. */
  const visit = async (
    sessionId: string,
    to: string,
    ...spans: Omit<OrdinarySpan, 'traceId'>[]
  ): Promise<void> => {
    const traceId = randomHex(16);
    const ids = { sessionId, recordingId: randomHex(16), traceIds: [traceId] };
    for (const index of [0, 1]) {
      await post(otlp, tracesBody(encoding, [await makeSegment({ ...ids, index })]));
    }
    for (const span of spans) await post(to, tracesBody(encoding, [], [{ traceId, ...span }]));
  };
  const cart = { 'cart.total': 99.5 };
  await visit('quick', otlp, { name: 'GET /', durationMs: 199, kind: SERVER, attributes: cart });
  await visit('too slow', otlp, { name: 'long poll', durationMs: 60_001 });
  await visit('reporting', otlp, { name: 'report', durationMs: 900, kind: PRODUCER });
  await visit('silver', otlp, { name: 'GET /', attributes: { 'user.tier': 'silver' } });
  const bot = { name: 'GET /robots.txt', attributes: { bot: 'googlebot' } };
  await visit('crawler', otlp, bot, { name: 'GET /', durationMs: 900 });
  await visit('backend', signals, { name: 'GET /cart', durationMs: 500, kind: SERVER });
  await visit('page', otlp, { name: 'fetch', durationMs: 501, sessionId: 'page' });
  await visit('golden', signals, { name: 'GET /', attributes: { 'user.tier': 'gold' } });
  await visit('large', otlp, { name: 'price', attributes: cart }, { name: 'pay', durationMs: 200 });

  const why = async (sessionId: string): Promise<string> => {
    const { decision }: SessionManifest = await manifestWith(api, sessionId, 2);
    return `${decision?.policy} | ${decision?.reason}`;
  };
  expect(await why('backend')).toBe('slow | a span took 500 ms: GET /cart');
  expect(await why('page')).toBe('slow | a span took 501 ms: fetch');
  expect(await why('golden')).toBe('gold | user.tier is gold: GET /');
  expect(await why('large')).toBe(
    'large carts at a crawl | cart: cart.total is 99.5: price; sluggish: a span took 200 ms: pay',
  );
  for (const id of ['quick', 'too slow', 'reporting', 'silver', 'crawler']) {
    const path = `/api/v1/sessions/${encodeURIComponent(id)}`;
    expect((await fetch(`${api}${path}`)).status, id).toBe(404);
  }
  const { signals: shown } = await manifestWith(api, 'backend', 2);
  expect(shown).toMatchObject([{ kind: 'slow_span', durationMs: 500, spanKind: 'server' }]);
  const seen = 'otelcol_processor_session_replay_signals';
  await eventually(
    () => processor.metric(seen, 'kind="slow_span"'),
    (count) => count === 6,
  );
  expect(await processor.metric(seen, 'kind="attribute"')).toBe(4);
});
