import { decodePayload, encodePayload, type ReplayEvent } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { segmentHeader } from '../../../test/recordings.js';
import { FileCheckpoints } from './file-checkpoints.js';
import type { StoredSegment } from './source.js';

const STEP_MS = 10_000;
const BODY = 4;
const element = (id: number, tagName: string, childNodes: unknown[] = []): object => ({
  ...{ type: 2, id, tagName, attributes: {}, childNodes },
});

/** Every segment adds a paragraph to the page; `C` begins with a checkpoint, `-` is not there. */
async function segmentsOf(shape: string, parts = 1): Promise<StoredSegment[]> {
  const found: StoredSegment[] = [];
  for (const [index, letter] of [...shape].entries()) {
    if (letter === '-') continue;
    const firstTimestamp = index * STEP_MS;
    const { header, data } = await encodePayload(eventsOf(index, letter === 'C'));
    const size = Math.ceil(data.length / parts);
    for (let partIndex = 0; partIndex < parts; partIndex++) {
      const payload = data.subarray(partIndex * size, (partIndex + 1) * size);
      const { crc32c, ...rest } = header;
      const own =
        parts === 1
          ? { ...rest, ...(crc32c === undefined ? {} : { crc32c }) }
          : { ...rest, size: payload.length, partIndex, partCount: parts };
      const times = { firstTimestamp, lastTimestamp: firstTimestamp + 900 };
      const facts = { index, hasFullSnapshot: letter === 'C', ...times };
      found.push({ header: segmentHeader({ ...facts, payload: own }), payload });
    }
  }
  return found;
}

function eventsOf(index: number, isCheckpoint: boolean): ReplayEvent[] {
  const timestamp = index * STEP_MS;
  const before = Array.from({ length: index }, (_, i) => element(100 + i, 'p'));
  const html = element(2, 'html', [element(3, 'head'), element(BODY, 'body', before)]);
  const node = { type: 0, id: 1, childNodes: [html] };
  const adds = [{ parentId: BODY, nextId: null, node: element(100 + index, 'p') }];
  const change = { source: 0, adds, removes: [], texts: [], attributes: [] };
  const meta = { href: 'https://shop.example.com/', width: 800, height: 600 };
  return [
    ...(isCheckpoint
      ? [
          { type: 4, timestamp, data: meta },
          { type: 2, timestamp, data: { node, initialOffset: { top: 0, left: 0 } } },
        ]
      : []),
    { type: 3, timestamp: timestamp + 10, data: change },
  ];
}

/** Paragraphs that it shows. */
async function linesOf({ header, payload }: StoredSegment): Promise<number> {
  const events = await decodePayload(header.payload, payload);
  expect(events.map(({ timestamp }) => timestamp)).toEqual(events.map(() => header.firstTimestamp));
  const { node } = events[1]!.data as {
    node: { childNodes: { childNodes: { childNodes: unknown[] }[] }[] };
  };
  return node.childNodes[0]!.childNodes[1]!.childNodes.length;
}

describe('checkpoints of a file', () => {
  it('are the page before the segment of the moment', async () => {
    const segments = await segmentsOf('C' + '.'.repeat(59));
    const found = await new FileCheckpoints().before(segments, 40 * STEP_MS + 5000);
    expect(found?.next).toBe(40);
    expect(found?.made.header).toMatchObject({ index: 39, synthetic: true });
    expect(await linesOf(found!.made)).toBe(40);
  });

  it('read segments of several parts', async () => {
    const segments = await segmentsOf('C' + '.'.repeat(29), 3);
    const found = await new FileCheckpoints().before(segments, 20 * STEP_MS);
    expect(found?.next).toBe(60);
    expect(await linesOf(found!.made)).toBe(20);
  });

  it('are none where a recorded one is near, and never reach over a hole', async () => {
    const checkpoints = new FileCheckpoints();
    const near = await segmentsOf('C' + '.'.repeat(29) + 'C....');
    expect(await checkpoints.before(near, 3 * STEP_MS)).toBeUndefined();
    expect(await checkpoints.before(near, 33 * STEP_MS)).toBeUndefined();
    const torn = await segmentsOf('C.....-' + '.'.repeat(20));
    expect(await checkpoints.before(torn, 20 * STEP_MS)).toBeUndefined();
  });

  it('go on from those before, which were kept on the way', async () => {
    const segments = await segmentsOf('C' + '.'.repeat(119));
    const checkpoints = new FileCheckpoints();
    await checkpoints.before(segments, 100 * STEP_MS);
    // What was folded is not read again, or it would be noticed.
    for (const { payload } of segments.slice(0, 60)) payload.fill(0);
    for (const index of [115, 68, 98]) {
      const found = await checkpoints.before(segments, index * STEP_MS);
      expect(found?.next).toBe(index);
      expect(await linesOf(found!.made)).toBe(index);
    }
    // Soon after one, that one has to do.
    expect((await checkpoints.before(segments, 117 * STEP_MS))?.next).toBe(115);
  });

  it('are none of what is damaged, and stop when nobody waits for them', async () => {
    const segments = await segmentsOf('C' + '.'.repeat(29));
    const stopped = AbortSignal.abort();
    const wanted = new FileCheckpoints().before(segments, 20 * STEP_MS, stopped);
    await expect(wanted).rejects.toThrow(/abort/i);
    segments[7]!.payload.fill(0);
    expect(await new FileCheckpoints().before(segments, 20 * STEP_MS)).toBeUndefined();
  });
});
