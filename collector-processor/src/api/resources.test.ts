import type { SessionManifest, SpanList } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import {
  createApiWorld,
  ENCODED,
  RECORDING,
  recordsOf,
  SESSION,
  TRACE,
} from '../../test/support/api.js';

const world = createApiWorld();

describe('resources', () => {
  it('says which processor answers', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/v1/info`);
    expect(await response.json()).toEqual({
      name: 'otel-replay',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });

  it('finds a trace, in either case of its id', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/v1/traces/${TRACE.toUpperCase()}`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      traceId: TRACE,
      sessions: [{ sessionId: SESSION }],
    });
  });

  it('hands the filters of the list to the reader', async () => {
    const base = await world.start();
    const query = 'from=1&to=2&service=shop&user=ada&url=%2Fcart&error=true&limit=7&cursor=x';
    const response = await fetch(`${base}/api/v1/sessions?${query}`);
    const { nextCursor } = (await response.json()) as { nextCursor: string };
    expect(JSON.parse(nextCursor)).toEqual({
      from: 1,
      to: 2,
      service: 'shop',
      user: 'ada',
      url: '/cart',
      error: true,
      limit: 7,
      cursor: 'x',
    });
  });

  it('answers a manifest, and 304 while it has not changed', async () => {
    const base = await world.start();
    const url = `${base}/api/v1/sessions/${ENCODED}`;
    const first = await fetch(url);
    expect(((await first.json()) as SessionManifest).sessionId).toBe(SESSION);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const etag = first.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    world.manifest.errorCount++;
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('streams segments; those that cannot change are kept for ever', async () => {
    const base = await world.start();
    const url = `${base}/api/v1/sessions/${ENCODED}/recordings/${RECORDING}/events`;
    const live = await fetch(url);
    expect(live.headers.get('cache-control')).toBe('private, no-cache');
    expect(live.headers.get('content-type')).toBe('application/x-session-replay-segments');
    expect(recordsOf(await live.arrayBuffer())).toEqual(world.segments);
    const final = await fetch(`${url}?from=1000&to=2000`);
    expect(final.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(recordsOf(await final.arrayBuffer())).toHaveLength(2);
    const again = await fetch(`${url}?from=1000&to=2000`, {
      headers: { 'if-none-match': final.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('decodes spans, each once', async () => {
    const base = await world.start();
    const { spans } = (await (
      await fetch(`${base}/api/v1/sessions/${ENCODED}/spans`)
    ).json()) as SpanList;
    expect(spans).toMatchObject([
      {
        name: 'GET /cart',
        kind: 'server',
        serviceName: 'shop',
        startTime: 1000.5,
        origin: 'backend',
      },
    ]);
    expect(spans).toHaveLength(1);
  });

  it('exports one file: manifest, segments, spans, signals', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/api/v1/sessions/${ENCODED}/export`);
    expect(response.headers.get('content-type')).toBe('application/x-session-replay');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="session-replay-visit_1__.session-replay"',
    );
    const records = recordsOf(await response.arrayBuffer());
    expect(records.map(({ kind }) => kind)).toEqual([
      'manifest',
      'segment',
      'segment',
      'spans',
      'spans',
      'signal',
    ]);
    expect(records[0]?.header).toEqual(world.manifest);
    expect(records[3]?.header).toMatchObject({
      spanCount: 1,
      traceIds: [TRACE],
      firstTimestamp: 1000.5,
      lastTimestamp: 2000,
    });
  });

  it('deletes one session, or all of a user', async () => {
    const base = await world.start();
    const one = await fetch(`${base}/api/v1/sessions/${ENCODED}`, { method: 'DELETE' });
    expect(await one.json()).toEqual({ deleted: [SESSION] });
    await fetch(`${base}/api/v1/sessions?user=ada`, { method: 'DELETE' });
    expect(world.deleted).toEqual([SESSION, 'ada']);
  });

  it('gzips JSON for those who take it, and answers HEAD without a body', async () => {
    world.manifest.urls = Array.from({ length: 100 }, (_, i) => `https://shop.example.com/${i}`);
    const base = await world.start();
    const zipped = await fetch(`${base}/api/v1/sessions/${ENCODED}`);
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(((await zipped.json()) as SessionManifest).urls).toHaveLength(100);
    const plain = await fetch(`${base}/api/v1/sessions/${ENCODED}`, {
      headers: { 'accept-encoding': 'gzip;q=0' },
    });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const head = await fetch(`${base}/api/v1/sessions/${ENCODED}`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'identity' },
    });
    expect(head.headers.get('content-length')).toBe(plain.headers.get('content-length'));
    expect(await head.text()).toBe('');
  });
});
