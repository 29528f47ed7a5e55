import { encodePayload, type ReplayEvent } from '@otel-replay/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventRange, ReplaySource, StoredSegment } from '../client/source.js';
import { recording, segmentHeader } from '../../../test/recordings.js';
import { SegmentLoader } from './segment-loader.js';
import { playable } from './stretches.js';

const SEGMENTS = 300;
const stretch = playable(recording(`C${'.'.repeat(SEGMENTS - 1)}`)).stretches[0]!;

/** As a processor answers: a checkpoint before the moment, or all since the recorded one. */
class CheckpointSource implements ReplaySource {
  readonly asked: EventRange[] = [];
  makes: boolean;
  isDamaged = false;
  /** Segments that the checkpoint lies before the moment: it was made for another one. */
  back = 0;
  /** Segments that were handed out. */
  sent = 0;

  constructor(makes: boolean) {
    this.makes = makes;
  }

  async *segments(range: EventRange): AsyncIterable<StoredSegment> {
    this.asked.push(range);
    const wanted = Math.floor(range.from / 1000);
    const isMade = this.makes && wanted > 60 && range.checkpoints === 'any';
    const before = isMade ? this.back : 0;
    const first = isMade || range.checkpoints === 'none' ? wanted - before : 0;
    if (isMade) yield await this.#made(first);
    for (let index = first; index <= Math.floor(range.to / 1000); index++) {
      const { header: payload, data } = await encodePayload([event(3, index * 1000, { index })]);
      this.sent++;
      yield { header: segmentHeader({ index, payload }), payload: data };
    }
  }

  async #made(next: number): Promise<StoredSegment> {
    const time = next * 1000;
    const events = [event(4, time, { width: next }), event(2, time, {})];
    const { header: payload, data } = await encodePayload(events);
    if (this.isDamaged) data[2] = data[2]! ^ 0xff;
    const times = { firstTimestamp: time, lastTimestamp: time };
    const header = segmentHeader({ index: next - 1, payload, ...times, synthetic: true });
    return { header, payload: data };
  }

  findTrace = unused;
  listSessions = unused;
  manifest = unused;
  spans = unused;
}

afterEach(() => {
  vi.useRealTimers();
});

function unused(): never {
  throw new Error('not asked in these tests');
}

function event(type: number, timestamp: number, data: unknown): ReplayEvent {
  return { type, timestamp, data };
}

describe('opening', () => {
  it('begins with the checkpoint that was made for the moment, by one request', async () => {
    const source = new CheckpointSource(true);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    const opening = await loader.opening(stretch, 150, 155_000);
    expect(opening).toMatchObject({ nextIndex: 150, events: [{ data: { width: 150 } }, {}] });
    expect((await loader.events(stretch, 150, 155_000))[0]?.data).toEqual({ index: 150 });
    expect(source.asked.map(({ from }) => from)).toEqual([150_000]);
  });

  it('uses it again for moments soon after, and never as the segment it stands for', async () => {
    const source = new CheckpointSource(true);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    await loader.opening(stretch, 150, 155_000);
    expect(await loader.opening(stretch, 170, 175_000)).toMatchObject({ nextIndex: 150 });
    expect((await loader.events(stretch, 149, 150_000))[0]?.data).toEqual({ index: 149 });
    expect(await loader.opening(stretch, 250, 250_000)).toMatchObject({ nextIndex: 250 });
    expect(await loader.opening(stretch, 120, 120_000)).toMatchObject({ nextIndex: 120 });
  });

  it.each([40, 200])('takes one that was made for %i seconds before', async (back) => {
    const source = new CheckpointSource(true);
    source.back = back;
    const loader = new SegmentLoader({ source, sessionId: 's' });
    for (const position of [250, 290]) {
      const nextIndex = position - back;
      expect(await loader.opening(stretch, position, 299_000)).toMatchObject({ nextIndex });
      for (let at = nextIndex; at < SEGMENTS; at++) {
        expect((await loader.events(stretch, at, 299_000))[0]?.data).toEqual({ index: at });
      }
    }
    expect(source.asked.map(({ checkpoints }) => checkpoints)).toEqual(['any', 'any']);
  });

  it('does not ask where the recorded checkpoint is near', async () => {
    const source = new CheckpointSource(true);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    expect(await loader.opening(stretch, 30, 35_000)).toBeUndefined();
    expect(source.asked).toEqual([]);
  });

  it('takes what was recorded from a source that makes none, and asks it only once', async () => {
    const source = new CheckpointSource(false);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    expect(await loader.opening(stretch, 150, 155_000)).toBeUndefined();
    for (let at = 0; at <= 150; at++) {
      expect((await loader.events(stretch, at, 155_000))[0]?.data).toEqual({ index: at });
    }
    expect(source.asked).toHaveLength(1);
    expect(await loader.opening(stretch, 190, 195_000)).toBeUndefined();
    expect(source.asked).toHaveLength(1);
  });

  it('asks again a while after there was none, and stops an answer it has already', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const source = new CheckpointSource(false);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    expect(await loader.opening(stretch, 150, 155_000)).toBeUndefined();
    for (let at = 0; at <= 160; at++) await loader.events(stretch, at, 155_000);
    vi.advanceTimersByTime(60_000);
    const sent = source.sent;
    expect(await loader.opening(stretch, 250, 250_000)).toBeUndefined();
    expect(source.sent).toBe(sent + 1);
    // Who waits for a segment of the answer that was stopped gets it by itself.
    vi.advanceTimersByTime(60_000);
    const opening = loader.opening(stretch, 200, 200_000);
    expect((await loader.events(stretch, 200, 200_000))[0]?.data).toEqual({ index: 200 });
    expect(await opening).toBeUndefined();
    source.makes = true;
    vi.advanceTimersByTime(60_000);
    expect(await loader.opening(stretch, 250, 250_000)).toMatchObject({ nextIndex: 250 });
  });

  it('shares the answer with whoever loads the same in advance', async () => {
    const source = new CheckpointSource(true);
    const loader = new SegmentLoader({ source, sessionId: 's' });
    await Promise.all([
      loader.prefetch(stretch, 150, 155_000),
      loader.opening(stretch, 150, 155_000),
    ]);
    expect(source.asked).toHaveLength(1);
  });

  it('takes what was recorded where the one that was made is damaged', async () => {
    const source = new CheckpointSource(true);
    source.isDamaged = true;
    const loader = new SegmentLoader({ source, sessionId: 's' });
    expect(await loader.opening(stretch, 150, 155_000)).toBeUndefined();
  });
});
