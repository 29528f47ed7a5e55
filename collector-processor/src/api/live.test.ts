/** Live streams over a real HTTP connection. */
import { get } from 'node:http';
import {
  encodeLiveCursor,
  LiveEventReader,
  segmentEntry,
  type LiveEvent,
  type SegmentEntry,
} from '@otel-replay/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { createApiWorld, ENCODED, RECORDING, SESSION } from '../../test/support/api.js';
import { silentLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { createReplayApi } from './index.js';
import type { LiveTiming } from './live-hub.js';

const WAIT = { timeout: 30_000, interval: 5 };
const VIEWERS = 'otelcol_processor_session_replay_live_viewers';
const FAST: LiveTiming = { pollIntervalMs: 5, quietMs: 0 };

const world = createApiWorld();
const opened: AbortController[] = [];
afterEach(() => {
  for (const controller of opened.splice(0)) controller.abort();
});

/** A segment with this index: like the world's first. */
function entry(index: number, more: Partial<SegmentEntry> = {}): SegmentEntry {
  const [first] = world.segments;
  if (first?.kind !== 'segment') throw new Error('no segment');
  const time = 1000 * (index + 1);
  return {
    ...segmentEntry(first.header),
    ...{ index, firstTimestamp: time, lastTimestamp: time + 999, ...more },
  };
}

function show(...indexes: number[]): void {
  const segments = indexes.map((index) => entry(index));
  world.live = { ...world.live, recordings: [{ recordingId: RECORDING, segments }] };
}

interface Stream {
  response: Response;
  events: LiveEvent[];
  text(): string;
  ended(): boolean;
  close(): void;
  of<T extends LiveEvent['type']>(type: T): Extract<LiveEvent, { type: T }>['data'][];
  ids(): string[];
}

async function openStream(base: string, init: RequestInit = {}, query = ''): Promise<Stream> {
  const controller = new AbortController();
  opened.push(controller);
  const { signal } = controller;
  const url = `${base}/api/v1/sessions/${ENCODED}/live${query}`;
  const response = await fetch(url, { ...init, signal });
  const reader = new LiveEventReader();
  const events: LiveEvent[] = [];
  let text = '';
  let ended = false;
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const piece = decoder.decode(chunk as Uint8Array, { stream: true });
      text += piece;
      events.push(...reader.push(piece));
    }
  })()
    .catch(() => undefined)
    .finally(() => (ended = true));
  return {
    ...{ response, events, text: () => text, ended: () => ended },
    close: () => controller.abort(),
    of: (type) => events.flatMap((e) => (e.type === type ? [e.data as never] : [])),
    ids: () => [...text.matchAll(/^id: (.*)$/gm)].map((m) => m[1]!),
  };
}

it('tells what there is, then what comes, once', async () => {
  show(0, 1);
  const decision = { policy: 'errors', reason: 'r', decidedAt: 1, keepUntil: 2 };
  world.live = { ...world.live, decision };
  const stream = await openStream(await world.start({ live: FAST }));
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
  expect(stream.response.headers.get('cache-control')).toBe('no-store');
  await vi.waitFor(() => expect(stream.events).toHaveLength(3), WAIT);
  show(0, 1, 2);
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(2), WAIT);
  expect(stream.of('segments')).toMatchObject([
    { recordingId: RECORDING, firstIndex: 0, lastIndex: 1, lastTimestamp: 2999 },
    { recordingId: RECORDING, firstIndex: 2, lastIndex: 2, lastTimestamp: 3999 },
  ]);
  expect(stream.of('segments')[1]?.segments).toEqual([entry(2)]);
  const signal = { kind: 'error_span', timestamp: 1, origin: 'backend' } as const;
  const later = { ...decision, keepUntil: 9 };
  world.live = { ...world.live, decision: later, signals: [signal], spansCount: 2 };
  await vi.waitFor(() => expect(stream.of('spans')).toEqual([{ count: 2 }]), WAIT);
  expect(stream.of('state')).toEqual([{ state: 'active' }]);
  expect(stream.of('decision')).toEqual([decision, later]);
  expect(stream.of('signals')).toEqual([{ signals: [signal] }]);
});

it('goes on where a reader was, also over a hole that is filled late', async () => {
  const base = await world.start({ live: FAST });
  show(0, 1, 3);
  const first = await openStream(base);
  await vi.waitFor(() => expect(first.of('segments')).toHaveLength(1), WAIT);
  expect(first.ids().at(-1)).toBe(`${RECORDING}:1`);
  first.close();
  show(0, 1, 2, 3, 4);
  const again = await openStream(base, { headers: { 'last-event-id': first.ids().at(-1)! } });
  await vi.waitFor(() => expect(again.of('segments')).toHaveLength(1), WAIT);
  expect(again.of('segments')[0]?.segments.map((s) => s.index)).toEqual([2, 3, 4]);
  expect(again.ids().at(-1)).toBe(`${RECORDING}:4`);
  const after = encodeLiveCursor(new Map([[RECORDING, 3]]));
  const asked = await openStream(base, {}, `?after=${after}`);
  await vi.waitFor(() => expect(asked.of('segments')).toHaveLength(1), WAIT);
  expect(asked.of('segments')[0]).toMatchObject({ firstIndex: 4, lastIndex: 4 });
});

it('says that nobody decided yet, and shows nothing until somebody does', async () => {
  world.live = { ...world.live, state: 'buffering' };
  const stream = await openStream(await world.start({ live: FAST }));
  await vi.waitFor(() => expect(stream.events).toHaveLength(1), WAIT);
  expect(stream.of('state')).toEqual([{ state: 'buffering' }]);
  show(0);
  world.live = { ...world.live, state: 'active' };
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(1), WAIT);
  expect(stream.of('state')).toEqual([{ state: 'buffering' }, { state: 'active' }]);
});

it('tells the end, goes on when the session does, and sends nobody away before', async () => {
  show(0);
  const base = await world.start({ live: FAST });
  const stream = await openStream(base);
  world.live = { ...world.live, state: 'ended' };
  await vi.waitFor(() => expect(stream.of('ended')).toEqual([{ lastTimestamp: 1999 }]), WAIT);
  show(0, 1);
  world.live = { ...world.live, state: 'active' };
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(2), WAIT);
  expect(stream.events.map((e) => e.type).slice(-2)).toEqual(['state', 'segments']);
  expect(stream.ended()).toBe(false);
});

it('does not believe in an end while segments come: others may hold the rest', async () => {
  const clock = { time: 0, now: () => clock.time };
  show(0);
  const stream = await openStream(await world.start({ live: { pollIntervalMs: 5 }, clock }));
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(1), WAIT);
  clock.time += 60_000;
  show(0, 1);
  world.live = { ...world.live, state: 'ended' };
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(2), WAIT);
  clock.time += 14_000;
  show(0, 1, 2);
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(3), WAIT);
  expect(stream.of('ended')).toEqual([]);
  clock.time += 15_000;
  await vi.waitFor(() => expect(stream.of('ended')).toEqual([{ lastTimestamp: 3999 }]), WAIT);
});

it('is over some time after the end: 204 for who knows all', async () => {
  show(0);
  world.live = { ...world.live, state: 'ended' };
  const base = await world.start({ live: { ...FAST, lingerMs: 0 } });
  const stream = await openStream(base);
  await vi.waitFor(() => expect(stream.ended()).toBe(true), WAIT);
  expect(stream.of('ended')).toHaveLength(1);
  const headers = { 'last-event-id': stream.ids().at(-1)! };
  expect((await openStream(base, { headers })).response.status).toBe(204);
  show(0, 1);
  expect((await openStream(base, { headers })).response.status).toBe(200);
});

it('ends when the session is gone, and is none of what never was', async () => {
  const base = await world.start({ live: FAST });
  const stream = await openStream(base);
  world.reader.live = () => Promise.resolve({ found: false, reason: 'deleted' });
  await vi.waitFor(() => expect(stream.ended()).toBe(true), WAIT);
  expect(stream.of('gone')).toEqual([{ reason: 'deleted' }]);
  const response = await fetch(`${base}/api/v1/sessions/other/live`);
  expect([response.status, await response.json()]).toMatchObject([404, { reason: 'deleted' }]);
});

it('says again and again that somebody looks, and stops when nobody does', async () => {
  const clock = { time: 0, now: () => clock.time };
  const metrics = new Metrics();
  const base = await world.start({ live: FAST, clock, metrics });
  const [one, two] = [await openStream(base), await openStream(base)];
  await vi.waitFor(() => expect(metrics.value(VIEWERS)).toBe(2), WAIT);
  expect(world.watched).toEqual([SESSION, SESSION]);
  for (let n = 3; n < 6; n++) {
    clock.time += 3000;
    await vi.waitFor(() => expect(world.watched).toHaveLength(n), WAIT);
  }
  one.close();
  await vi.waitFor(() => expect(metrics.value(VIEWERS)).toBe(1), WAIT);
  two.close();
  await vi.waitFor(() => expect(metrics.value(VIEWERS)).toBe(0), WAIT);
  // Polls that would repeat the watch: none is left.
  let polls = 0;
  const live = world.reader.live.bind(world.reader);
  world.reader.live = (id) => {
    polls++;
    return live(id);
  };
  clock.time += 10_000;
  const third = await openStream(base);
  await vi.waitFor(() => expect(polls).toBeGreaterThan(3), WAIT);
  third.close();
  expect(world.watched).toHaveLength(6);
});

it('beats in silence, and bears a reader that cannot be asked for a while', async () => {
  const clock = { time: 0, now: () => clock.time };
  const base = await world.start({ live: FAST, clock });
  const stream = await openStream(base);
  await vi.waitFor(() => expect(stream.events).toHaveLength(1), WAIT);
  const live = world.reader.live.bind(world.reader);
  world.reader.live = () => Promise.reject(new Error('away'));
  clock.time += 16_000;
  await vi.waitFor(() => expect(stream.text()).toContain(': still here'), WAIT);
  world.reader.live = live;
  show(0);
  await vi.waitFor(() => expect(stream.of('segments')).toHaveLength(1), WAIT);
  const told = world.log.filter((line) => line.includes('a watched session cannot be read'));
  expect(told).toHaveLength(1);
});

it('refuses more viewers than it may have', async () => {
  const base = await world.start({ live: FAST, maxViewers: 1 });
  const stream = await openStream(base);
  const refused = await openStream(base);
  expect(refused.response.status).toBe(503);
  expect(refused.response.headers.get('retry-after')).toBe('5');
  stream.close();
  await vi.waitFor(async () => {
    const next = await openStream(base);
    expect(next.response.status).toBe(200);
  }, WAIT);
});

it('lets go of who takes nothing, and holds only so much for them', async () => {
  const clock = { time: 0, now: () => clock.time };
  const metrics = new Metrics();
  const base = await world.start({ live: FAST, clock, metrics });
  let shown = 0;
  // Grows with every look, so that buffers fill.
  world.reader.live = () => {
    const url = `https://shop.example.com/${'x'.repeat(100_000)}`;
    const segments = Array.from({ length: ++shown }, (_, index) => entry(index, { url }));
    const recordings = [{ recordingId: RECORDING, segments: segments.slice(-5) }];
    return Promise.resolve({ found: true, value: { ...world.live, recordings } });
  };
  const request = get(`${base}/api/v1/sessions/${ENCODED}/live`, (response) => response.pause());
  request.on('error', () => undefined);
  await vi.waitFor(() => expect(metrics.value(VIEWERS)).toBe(1), WAIT);
  await vi.waitFor(() => expect(shown).toBeGreaterThan(300), WAIT);
  expect(metrics.value(VIEWERS)).toBe(1);
  clock.time += 30_000;
  await vi.waitFor(() => expect(metrics.value(VIEWERS)).toBe(0), WAIT);
  request.destroy();
});

it('needs the token, and answers HEAD without watching', async () => {
  const base = await world.start({ bearerToken: 'secret' });
  const path = `${base}/api/v1/sessions/${ENCODED}/live`;
  expect((await fetch(path)).status).toBe(401);
  const head = await fetch(path, { method: 'HEAD', headers: { authorization: 'Bearer secret' } });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const bad = await fetch(`${path}?after=nonsense`, {
    headers: { authorization: 'Bearer secret' },
  });
  expect([bad.status, await bad.json()]).toMatchObject([
    400,
    { detail: expect.stringContaining('Last-Event-ID') as string },
  ]);
});

it('does not hold up the end of the process', async () => {
  const api = createReplayApi({
    ...{ reader: world.reader, logger: silentLogger, host: 'localhost', port: 0 },
    cors: { allowedOrigins: [], maxAgeSeconds: 0 },
  });
  const stream = await openStream(`http://127.0.0.1:${await api.start()}`);
  await api.stop(600_000);
  await vi.waitFor(() => expect(stream.ended()).toBe(true), WAIT);
});
