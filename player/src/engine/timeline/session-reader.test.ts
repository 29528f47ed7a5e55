import { describe, expect, it, vi } from 'vitest';
import { encodePayload, type ReplayEvent } from '@otel-replay/protocol';
import { recording, segmentHeader, session } from '../../../test/recordings.js';
import type { EventRange, ReplaySource, StoredSegment } from '../client/source.js';
import { ReplaySourceError } from '../client/source.js';
import { SegmentLoader } from '../plan/segment-loader.js';
import { SessionModel } from '../playback/session-model.js';
import { ElementNames } from './element-names.js';
import { SessionReader, type Reading } from './session-reader.js';

/** A log entry and a click in each segment; of recording `r` as drawn. */
async function source(
  shape: string,
  options: { lost?: number; down?: () => boolean; silent?: () => boolean } = {},
) {
  const manifest = session([recording(shape)]);
  const stored: StoredSegment[] = [];
  for (const { index, firstTimestamp, lastTimestamp, checkpoint } of manifest.recordings[0]!
    .segments) {
    const events: ReplayEvent[] = [
      {
        ...{ type: 5, timestamp: firstTimestamp },
        data: { tag: 'session_replay.console', payload: { level: 'log', text: `entry ${index}` } },
      },
      { type: 3, timestamp: lastTimestamp, data: { source: 2, type: 2, id: 1 } },
    ];
    const { header: payload, data } = await encodePayload(events, 'identity', 'rrweb');
    stored.push({
      header: segmentHeader({
        ...{ index, firstTimestamp, lastTimestamp, hasFullSnapshot: checkpoint, payload },
      }),
      payload: data,
    });
  }
  const asked: number[] = [];
  const api: Partial<ReplaySource> = {
    async *segments({ from, to }: EventRange, signal?: AbortSignal) {
      asked.push(from);
      if (options.silent?.() === true) {
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }
      if (options.down?.() === true) throw new ReplaySourceError('unreachable', 'down');
      for (const segment of stored) {
        const { index, firstTimestamp } = segment.header;
        if (firstTimestamp >= from && firstTimestamp <= to && index !== options.lost) {
          yield await Promise.resolve(segment);
        }
      }
    },
  };
  return { asked, manifest, api: api as ReplaySource };
}

function readerOf(
  { api, manifest }: Awaited<ReturnType<typeof source>>,
  { playhead = 0, busy = (): boolean => false } = {},
) {
  const model = new SessionModel(manifest);
  const told: Reading[] = [];
  const loader = new SegmentLoader({ source: api, sessionId: 's' });
  const reader = new SessionReader({
    model,
    loader,
    newNames: () => new ElementNames(),
    playhead: () => playhead,
    isBusy: busy,
    onRead: (reading) => told.push(reading),
  });
  const until = (status: Reading['status']): Promise<void> =>
    vi.waitFor(() => expect(told.at(-1)?.status).toBe(status), { timeout: 30_000 });
  return { loader, model, reader, told, until };
}

describe('reading the rest of a session', () => {
  it('begins around the playhead, and ends with everything', async () => {
    const stored = await source('C..C..C..');
    const { model, reader, told, until } = readerOf(stored, { playhead: 4500 });
    expect(reader.reading).toMatchObject({ status: 'off', segments: 9, unreadBytes: 900 });
    reader.read();
    await until('done');
    expect(stored.asked[0]).toBe(3000);
    expect([...stored.asked].sort((a, b) => a - b)).toEqual([0, 3000, 6000]);
    expect(model.happenings.logs.map((log) => log.text)).toEqual(
      Array.from({ length: 9 }, (_, index) => `entry ${index}`),
    );
    expect(model.marks.filter((m) => m.kind === 'click')).toHaveLength(9);
    expect(told.at(-1)).toMatchObject({ readSegments: 9, unreadBytes: 0 });
  });

  it('asks before it reads more than it was allowed to', async () => {
    const { model, reader, told, until } = readerOf(await source('C..C..'));
    reader.read(350);
    await until('held');
    expect(told.at(-1)).toMatchObject({ readSegments: 3, unreadBytes: 300 });
    reader.read(Infinity);
    await until('done');
    expect(model.happenings.logs).toHaveLength(6);
  });

  it('leaves out what cannot be read, and reads what was played once', async () => {
    const stored = await source('C..', { lost: 1 });
    const { model, reader, until } = readerOf(stored);
    model.learn('r', 0, []);
    reader.read();
    await until('done');
    expect(model.happenings.logs.map((log) => log.text)).toEqual(['entry 2']);
  });

  it('says that the source does not answer, and tries again when asked', async () => {
    let down = true;
    const { model, reader, until } = readerOf(await source('C.', { down: () => down }));
    reader.read();
    await until('failed');
    down = false;
    reader.read();
    await until('done');
    expect(model.happenings.logs).toHaveLength(2);
  });

  it('waits while the picture is loaded', async () => {
    let busy = true;
    const stored = await source('C..');
    const { reader, told, until } = readerOf(stored, { busy: () => busy });
    reader.read();
    await vi.waitFor(() => expect(told.at(-1)?.status).toBe('reading'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stored.asked).toEqual([]);
    busy = false;
    await until('done');
  });

  it('goes on after a seek took its request', async () => {
    let silent = true;
    const stored = await source('C..', { silent: () => silent });
    const { loader, model, reader, until } = readerOf(stored);
    reader.read();
    await vi.waitFor(() => expect(stored.asked).toEqual([0]), { timeout: 30_000 });
    silent = false;
    loader.cancel();
    await until('done');
    expect(model.happenings.logs).toHaveLength(3);
  });

  it('reads nothing after it was stopped', async () => {
    const stored = await source('C..C..');
    const { reader } = readerOf(stored);
    reader.read();
    reader.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stored.asked).toEqual([]);
  });
});
