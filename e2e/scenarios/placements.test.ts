/** The placements of docs/placements.md, as users copy them, with a real Collector and real SDKs. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { context, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { RECORDED_NAME, SEGMENT_NAME } from '@otel-replay/protocol';
import type { Expectation } from '@otel-replay/protocol/fixtures/types.js';
import { ReplayApi } from '../harness/api.js';
import { describeWithCollector, validateCollectorConfig } from '../harness/collector.js';
import { eventually } from '../harness/eventually.js';
import { Placement, placementFile } from '../harness/placement.js';
import type { PlacementName } from '../harness/placement.js';
import { ROOT } from '../harness/process.js';
import { Sender } from '../harness/sender.js';
import type { Encoding } from '../harness/sender.js';
import type { StoredSpan } from '../harness/trace-store.js';

const NAMES: readonly PlacementName[] = ['first-hop', 'in-line', 'tee'];
/** Far above what a busy machine needs: retries of the Collector are 1, 1.5, 2.3 … seconds apart. */
const PATIENCE = { timeoutMs: 90_000 };
const TEST_MS = 240_000;

interface Visit {
  sessionId: string;
  recordingId: string;
  traceIds: string[];
  /** The browser's span that the backend's are children of. */
  parent: SpanContext;
}

function visit(name: string): Visit {
  const traceId = randomBytes(16).toString('hex');
  const parent = { traceId, spanId: randomBytes(8).toString('hex'), traceFlags: 1 };
  const recordingId = randomBytes(16).toString('hex');
  return { sessionId: `${name}-${traceId}`, recordingId, traceIds: [traceId], parent };
}

describe('docs/placements.md', () => {
  it.each(NAMES)('shows the files of %s as they are', async (name) => {
    const page = await readFile(`${ROOT}/docs/placements.md`, 'utf8');
    for (const file of ['collector', 'processor'] as const) {
      const path = `demo/placements/${name}/${file}.yaml`;
      const yaml = await readFile(placementFile(name, file), 'utf8');
      expect(page, `${path} has changed`).toContain(`\`${path}\`\n\n\`\`\`yaml\n${yaml}\`\`\``);
    }
  });
});

describeWithCollector('with a real Collector', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(name: PlacementName): Promise<Placement> {
    const placement = await Placement.start(name);
    ends.push(() => placement.stop());
    return placement;
  }
  function sender(otlpUrl: string, encoding: Encoding, service: 'shop' | 'shop-web'): Sender {
    const language = service === 'shop' ? 'nodejs' : 'webjs';
    const attributes = { 'service.name': service, 'telemetry.sdk.language': language };
    const made = new Sender({ otlpUrl, encoding, attributes });
    ends.push(() => made.stop());
    return made;
  }
  const api = async (placement: Placement): Promise<ReplayApi> =>
    new ReplayApi(await placement.processor.url('replay_api'));
  /** Until the session is kept with so many segments. */
  const kept = (placement: Placement, { sessionId }: Pick<Visit, 'sessionId'>, segments: number) =>
    eventually(
      `${segments} segments of ${sessionId}`,
      async () => {
        const manifest = await (await api(placement)).manifest(sessionId);
        return manifest.segmentCount === segments ? manifest : undefined;
      },
      PATIENCE,
    );
  /** Until the store has every one of these spans. */
  const stored = (placement: Placement, spans: readonly StoredSpan[]) =>
    eventually(
      `${spans.length} spans in the trace store`,
      () => {
        const there = new Set(placement.store.spans.map(({ spanId }) => spanId));
        return spans.every(({ spanId }) => there.has(spanId));
      },
      PATIENCE,
    );

  it.each(NAMES)('%s: the Collector accepts its YAML', (name) => {
    expect(validateCollectorConfig(placementFile(name, 'collector'))).toBe('');
  });

  it.each(
    NAMES.flatMap((name) => [
      { name, encoding: 'protobuf' as const },
      { name, encoding: 'json' as const },
    ]),
  )(
    '$name $encoding: spans arrive as they were, a failure in the backend keeps its session',
    { timeout: TEST_MS },
    async ({ name, encoding }) => {
      const placement = await start(name);
      const browser = sender(placement.browserUrl, encoding, 'shop-web');
      const backend = sender(placement.backendUrl, encoding, 'shop');
      const [failing, clean] = [visit('failing'), visit('clean')];
      for (const one of [failing, clean]) {
        await browser.segments(one, 0, 1);
        page(browser, one);
        await browser.flush();
        await browser.segments(one, 2, 2);
      }
      request(backend, clean, false);
      request(backend, failing, true);
      await backend.flush();

      const manifest = await kept(placement, failing, 3);
      expect(manifest.decision).toMatchObject({
        policy: 'errors',
        traceId: failing.parent.traceId,
      });
      expect(manifest.signals).toContainEqual(
        expect.objectContaining({ kind: 'error_span', origin: 'backend' }),
      );
      // What comes last has passed everything that came before.
      backend.tracer.startSpan('last').end();
      await backend.flush();
      const sent = [...browser.sent, ...backend.sent];
      await stored(placement, sent);
      const recorded = () => placement.store.spans.filter((span) => span.name === RECORDED_NAME);
      if (name === 'tee') expect(recorded()).toEqual([]);
      else
        await eventually(
          'the span that says what is kept',
          () => recorded().length === 1,
          PATIENCE,
        );
      const ordinary = placement.store.spans.filter((span) => span.name !== RECORDED_NAME);
      // Every span once: nothing is lost, changed or sent in a circle.
      expect(byId(ordinary)).toEqual(byId(sent));
      expect(ordinary.filter((span) => span.name === SEGMENT_NAME)).toEqual([]);
      for (const payload of browser.payloads) {
        expect(placement.store.has(payload.subarray(100, 400))).toBe(false);
      }
      await expect((await api(placement)).manifest(clean.sessionId)).rejects.toThrow('404');
    },
  );

  it.each(NAMES)(
    '%s: a failure in a log keeps its session, segments may come as logs',
    { timeout: TEST_MS },
    async (name) => {
      const placement = await start(name);
      const { segments } = JSON.parse(
        (await fixture('logs/log.expected.json')).toString(),
      ) as Expectation;
      const [sessionId, payloads] = [segments[0]!.header.sessionId, segments.length];
      await postLogs(placement.browserUrl, await fixture('logs/log.pb'), 'application/x-protobuf');
      const failure = { severityNumber: 17, body: { stringValue: 'out of gift cards' } };
      const note = { severityNumber: 9, body: { stringValue: 'all is well' } };
      const attributes = [{ key: 'session.id', value: { stringValue: sessionId } }];
      const traceId = randomBytes(16).toString('hex');
      const logRecords = [note, { ...failure, traceId, attributes }];
      const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
      await postLogs(placement.backendUrl, Buffer.from(body), 'application/json');
      await kept(placement, { sessionId }, payloads);
      await eventually('the logs in their store', () => placement.store.logs.length >= 2, PATIENCE);
      const bodies = placement.store.logs.map(({ item }) => (item as typeof note).body.stringValue);
      expect(bodies.sort()).toEqual(['all is well', 'out of gift cards']);
    },
  );

  it(
    'in-line: what was acknowledged survives crashes of the processor and of the Collector',
    { timeout: TEST_MS },
    async () => {
      const placement = await start('in-line');
      const browser = sender(placement.browserUrl, 'protobuf', 'shop-web');
      const backend = sender(placement.backendUrl, 'protobuf', 'shop');
      const one = visit('crashes');
      await browser.segments(one, 0, 0);
      await placement.stopProcessor('SIGKILL');
      await browser.segments(one, 1, 1);
      request(backend, one, true);
      await backend.flush();
      await placement.stopCollector('SIGKILL');
      await Promise.all([placement.startCollector(), placement.startProcessor()]);
      await browser.segments(one, 2, 2);
      await kept(placement, one, 3);
      await stored(placement, backend.sent);
    },
  );

  it(
    'first-hop: what the processor acknowledged survives its crash while the Collector is away',
    { timeout: TEST_MS },
    async () => {
      const placement = await start('first-hop');
      const browser = sender(placement.browserUrl, 'protobuf', 'shop-web');
      const backend = sender(placement.backendUrl, 'protobuf', 'shop');
      const one = visit('away');
      await placement.stopCollector('SIGTERM');
      await browser.segments(one, 0, 1);
      page(browser, one);
      await browser.flush();
      await placement.stopProcessor('SIGKILL');
      await Promise.all([placement.startCollector(), placement.startProcessor()]);
      request(backend, one, true);
      await backend.flush();
      await kept(placement, one, 2);
      await stored(placement, [...browser.sent, ...backend.sent]);
    },
  );

  it(
    'tee: traces arrive while the processor is away, and replays when it is back',
    { timeout: TEST_MS },
    async () => {
      const placement = await start('tee');
      const browser = sender(placement.browserUrl, 'protobuf', 'shop-web');
      const backend = sender(placement.backendUrl, 'protobuf', 'shop');
      const one = visit('later');
      await placement.stopProcessor('SIGKILL');
      await browser.segments(one, 0, 1);
      page(browser, one);
      await browser.flush();
      request(backend, one, true);
      await backend.flush();
      await stored(placement, [...browser.sent, ...backend.sent]);
      await placement.startProcessor();
      await kept(placement, one, 2);
    },
  );
});

/** What the page itself measured: spans with the attributes the recorder puts on them. */
function page(browser: Sender, { sessionId, recordingId, parent }: Visit): void {
  const attributes = { 'session.id': sessionId, 'session_replay.id': recordingId };
  const inTrace = trace.setSpanContext(context.active(), { ...parent, isRemote: true });
  for (const name of ['documentLoad', 'GET /cart', 'click']) {
    browser.tracer.startSpan(name, { attributes }, inTrace).end();
  }
}

/** A request in the backend, with an exception when it fails; nothing here names the session. */
function request(backend: Sender, { parent }: Visit, fails: boolean): void {
  const inTrace = trace.setSpanContext(context.active(), { ...parent, isRemote: true });
  const attributes = { 'http.route': '/order', 'http.response.status_code': fails ? 500 : 201 };
  const server = backend.tracer.startSpan('POST /order', { kind: 1, attributes }, inTrace);
  const inServer = trace.setSpan(inTrace, server);
  for (let i = 0; i < 20; i++) {
    const query = { 'db.query.text': `SELECT ${i}`, 'db.rows': i, 'db.share': 0.25, cached: false };
    const events = backend.tracer.startSpan('SELECT', { kind: 2, attributes: query }, inServer);
    events.addEvent('db.pool.wait', { ms: i, hosts: ['a', 'b'] });
    events.end();
  }
  if (fails) {
    server.recordException(new TypeError('no such gift card'));
    server.setStatus({ code: SpanStatusCode.ERROR, message: 'no such gift card' });
  }
  server.end();
}

async function postLogs(otlpUrl: string, body: Buffer, contentType: string): Promise<void> {
  const headers = { 'content-type': contentType };
  const response = await fetch(`${otlpUrl}/v1/logs`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
  expect(response.status, await response.text()).toBe(200);
}

const fixture = (path: string): Promise<Buffer> => readFile(`${ROOT}/protocol/fixtures/${path}`);

const byId = (spans: readonly StoredSpan[]): StoredSpan[] =>
  [...spans].sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
