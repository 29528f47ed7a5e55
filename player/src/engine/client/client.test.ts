import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeRecord } from '@otel-replay/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from '../../../test/fixture-spans.js';
import { segmentHeader } from '../../../test/recordings.js';
import { openFixture } from '../../../test/replay-server.js';
import { ApiSource } from './api-source.js';
import { ExportSource } from './export-source.js';
import { decodeSpans } from './otlp-spans.js';
import { ProtobufReader } from './protobuf-reader.js';
import { ReplaySourceError, type StoredSegment } from './source.js';

let server: Server;
let baseUrl: string;
let answer: (response: ServerResponse, url: string, authorization: string | undefined) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    answer(response, request.url ?? '', request.headers.authorization);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const problem = (status: number, body: object | string) => (response: ServerResponse) => {
  response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
};

function segmentBytes(index: number): Uint8Array {
  return encodeRecord({
    kind: 'segment',
    header: segmentHeader({ index }),
    payload: new Uint8Array(1000).fill(index),
  });
}

async function all(segments: AsyncIterable<StoredSegment>): Promise<number[]> {
  const found: number[] = [];
  for await (const { header } of segments) found.push(header.index);
  return found;
}

describe('the replay API', () => {
  it('is asked by the names of the contract, with the token of the moment', async () => {
    const asked: unknown[] = [];
    answer = (response, url, authorization) => {
      asked.push([url, authorization]);
      response.end('{}');
    };
    const entered: { token?: string } = {};
    const source = new ApiSource({ baseUrl: `${baseUrl}/`, token: () => entered.token });
    await source.listSessions({ limit: 5, url: '/a b', error: true, user: '' });
    entered.token = 'secret';
    await source.manifest('a/b');
    await source.spans('s');
    await source.findTrace('t');
    expect(asked).toEqual([
      ['/api/v1/sessions?limit=5&url=%2Fa+b&error=true', undefined],
      ['/api/v1/sessions/a%2Fb', 'Bearer secret'],
      ['/api/v1/sessions/s/spans', 'Bearer secret'],
      ['/api/v1/traces/t', 'Bearer secret'],
    ]);
  });

  it.each([
    [401, { detail: 'send it' }, { kind: 'unauthorized', message: 'send it' }],
    [404, { detail: 'gone', reason: 'expired' }, { kind: 'no_replay', reason: 'expired' }],
    [404, '<html>', { kind: 'no_replay', reason: 'never_recorded' }],
    [400, { detail: 'bad id' }, { kind: 'bad_request', message: 'bad id' }],
    [502, '<html>', { kind: 'server' }],
    [200, '<html>', { kind: 'corrupt' }],
  ])('says what %d %o means', async (status, body, expected) => {
    answer = problem(status, body);
    await expect(new ApiSource({ baseUrl }).manifest('s')).rejects.toMatchObject(expected);
  });

  it('says when nobody answers', async () => {
    const source = new ApiSource({ baseUrl: 'http://127.0.0.1:9' });
    await expect(source.manifest('s')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('leaves the failures that a host knows itself as they are', async () => {
    const refused = new ReplaySourceError('unauthorized', 'The host asks for a login.');
    const source = new ApiSource({ baseUrl, fetch: () => Promise.reject(refused) });
    await expect(source.manifest('s')).rejects.toBe(refused);
  });

  it('follows a session, from where it is known', async () => {
    const asked: string[] = [];
    answer = (response, url) => {
      asked.push(url);
      if (asked.length > 1) return void response.writeHead(204).end();
      response.write('retry: 2000\n\n: still here\n\nevent: spa');
      setTimeout(() => response.end('ns\ndata: {"count":2}\n\nevent: ended\nda'), 10);
    };
    const source = new ApiSource({ baseUrl });
    const follow = async (): Promise<unknown[]> => {
      const after = new Map([['a'.repeat(32), 7]]);
      const events: unknown[] = [];
      for await (const event of source.live({ sessionId: 'a/b', after })) events.push(event);
      return events;
    };
    expect(await follow()).toEqual([{ type: 'spans', data: { count: 2 } }]);
    expect(asked).toEqual([`/api/v1/sessions/a%2Fb/live?after=${'a'.repeat(32)}%3A7`]);
    expect(await follow()).toEqual([]);
  });

  const range = { sessionId: 's', recordingId: 'r', from: 1.5, to: 2.5 };

  it('yields segments however the network cuts them', async () => {
    answer = (response, url) => {
      expect(url).toBe('/api/v1/sessions/s/recordings/r/events?from=1&to=3');
      const bytes = Buffer.concat([1, 2, 3].map(segmentBytes));
      response.write(bytes.subarray(0, 700));
      setTimeout(() => response.end(bytes.subarray(700)), 20);
    };
    expect(await all(new ApiSource({ baseUrl }).segments(range))).toEqual([1, 2, 3]);
  });

  it('tells a cut stream from a damaged one', async () => {
    answer = (response) => response.end(segmentBytes(1).subarray(0, 500));
    await expect(all(new ApiSource({ baseUrl }).segments(range))).rejects.toMatchObject({
      kind: 'corrupt',
    });
    answer = (response) => {
      response.writeHead(200, { 'content-length': 5000 });
      response.write(segmentBytes(1), () => setTimeout(() => response.destroy(), 20));
    };
    await expect(all(new ApiSource({ baseUrl }).segments(range))).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });

  it('stops when it is told to', async () => {
    answer = (response) => void response.write(segmentBytes(1));
    const controller = new AbortController();
    const running = all(new ApiSource({ baseUrl }).segments(range, controller.signal));
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('an export file', () => {
  it('answers as the API does', async () => {
    const source = await openFixture();
    const lookup = await source.findTrace(FIXTURE.traceId);
    expect(lookup.sessions[0]).toMatchObject({
      sessionId: FIXTURE.sessionId,
      timestamp: FIXTURE.traceTime,
    });
    const manifest = await source.manifest(FIXTURE.sessionId);
    const own = manifest.recordings[0]!;
    const from = own.checkpoints[1]! + 3000;
    const found = await all(
      source.segments({ sessionId: '', recordingId: own.recordingId, from, to: from + 1 }),
    );
    expect(own.segments.find((s) => s.index === found[0])?.firstTimestamp).toBe(own.checkpoints[1]);
    expect((await source.spans()).spans.map((s) => [s.name, s.origin])).toContainEqual([
      'payments.refund',
      'backend',
    ]);
    await expect(source.findTrace('0'.repeat(32))).rejects.toMatchObject({
      reason: 'never_recorded',
    });
  });

  it.each([
    ['nothing', ''],
    ['noise', 'not an export at all'],
    ['half a record', 'cut'],
  ])('refuses %s', async (_name, content) => {
    const bytes =
      content === 'cut' ? segmentBytes(1).slice(0, 300) : new TextEncoder().encode(content);
    await expect(ExportSource.open(new Blob([bytes]))).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('spans in protobuf', () => {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
  const field = (number: number, content: number[]): number[] => [
    ...varint(number * 8 + 2),
    ...varint(content.length),
    ...content,
  ];
  const text = (number: number, value: string): number[] =>
    field(number, [...new TextEncoder().encode(value)]);
  const fixed = (number: number, value: bigint): number[] => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    return [...varint(number * 8 + 1), ...new Uint8Array(view.buffer)];
  };
  const attribute = (number: number, key: string, value: number[]): number[] =>
    field(number, [...text(1, key), ...field(2, value)]);
  const span = [
    ...field(1, Array<number>(16).fill(0xab)),
    ...field(2, Array<number>(8).fill(0xcd)),
    ...text(5, 'GET /'),
    ...[6 * 8, 2],
    ...fixed(7, 1_772_442_000_123_456_789n),
    ...fixed(8, 1_772_442_001_000_000_000n),
    ...attribute(9, 'a', text(1, 'text')),
    ...attribute(9, 'b', [2 * 8, 1]),
    ...attribute(9, 'c', [3 * 8, ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]),
    ...attribute(9, 'd', field(5, field(1, text(1, 'x')))),
    ...field(11, [...fixed(1, 1_772_442_000_500_000_000n), ...text(2, 'exception')]),
    ...field(15, [...text(2, 'boom'), 3 * 8, 2]),
    ...field(99, [1, 2, 3]),
  ];
  const request = Uint8Array.from(
    field(1, [
      ...field(1, attribute(1, 'service.name', text(1, 'shop'))),
      ...field(2, field(2, span)),
    ]),
  );

  it('are read field by field', () => {
    expect(decodeSpans('application/x-protobuf', request, 's')).toEqual([
      {
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        name: 'GET /',
        kind: 'server',
        serviceName: 'shop',
        startTime: 1_772_442_000_123.4568,
        endTime: 1_772_442_001_000,
        attributes: { a: 'text', b: true, c: -1, d: ['x'] },
        events: [{ name: 'exception', timestamp: 1_772_442_000_500, attributes: {} }],
        status: 'error',
        statusMessage: 'boom',
        origin: 'backend',
      },
    ]);
  });

  it('that are cut anywhere are refused or shorter, never read past the end', () => {
    for (let length = 0; length < request.length; length++) {
      const cut = request.subarray(0, length);
      expect(() => new ProtobufReader(cut).fields({ 1: (r) => r.message({}) })).toSatisfy(
        (run: () => void) => {
          try {
            run();
            return length === 0;
          } catch (error) {
            return (error as { code?: string }).code === 'corrupt';
          }
        },
      );
    }
  });
});
