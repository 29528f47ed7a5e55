import { describe, expect, it } from 'vitest';
import { CheckpointCache } from './cache.js';

const R = { sessionId: 's', recordingId: 'r' };

function cacheAt(time: { now: number }, maxBytes = 100): CheckpointCache {
  return new CheckpointCache({ maxBytes, maxAgeMs: 1000, clock: { now: () => time.now } });
}

const checkpoint = (nextIndex: number, bytes = 10) => ({
  ...{ nextIndex, timestamp: nextIndex * 1000, record: new Uint8Array(bytes) },
});

describe('CheckpointCache', () => {
  it('finds the last one before a segment, of this recording, after its recorded checkpoint', () => {
    const cache = cacheAt({ now: 0 });
    for (const index of [4, 12, 8]) cache.add('s', 'r', checkpoint(index));
    cache.add('s', 'other', checkpoint(9));
    cache.add('other', 'r', checkpoint(9));
    expect(cache.nearest(R, 0, 10)?.nextIndex).toBe(8);
    expect(cache.nearest(R, 0, 8)?.nextIndex).toBe(8);
    expect(cache.nearest(R, 8, 11)).toBeUndefined();
    expect(cache.nearest(R, 0, 3)).toBeUndefined();
  });

  it('holds no more than it may; what was used last stays', () => {
    const cache = cacheAt({ now: 0 });
    for (const index of [1, 2, 3]) cache.add('s', 'r', checkpoint(index, 30));
    cache.nearest(R, 0, 1);
    cache.add('s', 'r', checkpoint(4, 30));
    expect(cache.bytes).toBe(90);
    expect(cache.nearest(R, 1, 2)).toBeUndefined();
    expect(cache.nearest(R, 0, 1)?.nextIndex).toBe(1);
    cache.add('s', 'r', checkpoint(5, 51));
    expect(cache.nearest(R, 4, 5)).toBeUndefined();
    // The same again takes its place.
    cache.add('s', 'r', checkpoint(4, 20));
    expect(cache.bytes).toBe(80);
  });

  it('forgets sessions, and what nobody asked for', () => {
    const time = { now: 0 };
    const cache = cacheAt(time);
    cache.add('s', 'r', checkpoint(1));
    cache.add('t', 'r', checkpoint(1));
    cache.forget('s');
    expect(cache.nearest(R, 0, 1)).toBeUndefined();
    expect(cache.bytes).toBe(10);
    time.now = 500;
    cache.expire();
    expect(cache.bytes).toBe(10);
    time.now = 1500;
    cache.expire();
    expect(cache.bytes).toBe(0);
  });
});
