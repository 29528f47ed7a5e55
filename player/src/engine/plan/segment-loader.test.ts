import { encodePayload, type ReplayEvent, type SegmentHeader } from '@otel-replay/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ReplaySourceError,
  type EventRange,
  type ReplaySource,
  type StoredSegment,
} from '../client/source.js';
import { recording, segmentHeader } from '../../../test/recordings.js';
import { requestStepAfter } from './request-step.js';
import { SegmentLoader, UnusableSegmentError } from './segment-loader.js';
import { playable } from './stretches.js';

/** A source of real encoded segments that remembers what it was asked and can misbehave. */
class TestSource implements ReplaySource {
  readonly asked: EventRange[] = [];
  lost = new Set<number>();
  damaged = new Set<number>();
  failure: Error | undefined;
  parts = 1;
  /** Held back until released. */
  gate: Promise<void> = Promise.resolve();

  async *segments(range: EventRange, signal?: AbortSignal): AsyncIterable<StoredSegment> {
    this.asked.push(range);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    const from = Math.floor(range.from / 1000);
    const to = Math.floor(range.to / 1000);
    for (let index = from; index <= to; index++) {
      signal?.throwIfAborted();
      if (this.lost.has(index)) continue;
      // Twice each, as a retry on the way would make it.
      for (const part of [...(await this.#encode(index)), ...(await this.#encode(index))])
        yield part;
    }
  }

  async #encode(index: number): Promise<StoredSegment[]> {
    const events: ReplayEvent[] = [{ type: 3, timestamp: index * 1000, data: { index } }];
    const { header, data } = await encodePayload(events);
    if (this.damaged.has(index)) data[2] = data[2]! ^ 0xff;
    if (this.parts === 1) return [stored(index, { ...header }, data)];
    const middle = Math.floor(data.length / 2);
    return [data.subarray(middle), data.subarray(0, middle)].map((slice, at) => {
      const { encoding, format, formatVersion, uncompressedSize } = header;
      const size = slice.length;
      const whole = { encoding, format, formatVersion, uncompressedSize };
      const part = { ...whole, size, partIndex: 1 - at, partCount: 2 };
      return stored(index, part, slice);
    });
  }

  findTrace = unused;
  listSessions = unused;
  manifest = unused;
  spans = unused;
}

function unused(): never {
  throw new Error('not asked in these tests');
}

function stored(index: number, payload: SegmentHeader['payload'], data: Uint8Array): StoredSegment {
  return { header: segmentHeader({ index, payload }), payload: data };
}

let source: TestSource;
let loader: SegmentLoader;
const stretch = playable(recording('C..C..')).stretches[0]!;
beforeEach(() => {
  source = new TestSource();
  loader = new SegmentLoader({ source, sessionId: 's' });
});
const indexOf = (events: readonly ReplayEvent[]): unknown => events.map((event) => event.data);

const askedFor = (): number[][] =>
  source.asked.map(({ from, to }) => [Math.floor(from / 1000), Math.floor(to / 1000)]);

describe('requests', () => {
  it('name what is missing, up to what is wanted soon', async () => {
    const long = playable(recording(`C${'.'.repeat(99)}`)).stretches[0]!;
    expect(indexOf(await loader.events(long, 5, 21_000))).toEqual([{ index: 5 }]);
    expect(source.asked).toEqual([
      { sessionId: 's', recordingId: 'r', from: 5000, to: 21_000, checkpoints: 'none' },
    ]);
    await loader.events(long, 3, 21_000);
    await loader.events(long, 22, 30_000);
    expect(askedFor().slice(1)).toEqual([
      [3, 4],
      [22, 30],
    ]);
  });

  it('are not repeated for what came with another', async () => {
    for (const position of [0, 1, 2, 1, 0, 4]) await loader.events(stretch, position, 5000);
    expect(askedFor()).toEqual([[0, 5]]);
  });

  it('go on where one was given up, without the start', async () => {
    const asked = loader.events(stretch, 0, 0);
    loader.cancel();
    await expect(asked).rejects.toThrow(/abort/i);
    await loader.events(stretch, 2, 5000);
    await loader.events(stretch, 1, 5000);
    expect(askedFor().slice(1)).toEqual([
      [2, 5],
      [1, 1],
    ]);
  });

  it('are shared by those who wait for them', async () => {
    const all = await Promise.all([0, 1, 2].map((at) => loader.events(stretch, at, 2000)));
    expect(all.map(indexOf)).toEqual([[{ index: 0 }], [{ index: 1 }], [{ index: 2 }]]);
    expect(source.asked).toHaveLength(1);
  });

  it('are few and load nothing twice while something plays, however far the checkpoint', async () => {
    const only = playable(recording(`C${'.'.repeat(299)}`)).stretches[0]!;
    for (let at = 100; at < 300; at++)
      await loader.events(only, at, requestStepAfter(at * 1000 + 30_000));
    const loaded = askedFor().map(([from, to]) => to! - from! + 1);
    expect(loaded.reduce((sum, n) => sum + n, 0)).toBe(200);
    expect(loaded.length).toBeLessThanOrEqual(10);
    // Never more than was wanted and a step.
    expect(Math.max(...loaded)).toBeLessThanOrEqual(51);
  });

  it('forget the oldest when the cache is full', async () => {
    loader = new SegmentLoader({ source, sessionId: 's', maxCacheBytes: 1 });
    await loader.events(stretch, 0, 0);
    await loader.events(stretch, 4, 0);
    await loader.events(stretch, 0, 0);
    expect(source.asked).toHaveLength(3);
  });

  it('ask again for what came and was forgotten before anybody took it', async () => {
    loader = new SegmentLoader({ source, sessionId: 's', maxCacheBytes: 1 });
    const all = await Promise.all([3, 4, 5].map((at) => loader.events(stretch, at, 6000)));
    const slow = await loader.events(stretch, 3, 6000);
    expect([...all, slow].map(indexOf)).toEqual([3, 4, 5, 3].map((index) => [{ index }]));
  });
});

describe('trouble', () => {
  it('names a segment that is listed but not delivered, and delivers its neighbours', async () => {
    source.lost.add(1);
    await expect(loader.events(stretch, 1, 0)).rejects.toMatchObject({
      recordingId: 'r',
      index: 1,
    });
    expect(indexOf(await loader.events(stretch, 2, 0))).toEqual([{ index: 2 }]);
  });

  it('names a damaged segment', async () => {
    source.damaged.add(2);
    await expect(loader.events(stretch, 2, 0)).rejects.toBeInstanceOf(UnusableSegmentError);
  });

  it('joins parts that come in any order, twice', async () => {
    source.parts = 2;
    expect(indexOf(await loader.events(stretch, 1, 0))).toEqual([{ index: 1 }]);
  });

  it('hands on why the source failed, and asks again next time', async () => {
    source.failure = new ReplaySourceError('unreachable', 'gone');
    await expect(loader.events(stretch, 0, 0)).rejects.toBe(source.failure);
    source.failure = undefined;
    expect(indexOf(await loader.events(stretch, 0, 0))).toEqual([{ index: 0 }]);
  });

  it('stops what is not wanted any more, and keeps what is', async () => {
    let open = (): void => undefined;
    source.gate = new Promise((resolve) => (open = resolve));
    const left = loader.events(stretch, 0, 0);
    const kept = loader.events(stretch, 3, 20_000);
    loader.cancel({ recordingId: 'r', index: 4 });
    const refused = expect(left).rejects.toThrow(/abort/i);
    open();
    await refused;
    expect(indexOf(await kept)).toEqual([{ index: 3 }]);
  });
});
