import type { LiveCursor, LiveEvent } from '@otel-replay/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ReplaySourceError, type LiveRequest, type ReplaySource } from '../client/source.js';
import { followSession, type LiveFeedStatus } from './live-feed.js';

const EVENT: LiveEvent = { type: 'spans', data: { count: 1 } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Each connection is one of the given: events, then an end or an error. */
function follow(connections: (readonly (LiveEvent | Error)[])[]) {
  const asked: LiveCursor[] = [];
  const told: (LiveFeedStatus | LiveEvent['type'])[] = [];
  const controller = new AbortController();
  const source = {
    async *live({ after }: LiveRequest): AsyncIterable<LiveEvent> {
      asked.push(after);
      for (const item of connections[asked.length - 1] ?? []) {
        if (item instanceof Error) throw item;
        yield await Promise.resolve(item);
      }
    },
  } as unknown as ReplaySource;
  let seen = 0;
  const done = followSession(
    {
      ...{ source, sessionId: 's', cursor: () => new Map([['r', seen]]) },
      onEvent: ({ type }) => {
        seen++;
        told.push(type);
      },
      onStatus: (status) => told.push(status),
    },
    controller.signal,
  );
  return { asked, told, done, abort: () => controller.abort() };
}

const failed = (kind: 'unreachable' | 'server' | 'no_replay' | 'unauthorized') =>
  new ReplaySourceError(kind, kind);

it('comes back with what it knows, until a stream has nothing to say', async () => {
  const feed = follow([[EVENT, EVENT], [EVENT, failed('unreachable')], []]);
  await vi.runAllTimersAsync();
  await feed.done;
  expect(feed.told).toEqual([
    ...['open', 'spans', 'spans', 'interrupted'],
    ...['open', 'spans', 'interrupted', 'over'],
  ]);
  expect(feed.asked.map((cursor) => cursor.get('r'))).toEqual([0, 2, 3]);
});

it('waits longer each time while nothing answers', async () => {
  const feed = follow([[failed('server')], [failed('unreachable')], [failed('server')], [EVENT]]);
  await vi.advanceTimersByTimeAsync(999);
  expect(feed.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(feed.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1999);
  expect(feed.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1 + 4000);
  expect(feed.told.slice(-3)).toEqual(['open', 'spans', 'interrupted']);
  feed.abort();
  await feed.done;
});

it.each(['no_replay', 'unauthorized'] as const)('is over when refused: %s', async (kind) => {
  const feed = follow([[failed(kind)]]);
  await feed.done;
  expect(feed.told).toEqual(['over']);
});

it('is over when the session is gone', async () => {
  const feed = follow([[EVENT, { type: 'gone', data: { reason: 'deleted' } }, EVENT]]);
  await feed.done;
  expect(feed.told).toEqual(['open', 'spans', 'gone', 'over']);
});

it('says nothing any more once it is aborted', async () => {
  const feed = follow([[EVENT], [EVENT]]);
  feed.abort();
  await vi.runAllTimersAsync();
  await feed.done;
  expect(feed.asked.length).toBeLessThanOrEqual(1);
  expect(feed.told).toEqual([]);
});
