/** The exporter against a real next hop that misbehaves in every way a next hop can. */
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWithDisks, mountSmallDisk } from '../../test/support/small-disk.js';
import { systemClock } from '../clock.js';
import { OverloadedError } from '../receive/sink.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { parseRetryAfter, retryDelayMs, DEFAULT_RETRY } from './backoff.js';
import { nopExporter, type Exporter, type ExportRequest } from './exporter.js';
import { createOtlpExporter, type OtlpExporterOptions } from './otlp-http.js';

interface Received {
  path: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}
type Behaviour = (received: Received, response: http.ServerResponse) => void;

const ok: Behaviour = (_, response) => void response.writeHead(200).end();
const hang: Behaviour = () => undefined;
const reset: Behaviour = (_, response) => void response.socket?.resetAndDestroy();
const answer =
  (status: number, headers: http.OutgoingHttpHeaders = {}): Behaviour =>
  (_, response) =>
    void response.writeHead(status, headers).end('why');

/** Follows a script, then its last line for ever. */
class NextHop {
  readonly received: Received[] = [];
  script: Behaviour[] = [ok];
  port = 0;
  #server: http.Server | undefined;

  async start(): Promise<void> {
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const received = {
          path: request.url!,
          headers: request.headers,
          body: Buffer.concat(chunks),
        };
        this.received.push(received);
        const behave = this.script.length > 1 ? this.script.shift()! : this.script[0]!;
        behave(received, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as net.AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

let directory: string;
let hop: NextHop;
let metrics: Metrics;
const exporters: Exporter[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forward-'));
  hop = new NextHop();
  metrics = new Metrics();
  await hop.start();
});
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.stop(0);
  await hop.stop();
  await rm(directory, { recursive: true, force: true });
});

const FAST = { initialIntervalMs: 5, maxIntervalMs: 20 };
/** So that a busy machine does not write what it is about to deliver. */
const NEVER = 600_000;

async function start(options: Partial<OtlpExporterOptions> = {}): Promise<Exporter> {
  const exporter = createOtlpExporter(
    {
      endpoint: `http://127.0.0.1:${hop.port}/`,
      directory,
      retryOnFailure: FAST,
      persistAfterMs: NEVER,
      ...options,
    },
    { metrics, logger: silentLogger, clock: systemClock },
  );
  await exporter.start();
  exporters.push(exporter);
  return exporter;
}

const item = (text: string, overrides: Partial<ExportRequest> = {}): ExportRequest => ({
  signal: 'traces',
  contentType: 'application/x-protobuf',
  body: Buffer.from(text),
  itemCount: 3,
  ...overrides,
});
const bodies = (): string[] => hop.received.map(({ body }) => body.toString());
const files = (): Promise<string[]> => readdir(directory);

describe('OTLP exporter', () => {
  it('delivers with content type and headers kept, and leaves no file', async () => {
    const exporter = await start({ headers: { Authorization: 'Bearer x' } });
    expect(await exporter.enqueue(item('a'))).toBe('delivered');
    expect(
      await exporter.enqueue(item('{}', { signal: 'logs', contentType: 'application/json' })),
    ).toBe('delivered');
    expect(hop.received).toMatchObject([
      {
        path: '/v1/traces',
        headers: { 'content-type': 'application/x-protobuf', authorization: 'Bearer x' },
      },
      { path: '/v1/logs', headers: { 'content-type': 'application/json' } },
    ]);
    expect(await files()).toEqual([]);
    expect(metrics.value('otelcol_exporter_sent_spans', { exporter: 'otlp_http' })).toBe(3);
    expect(metrics.value('otelcol_exporter_sent_log_records')).toBe(3);
    expect(metrics.value('otelcol_exporter_queue_size')).toBe(0);
    expect(metrics.value('otelcol_exporter_queue_capacity')).toBe(1000);
  });

  it('compresses when told to', async () => {
    const exporter = await start({ compression: 'gzip' });
    await exporter.enqueue(item('a'.repeat(1000)));
    expect(hop.received[0]!.headers['content-encoding']).toBe('gzip');
    expect(zlib.gunzipSync(hop.received[0]!.body).toString()).toBe('a'.repeat(1000));
  });

  it.each([429, 502, 503, 504])('tries again after %s', async (status) => {
    hop.script = [answer(status), answer(status), ok];
    const exporter = await start();
    expect(await exporter.enqueue(item('a'))).toBe('persisted');
    await expect.poll(() => metrics.value('otelcol_exporter_sent_spans')).toBe(3);
    expect(bodies()).toEqual(['a', 'a', 'a']);
    await expect.poll(files).toEqual([]);
  });

  it.each([400, 404, 413, 500, 301])('gives up at once after %s', async (status) => {
    hop.script = [answer(status)];
    const exporter = await start();
    expect(await exporter.enqueue(item('a'))).toBe('refused');
    expect(bodies()).toEqual(['a']);
    expect(metrics.value('otelcol_exporter_send_failed_spans')).toBe(3);
    expect(await files()).toEqual([]);
  });

  it('waits as long as Retry-After says', async () => {
    hop.script = [answer(503, { 'Retry-After': '60' })];
    const exporter = await start();
    await exporter.enqueue(item('a'));
    await new Promise((resolve) => setTimeout(resolve, 100)); // many times the usual wait
    expect(bodies()).toEqual(['a']);
    expect(await files()).toHaveLength(1);
  });

  it('acknowledges from disk while the next hop hangs, and times the attempt out', async () => {
    hop.script = [hang, ok];
    const exporter = await start({ timeoutMs: 200, persistAfterMs: 10 });
    expect(await exporter.enqueue(item('a'))).toBe('persisted');
    expect(hop.received).toHaveLength(1);
    await expect.poll(() => bodies()).toEqual(['a', 'a']);
    await expect.poll(files).toEqual([]);
  });

  it('sends again at once when a kept connection was closed meanwhile', async () => {
    const exporter = await start({ retryOnFailure: { initialIntervalMs: 60_000 } });
    await exporter.enqueue(item('a'));
    hop.script = [reset, ok];
    expect(await exporter.enqueue(item('b'))).toBe('delivered');
    expect(bodies()).toEqual(['a', 'b', 'b']);
  });

  it('loses nothing over an outage and a restart, and keeps the order of what waited', async () => {
    await hop.stop();
    const first = await start({ numConsumers: 1 });
    for (const text of ['a', 'b', 'c']) expect(await first.enqueue(item(text))).toBe('persisted');
    await first.stop(50);
    expect(await files()).toHaveLength(3);
    await writeFile(join(directory, '000000000009-traces-pb-1-1.otlp.tmp'), 'torn');
    await hop.start();
    const second = await start({ numConsumers: 1 });
    await expect.poll(() => bodies()).toEqual(['a', 'b', 'c']);
    await second.enqueue(item('d'));
    expect(bodies()).toEqual(['a', 'b', 'c', 'd']);
    await expect.poll(files).toEqual([]);
    expect(metrics.value('otelcol_exporter_queue_size')).toBe(0);
  });

  it('drops a file of a wrong length, counts it and goes on', async () => {
    await hop.stop();
    const first = await start();
    await first.enqueue(item('abc'));
    await first.enqueue(item('def'));
    await first.stop(0);
    await truncate(join(directory, (await files()).sort()[0]!), 1);
    await hop.start();
    await start();
    await expect.poll(() => bodies()).toEqual(['def']);
    expect(metrics.value('otelcol_exporter_send_failed_spans')).toBe(3);
    await expect.poll(files).toEqual([]);
  });

  it('throws OverloadedError when requests or bytes are too many', async () => {
    hop.script = [hang];
    const byCount = await start({ queueSize: 2, persistAfterMs: 1 });
    await byCount.enqueue(item('a'));
    await byCount.enqueue(item('b'));
    await expect(byCount.enqueue(item('c'))).rejects.toThrow(OverloadedError);
    expect(metrics.value('otelcol_exporter_enqueue_failed_spans')).toBe(3);
    const byBytes = await start({
      queueBytes: 10,
      persistAfterMs: 1,
      directory: join(directory, 'b'),
    });
    await byBytes.enqueue(item('123456'));
    await expect(byBytes.enqueue(item('123456'))).rejects.toThrow(/queue is full/);
  });

  it('gives a request up after max elapsed time', async () => {
    hop.script = [answer(503)];
    const exporter = await start({ retryOnFailure: { ...FAST, maxElapsedMs: 60 } });
    expect(await exporter.enqueue(item('a'))).toBe('persisted');
    await expect.poll(() => metrics.value('otelcol_exporter_send_failed_spans')).toBe(3);
    await expect.poll(files).toEqual([]);
  });

  it('without a directory gives a request back that the next hop does not take', async () => {
    hop.script = [answer(503), ok];
    const options = { endpoint: `http://127.0.0.1:${hop.port}` };
    const exporter = createOtlpExporter(options, {
      metrics,
      logger: silentLogger,
      clock: systemClock,
    });
    await exporter.start();
    exporters.push(exporter);
    await expect(exporter.enqueue(item('a'))).rejects.toThrow(OverloadedError);
    expect(await exporter.enqueue(item('b'))).toBe('delivered');
    expect(metrics.value('otelcol_exporter_queue_size')).toBe(0);
  });

  it('drains before it stops, and takes nothing after', async () => {
    hop.script = [(_, response) => void setTimeout(() => response.writeHead(200).end(), 20)];
    const exporter = await start({ numConsumers: 2 });
    const sent = Array.from({ length: 9 }, (_, i) => exporter.enqueue(item(String(i))));
    await exporter.stop(10_000);
    await Promise.all(sent);
    expect(new Set(bodies()).size).toBe(9);
    expect(await files()).toEqual([]);
    await expect(exporter.enqueue(item('x'))).rejects.toThrow(OverloadedError);
  });

  it('has a nop sibling', async () => {
    await nopExporter.start();
    expect(await nopExporter.enqueue(item('a'))).toBe('delivered');
    await nopExporter.stop();
  });
});

describe('backoff', () => {
  it('grows, is capped, jitters and never undercuts Retry-After', () => {
    const delay = (retry: number, after = 0, random = 0.5) =>
      retryDelayMs(DEFAULT_RETRY, retry, after, () => random);
    expect([0, 1, 2, 10].map((retry) => delay(retry))).toEqual([5000, 7500, 11_250, 30_000]);
    expect([delay(0, 0, 0), delay(0, 0, 1)]).toEqual([2500, 7500]);
    expect(delay(0, 60_000)).toBe(60_000);
  });

  it('reads Retry-After as seconds or date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('7', now)).toBe(7000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:09 GMT', now)).toBe(9000);
    expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
    expect(parseRetryAfter('soon', now)).toBe(0);
    expect(parseRetryAfter(undefined, now)).toBe(0);
  });
});

describeWithDisks('OTLP exporter on a full disk', () => {
  it('gives requests back, leaves no halves, and goes on when there is room', async () => {
    const disk = await mountSmallDisk(2);
    try {
      hop.script = [answer(503)];
      const exporter = await start({ directory: disk.directory });
      const ballast = join(disk.directory, 'ballast');
      await writeFile(ballast, new Uint8Array(1_900_000));
      const large = (): ExportRequest => item('', { body: Buffer.alloc(400_000, 'a') });
      await expect(exporter.enqueue(large())).rejects.toMatchObject({ shortage: 'disk' });
      expect(await readdir(disk.directory)).toEqual(['ballast']);
      expect(metrics.value('otelcol_exporter_queue_size')).toBe(0);
      expect(metrics.value('otelcol_exporter_enqueue_failed_spans')).toBe(3);
      await rm(ballast);
      expect(await exporter.enqueue(large())).toBe('persisted');
      hop.script = [ok];
      await expect
        .poll(() => metrics.value('otelcol_exporter_sent_spans'), { timeout: 30_000 })
        .toBe(3);
      await exporter.stop();
    } finally {
      await disk.remove();
    }
  });
});
