/** The receiver over real sockets: every status, every limit, and what a browser sees. */
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ATTR_PAYLOAD_DATA, SEGMENT_NAME } from '@otel-replay/protocol';
import { systemClock } from '../clock.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { createReceiver, type Receiver, type ReceiverOptions } from './receiver.js';
import { OverloadedError, type Sink } from './sink.js';

const PB = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const TRACE = Buffer.from(
  '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"name":"b"}]}]}]}',
);

type Accepted = Parameters<Sink['accept']>;

interface Setup {
  receiver: Receiver;
  metrics: Metrics;
  accepted: Accepted[];
  port: number;
}

const running: Receiver[] = [];
afterEach(async () => {
  for (const receiver of running.splice(0)) await receiver.stop(100);
});

async function setup(
  options: Partial<ReceiverOptions> = {},
  accept: (...call: Accepted) => Promise<void> = () => Promise.resolve(),
): Promise<Setup> {
  const metrics = new Metrics();
  const accepted: Accepted[] = [];
  const sink: Sink = {
    async accept(...call) {
      await accept(...call);
      accepted.push(call);
      return { rejectedSegments: 0, errorMessage: '' };
    },
  };
  const receiver = createReceiver(
    {
      name: 'otlp',
      endpoint: { host: '127.0.0.1', port: 0 },
      cut: { forwardSegmentSpans: false, maxSegmentBytes: 1024 },
      maxRequestBodyBytes: 100_000,
      ...options,
    },
    { sink, metrics, logger: silentLogger, clock: systemClock },
  );
  await receiver.start();
  running.push(receiver);
  return { receiver, metrics, accepted, port: receiver.port! };
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

function send(
  port: number,
  init: {
    method?: string;
    path?: string;
    headers?: http.OutgoingHttpHeaders;
    body?: Uint8Array | undefined;
    chunked?: boolean;
  },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/v1/traces', headers = {}, body, chunked } = init;
    const length = body !== undefined && !chunked ? { 'Content-Length': body.length } : {};
    const request = http.request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...length, ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
        });
      });
    });
    if (chunked && body !== undefined) {
      for (let at = 0; at < body.length; at += 7) request.write(body.subarray(at, at + 7));
      request.end();
    } else request.end(body);
  });
}

const json = (
  port: number,
  body: Uint8Array,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answer> => send(port, { body, headers: { 'Content-Type': JSON_TYPE, ...headers } });

/** The message of a google.rpc.Status in protobuf: field 1 code, field 2 message. */
function status(body: Buffer): { code: number; message: string } {
  expect(body[0]).toBe(0x08);
  expect(body[2]).toBe(0x12);
  const long = body[3]! >= 0x80;
  return { code: body[1]!, message: body.subarray(long ? 5 : 4).toString() };
}

describe('OTLP receiver', () => {
  it('answers success with the empty message of the encoding, and never forbids to store it', async () => {
    const { port, accepted, metrics } = await setup();
    const asJson = await json(port, TRACE, { 'Content-Type': 'Application/JSON; charset=utf-8' });
    expect(asJson).toMatchObject({ status: 200, headers: { 'content-type': JSON_TYPE } });
    expect(asJson.body.toString()).toBe('{}');
    const asProtobuf = await send(port, {
      path: '/v1/logs?x=1',
      body: Buffer.alloc(0),
      headers: { 'Content-Type': PB },
    });
    expect(asProtobuf).toMatchObject({
      status: 200,
      headers: { 'content-type': PB, 'content-length': '0' },
    });
    for (const answer of [asJson, asProtobuf])
      expect(answer.headers['cache-control']).toBeUndefined();
    expect(accepted.map(([, request]) => request.signal)).toEqual(['traces', 'logs']);
    expect(accepted[0]![0].forward?.length).toBe(TRACE.length);
    expect(metrics.value('otelcol_receiver_accepted_spans', { receiver: 'otlp' })).toBe(2);
    expect(metrics.value('otelcol_receiver_requests', { outcome: 'accepted' })).toBe(2);
  });

  it('reads gzip, deflate and chunked bodies', async () => {
    const { port, accepted } = await setup();
    const big = Buffer.from(`{"resourceSpans":[],"x":"${'y'.repeat(90_000)}"}`);
    expect((await json(port, zlib.gzipSync(TRACE), { 'Content-Encoding': 'gzip' })).status).toBe(
      200,
    );
    expect(
      (await json(port, zlib.deflateSync(TRACE), { 'Content-Encoding': 'deflate' })).status,
    ).toBe(200);
    const raw = Buffer.from(
      Array.from({ length: 70_000 }, (_, i) => 97 + ((i * 7919) % 23) * (i % 2)),
    );
    const slow = Buffer.from(`{"x":${JSON.stringify(raw.toString('latin1'))}}`);
    expect(
      (await json(port, zlib.gzipSync(slow, { level: 0 }), { 'Content-Encoding': 'GZIP' })).status,
    ).toBe(200);
    const chunked = await send(port, {
      body: TRACE,
      chunked: true,
      headers: { 'Content-Type': JSON_TYPE },
    });
    expect(chunked.status).toBe(200);
    expect((await json(port, big)).status).toBe(200);
    expect(accepted.map(([cut]) => cut.forwardCount)).toEqual([2, 2, 0, 2, 0]);
  });

  it('answers 400 to what is not OTLP, with a Status of the encoding', async () => {
    const { port, metrics } = await setup();
    const asJson = await json(port, Buffer.from('{"resourceSpans":'));
    expect(asJson.status).toBe(400);
    expect(JSON.parse(asJson.body.toString())).toMatchObject({
      code: 3,
      message: /JSON is broken/,
    });
    const asProtobuf = await send(port, {
      body: Buffer.from([0x0a, 0x7f]),
      headers: { 'Content-Type': PB },
    });
    expect(asProtobuf).toMatchObject({ status: 400, headers: { 'content-type': PB } });
    expect(status(asProtobuf.body)).toMatchObject({
      code: 3,
      message: expect.stringContaining('cut short') as string,
    });
    expect((await json(port, TRACE, { 'Content-Encoding': 'gzip' })).status).toBe(400);
    expect(metrics.value('otelcol_receiver_requests', { 'http.response.status_code': '400' })).toBe(
      3,
    );
    expect(metrics.value('otelcol_receiver_accepted_spans')).toBe(0);
  });

  it('answers 404, 405 and 415', async () => {
    const { port } = await setup();
    expect((await send(port, { path: '/v1/metrics', body: TRACE })).status).toBe(404);
    const wrongMethod = await send(port, { method: 'GET' });
    expect(wrongMethod).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect((await send(port, { method: 'OPTIONS' })).status).toBe(405);
    const wrongType = await send(port, { body: TRACE, headers: { 'Content-Type': 'text/plain' } });
    expect(wrongType).toMatchObject({ status: 415 });
    expect(wrongType.headers['content-type']).toMatch(/^text\/plain/);
    expect((await send(port, { body: TRACE })).status).toBe(415);
    const zstd = await json(port, TRACE, { 'Content-Encoding': 'zstd' });
    expect(zstd.status).toBe(415);
    expect(JSON.parse(zstd.body.toString())).toMatchObject({
      message: /send gzip, deflate or none/,
    });
  });

  it('answers 413 before reading, while reading and while inflating', async () => {
    const { port, accepted } = await setup();
    const large = Buffer.alloc(3_000_000, 0x20);
    for (const answer of [
      await json(port, large),
      await send(port, {
        body: large.subarray(0, 100_100),
        chunked: true,
        headers: { 'Content-Type': JSON_TYPE },
      }),
      await json(port, zlib.gzipSync(large), { 'Content-Encoding': 'gzip' }),
      await json(port, zlib.deflateSync(large), { 'Content-Encoding': 'deflate' }),
    ]) {
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 8 });
    }
    expect(accepted).toEqual([]);
    expect((await json(port, TRACE)).status).toBe(200);
  });

  it('answers 503 with Retry-After when the sink is overloaded, and counts what was refused', async () => {
    const { port, metrics } = await setup({}, () =>
      Promise.reject(new OverloadedError('journal is full', 2.1)),
    );
    const answer = await json(port, TRACE);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '3' } });
    expect(JSON.parse(answer.body.toString())).toEqual({ code: 14, message: 'journal is full' });
    expect(metrics.value('otelcol_receiver_refused_spans')).toBe(2);
    expect(metrics.value('otelcol_receiver_requests', { outcome: 'refused' })).toBe(1);
  });

  it('answers 500 when the sink fails, and stays alive', async () => {
    const { port } = await setup({}, () => Promise.reject(new Error('secret detail')));
    const answer = await json(port, TRACE);
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).not.toContain('secret');
    expect((await json(port, TRACE)).status).toBe(500);
  });

  it('answers 503 while too many bytes are in flight', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { port, accepted } = await setup({ maxInFlightBytes: 100 }, () => held);
    const first = json(port, TRACE);
    await expect.poll(async () => (await json(port, TRACE)).status).toBe(503);
    release();
    expect((await first).status).toBe(200);
    expect((await json(port, TRACE)).status).toBe(200);
    expect(accepted).toHaveLength(2);
  });

  it('reports segments refused for good as partial success', async () => {
    const { port, metrics } = await setup();
    const segment = {
      name: SEGMENT_NAME,
      events: [
        {
          name: SEGMENT_NAME,
          attributes: [{ key: ATTR_PAYLOAD_DATA, value: { stringValue: 'AAAA' } }],
        },
      ],
    };
    const body = Buffer.from(
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [segment, {}] }] }] }),
    );
    const answer = await json(port, body);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage: expect.stringContaining('session') as string,
      },
    });
    expect(metrics.value('otelcol_receiver_accepted_spans')).toBe(1);
  });

  it('times out slow clients with 408 and hangs up', async () => {
    const { port } = await setup({ readTimeoutMs: 150 });
    const text = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 50\r\n\r\n{`,
      );
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toMatch(/connection: close/i);
    expect(text).toContain('"code":4');
  });

  it('survives connections that break off, and duplicated headers', async () => {
    const { port, metrics } = await setup();
    await new Promise<void>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.write(
          `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 50\r\n\r\n{`,
        );
        setTimeout(() => socket.destroy(), 20);
      });
      socket.on('close', () => resolve());
    });
    await expect
      .poll(() => metrics.value('otelcol_receiver_requests', { outcome: 'failed' }))
      .toBe(1);
    const head = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\n`;
    const gzip = 'Content-Encoding: gzip\r\n';
    const doubled = await raw(port, `${head}${gzip}${gzip}Content-Length: 2\r\n\r\n{}`);
    expect(doubled).toMatch(/^HTTP\/1\.1 415 /);
    const lengths = await raw(
      port,
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    );
    expect(lengths).toMatch(/^HTTP\/1\.1 400 /);
    expect((await json(port, TRACE)).status).toBe(200);
  });

  it('finishes requests under way when it stops, and takes no new ones', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const { port, receiver } = await setup({}, () => (entered(), held));
    const first = json(port, TRACE);
    await inside;
    const stopped = receiver.stop(5000);
    await expect(json(port, TRACE)).rejects.toThrow(/ECONNREFUSED/);
    release();
    expect((await first).status).toBe(200);
    await stopped;
  });

  it('takes one signal only when told to', async () => {
    const { port } = await setup({ signals: ['logs'] });
    expect((await json(port, TRACE)).status).toBe(404);
  });

  it('serves on a server that is not its own', async () => {
    const { receiver } = await setup({ tracesUrlPath: '/otlp/t' });
    const server = http.createServer((request, response) => {
      if (receiver.handle(request, response) === false) response.writeHead(418).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const headers = { 'Content-Type': JSON_TYPE };
    expect((await send(port, { path: '/otlp/t', body: TRACE, headers })).status).toBe(200);
    expect((await send(port, { path: '/v1/traces', body: TRACE, headers })).status).toBe(418);
    await new Promise((resolve) => server.close(resolve));
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
      socket.end();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

describe('CORS', () => {
  const cors = { allowedOrigins: ['https://*.example.com', 'http://localhost:3000'] };
  const preflight = (port: number, origin: string): Promise<Answer> =>
    send(port, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,x-tenant',
      },
    });

  it('answers preflights of allowed origins', async () => {
    const { port } = await setup({ cors });
    const answer = await preflight(port, 'https://shop.example.com');
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-tenant',
      'access-control-max-age': '7200',
      vary: expect.stringContaining('Origin') as string,
    });
  });

  it('names the headers where no wildcard is set', async () => {
    const { port } = await setup({
      cors: { ...cors, allowedHeaders: ['X-Key'], maxAgeSeconds: 5 },
    });
    const { headers } = await preflight(port, 'http://localhost:3000');
    expect(headers['access-control-allow-headers']).toBe(
      'content-type, content-encoding, traceparent, tracestate, baggage, X-Key',
    );
    expect(headers['access-control-max-age']).toBe('5');
  });

  it.each([
    'https://example.com.evil.net',
    'https://shopXexample.com',
    'http://localhost:30000',
    'null',
  ])('gives nothing to %s', async (origin) => {
    const { port } = await setup({ cors });
    const answers = [await preflight(port, origin), await json(port, TRACE, { Origin: origin })];
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers['vary']).toContain('Origin');
    }
  });

  it('lets pages read answers, errors and Retry-After too', async () => {
    const { port } = await setup({ cors }, () => Promise.reject(new OverloadedError('full', 1)));
    const Origin = 'https://a.b.example.com';
    const bad = Buffer.from('{');
    for (const answer of [
      await json(port, TRACE, { Origin }),
      await json(port, bad, { Origin }),
      await send(port, { path: '/nowhere', body: bad, headers: { Origin } }),
      await send(port, { body: bad, headers: { Origin, 'Content-Type': 'text/plain' } }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': Origin,
        'access-control-expose-headers': 'Retry-After',
        vary: 'Origin',
      });
    }
  });
});

describe('configuration of recorders', () => {
  const recorderConfig = {
    of: (service: string) => ({ enabled: service !== 'stopped', sessionSampleRate: 0.5 }),
    maxAgeMs: 90_500,
  };
  const cors = { allowedOrigins: ['https://shop.example'] };
  const ask = (port: number, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { Origin: 'https://shop.example' },
      ...init,
    });

  it('answers a page by its service, for as long as it may go by it', async () => {
    const { port } = await setup({ recorderConfig, cors });
    const answer = await ask(port, '/v1/recorder-config?service=shop-web');
    expect(await answer.json()).toEqual({ enabled: true, sessionSampleRate: 0.5 });
    expect(answer.headers.get('cache-control')).toBe('public, max-age=90');
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    const stopped = await ask(port, '/v1/recorder-config?service=stopped');
    expect(await stopped.json()).toMatchObject({ enabled: false });
    const unnamed = await ask(port, '/v1/recorder-config');
    expect(await unnamed.json()).toMatchObject({ enabled: true });
  });

  it('takes only GET, and is not there where it is not configured', async () => {
    const { port } = await setup({ recorderConfig, cors });
    const posted = await ask(port, '/v1/recorder-config', { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const other = await setup();
    expect((await ask(other.port, '/v1/recorder-config')).status).toBe(404);
  });
});
