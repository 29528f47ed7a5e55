/** What a receiver does when there is no room, and with clients that take their time. */
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { createReceiver, OverloadedError, type ReceiverOptions } from './index.js';
import type { AcceptResult, MemoryGate } from './sink.js';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of open.splice(0)) await stop();
});

const REFUSED = 'otelcol_processor_session_replay_requests_refused';
const TRACE = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{}, {}] }] }] });
const HEAD = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** Room for so many bytes. */
class Gate implements MemoryGate {
  left: number;
  noted = 0;
  constructor(left: number) {
    this.left = left;
  }
  admit(bytes: number): void {
    if (this.noted + bytes > this.left) throw new OverloadedError('memory is short', 2, 'memory');
  }
  note(bytes: number): void {
    this.noted += bytes;
  }
}

async function start(
  more: {
    options?: Partial<ReceiverOptions>;
    memory?: MemoryGate;
    accept?: () => Promise<AcceptResult>;
  } = {},
): Promise<{ port: number; url: string; metrics: Metrics }> {
  const metrics = new Metrics();
  const receiver = createReceiver(
    {
      name: 'otlp',
      endpoint: { host: '127.0.0.1', port: 0 },
      cut: { forwardSegmentSpans: false, maxSegmentBytes: 1_000_000 },
      ...more.options,
    },
    {
      ...{ metrics, logger: silentLogger, clock: { now: () => 1 } },
      sink: {
        accept: more.accept ?? (() => Promise.resolve({ rejectedSegments: 0, errorMessage: '' })),
      },
      ...(more.memory === undefined ? {} : { memory: more.memory }),
    },
  );
  await receiver.start();
  open.push(() => receiver.stop(0));
  return { port: receiver.port!, url: `http://127.0.0.1:${receiver.port!}/v1/traces`, metrics };
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

/** What the server says to these bytes until it hangs up, or has answered. */
function talk(port: number, say: (socket: net.Socket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => say(socket));
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (/\r\n\r\n[^]+/.test(heard)) socket.destroy();
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('a receiver under pressure', () => {
  it('refuses what memory has no room for, from its headers alone', async () => {
    const gate = new Gate(1000);
    const { metrics, port, url } = await start({ memory: gate });
    const answer = await talk(port, (socket) =>
      socket.write(`${HEAD}Content-Length: 1001\r\n\r\n`),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/retry-after: 2/i);
    expect(answer).toContain('memory is short');
    expect(metrics.value(REFUSED, { reason: 'memory' })).toBe(1);
    expect((await post(url, TRACE)).status).toBe(200);
    gate.left = 0;
    expect((await post(url, TRACE)).status).toBe(503);
    gate.left = 1000;
    expect((await post(url, TRACE)).status).toBe(200);
    expect(gate.noted).toBe(0);
  });

  it('counts what is being worked on, and gives it back', async () => {
    const gate = new Gate(1.5 * TRACE.length);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const accept = async (): Promise<AcceptResult> => {
      await held;
      return { rejectedSegments: 0, errorMessage: '' };
    };
    const { url } = await start({ memory: gate, accept });
    const first = post(url, TRACE);
    await expect.poll(() => gate.noted, { timeout: 30_000 }).toBe(TRACE.length);
    expect((await post(url, TRACE)).status).toBe(503);
    release();
    expect((await first).status).toBe(200);
    expect((await post(url, TRACE)).status).toBe(200);
    await expect.poll(() => gate.noted, { timeout: 30_000 }).toBe(0);
  });

  it('counts refusals by what was short, bytes in flight and stopping included', async () => {
    const shortages = ['journal', 'disk', 'queue', 'stopping'] as const;
    let at = 0;
    const { metrics, url } = await start({
      accept: () => Promise.reject(new OverloadedError('no room', 5, shortages[at++])),
    });
    for (const reason of shortages) {
      const answer = await post(url, TRACE);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(metrics.value(REFUSED, { reason })).toBe(1);
    }
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const busy = await start({
      options: { maxInFlightBytes: 10 },
      accept: () => held.then(() => ({ rejectedSegments: 0, errorMessage: '' })),
    });
    const first = post(busy.url, TRACE);
    await expect
      .poll(async () => (await post(busy.url, TRACE)).status, { timeout: 30_000 })
      .toBe(503);
    expect(busy.metrics.value(REFUSED, { reason: 'in_flight' })).toBeGreaterThan(0);
    release();
    await first;
  });

  it('tells senders of what was shed, by a partial success that rejects nothing', async () => {
    const { url } = await start({
      accept: () => Promise.resolve({ rejectedSegments: 0, errorMessage: '3 were shed' }),
    });
    const answer = await post(url, TRACE);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      partialSuccess: { rejectedSpans: '0', errorMessage: '3 were shed' },
    });
    const protobuf = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(0),
    });
    // partial_success { rejected_spans: 0, error_message }
    expect(Buffer.from(await protobuf.arrayBuffer())).toEqual(
      Buffer.concat([Buffer.from([0x0a, 15, 0x08, 0, 0x12, 11]), Buffer.from('3 were shed')]),
    );
  });

  it('hangs up on clients that are slow with their headers, a byte at a time or not at all', async () => {
    const { port, url } = await start({ options: { readTimeoutMs: 2000 } });
    const dribble = talk(port, (socket) => {
      let i = 0;
      const timer = setInterval(() => {
        if (i < HEAD.length && socket.writable) socket.write(HEAD[i++]!);
      }, 50);
      socket.on('error', () => undefined);
      socket.on('close', () => clearInterval(timer));
    });
    const silent = talk(port, () => undefined);
    expect(await dribble).toMatch(/^HTTP\/1\.1 408 /);
    expect(await silent).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await post(url, TRACE)).status).toBe(200);
  });
});
