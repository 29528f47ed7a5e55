import { createHash, randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  decodePayload,
  fromAttributes,
  joinParts,
  LIMITS,
  toAttributes,
} from '@otel-replay/protocol';
import { createGuard } from '../guard.js';
import { deflateRaw } from './deflate.js';
import { codeLengths } from './huffman.js';
import { createPacker, type Segment } from './packer.js';
import { createSegmenter, type RecordedEvent, type Segmenter } from './segmenter.js';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterAll(() => void vi.useRealTimers());

const SESSION = 'a'.repeat(32);

function collect(options: { maxRawBytes?: number } = {}): {
  segmenter: Segmenter;
  segments: Segment[];
  fireTimers: () => void;
} {
  const segments: Segment[] = [];
  const packer = createPacker({
    guard: createGuard(),
    onSegment: (segment) => segments.push(segment),
  });
  const segmenter = createSegmenter({
    flushIntervalMs: 5000,
    maxRawBytes: options.maxRawBytes ?? 256 * 1024,
    describe: () => ({ url: 'https://shop.example/', masking: 'deny-by-default' }),
    onSegment: (raw) => {
      packer.add(raw);
      packer.finishNow();
    },
  });
  segmenter.setSession(SESSION);
  const fireTimers = (): void => void vi.runAllTimers();
  return { segmenter, segments, fireTimers };
}

async function events(segments: Segment[]): Promise<unknown[]> {
  const decoded = await Promise.all(
    segments.map(({ header, data }) => decodePayload(header.payload, data)),
  );
  return decoded.flat();
}

const meta = (timestamp: number): RecordedEvent => ({ type: 4, timestamp, data: { href: '/' } });
const snapshot = (timestamp: number, size = 10): RecordedEvent => ({
  type: 2,
  timestamp,
  data: { node: 'n'.repeat(size) },
});

type Step =
  | { do: 'event'; text: string; big: boolean }
  | { do: 'checkpoint' }
  | { do: 'cut' }
  | { do: 'timer' }
  | { do: 'session'; id: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('event' as const),
      text: fc.string({ unit: 'grapheme' }),
      big: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'checkpoint' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'timer' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('session' as const), id: fc.constantFrom('s1', 's2') }),
  },
);

test('no event is lost or doubled, numbers have no holes, checkpoints come first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { segmenter, segments, fireTimers } = collect({
        maxRawBytes: 4000,
      });
      const expected: unknown[] = [];
      let now = 1000;
      let started = false;
      const add = (event: RecordedEvent): void => {
        segmenter.add(event);
        expected.push(event);
      };
      const checkpoint = (): void => {
        add(meta(now));
        add(snapshot(now));
        started = true;
      };
      for (const current of steps) {
        now += 7;
        if (current.do === 'event') {
          const text = current.big ? `${current.text}${now}`.repeat(300) : current.text;
          const event = { type: 3, timestamp: now, data: { text } };
          if (started) add(event);
          else segmenter.add(event); // Cannot be played, so it is not recorded.
        } else if (current.do === 'checkpoint') checkpoint();
        else if (current.do === 'cut') segmenter.cut();
        else if (current.do === 'timer') fireTimers();
        else {
          const before = segmenter.recordingId();
          segmenter.setSession(current.id);
          if (before !== segmenter.recordingId()) checkpoint();
        }
      }
      segmenter.cut(true);

      const order = new Map<string, number>();
      for (const { header } of segments) {
        const index = order.get(header.recordingId) ?? 0;
        expect(header.index).toBe(index);
        order.set(header.recordingId, index + 1);
        if (index === 0) expect(header.hasFullSnapshot).toBe(true);
        expect(header.eventCount).toBeGreaterThan(0);
        const { span, event } = toAttributes(header);
        expect(fromAttributes(new Map(Object.entries({ ...span, ...event })))).toEqual(header);
      }
      for (const segment of segments) {
        const types = (await events([segment])).map((event) => (event as RecordedEvent).type);
        expect(types.length).toBe(segment.header.eventCount);
        expect(types.slice(0, 2).join() === '4,2').toBe(segment.header.hasFullSnapshot);
        expect(types.slice(2)).not.toContain(2);
      }
      expect(await events(segments)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('what comes between Meta and FullSnapshot follows them', async () => {
  const { segmenter, segments } = collect();
  segmenter.add({ type: 0, timestamp: 1, data: {} });
  segmenter.add(meta(2));
  segmenter.add({ type: 3, timestamp: 3, data: {} });
  segmenter.add(snapshot(4));
  segmenter.cut();
  expect((await events(segments)).map((event) => (event as RecordedEvent).type)).toEqual([4, 2, 3]);
});

test('a snapshot larger than a segment may be travels in parts', async () => {
  const { segmenter, segments } = collect();
  let noise = '';
  for (let i = 0; noise.length < 3 * LIMITS.SEGMENT_BYTES; i++) {
    noise += createHash('sha512').update(String(i)).digest('base64');
  }
  segmenter.add(meta(1));
  segmenter.add({ type: 2, timestamp: 2, data: { noise } });
  segmenter.add({ type: 3, timestamp: 3, data: {} });
  segmenter.cut();
  const parts = segments.filter(({ header }) => header.index === 0);
  expect(parts.length).toBeGreaterThan(1);
  for (const { data } of parts) expect(data.length).toBeLessThanOrEqual(LIMITS.SEGMENT_BYTES);
  const joined = joinParts(
    parts.reverse().map(({ header, data }) => ({ header: header.payload, data })),
  );
  const decoded = await decodePayload(joined.header, joined.data);
  expect(decoded[1]?.data).toEqual({ noise });
  expect(segments.at(-1)!.header.index).toBe(1);
});

test('the session before is named with each checkpoint, so that none of them must arrive', () => {
  const { segmenter, segments } = collect();
  const checkpoint = (): void => [meta(1), snapshot(2)].forEach((event) => segmenter.add(event));
  checkpoint();
  segmenter.setSession('next', SESSION);
  checkpoint();
  segmenter.cut();
  segmenter.add({ type: 3, timestamp: 5, data: {} });
  segmenter.cut();
  checkpoint();
  segmenter.cut();
  const previous = segments.map(({ header }) => header.previousSessionId);
  expect(previous).toEqual([undefined, SESSION, undefined, SESSION]);
  expect(new Set(segments.map(({ header }) => header.recordingId)).size).toBe(2);
});

/** Text that repeats near and far, noise that does not, and runs. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .record({ byte: fc.nat(255), length: fc.nat(70_000) })
    .map(({ byte, length }) => new Uint8Array(length).fill(byte)),
  fc
    .record({ text: fc.string({ minLength: 1, maxLength: 40 }), times: fc.nat(2000) })
    .map(({ text, times }) => new TextEncoder().encode(text.repeat(times))),
);

test('what inflates is what went in, whatever the pieces', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const input = Buffer.concat(pieces);
      expect(inflateRawSync(deflateRaw(input)).equals(input)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('matches reach exactly as far back as DEFLATE allows', () => {
  for (const gap of [32_764, 32_765, 32_766, 32_767, 32_768, 32_769, 65_536]) {
    const bytes = Buffer.concat([
      Buffer.from('abcdefghij'),
      randomBytes(gap),
      Buffer.from('abcdefghij'),
    ]);
    expect(inflateRawSync(deflateRaw(bytes)).equals(bytes)).toBe(true);
  }
});

test('code lengths are complete and within the limit, for the worst of counts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 286 }),
      fc.boolean(),
      (random, skewed) => {
        // Fibonacci counts make the deepest trees there are.
        let [a, b] = [1, 1];
        const counts = skewed ? random.slice(0, 40).map(() => ([a, b] = [b, a + b])[0]) : random;
        for (const limit of skewed || random.length < 100 ? [7, 15] : [15]) {
          if (counts.filter(Boolean).length > 1 << limit) continue;
          const lengths = codeLengths(counts, limit);
          let sum = 0;
          for (const length of lengths) if (length) sum += 2 ** -length;
          expect(sum).toBe(1);
          expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
          counts.forEach((count, symbol) => count && expect(lengths[symbol]).toBeGreaterThan(0));
        }
      },
    ),
    { numRuns: 200 },
  );
});
