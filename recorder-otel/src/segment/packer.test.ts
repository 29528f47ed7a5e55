import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS } from '@otel-replay/protocol';
import { createGuard } from '../guard.js';
import { createPacker, type Segment } from './packer.js';
import type { RawSegment } from './segmenter.js';

function raw(index: number, bytes: Uint8Array<ArrayBuffer>): RawSegment {
  return {
    header: {
      sessionId: 's',
      recordingId: 'a'.repeat(32),
      index,
      checkpoint: 1,
      hasFullSnapshot: false,
      firstTimestamp: 1,
      lastTimestamp: 2,
      eventCount: 1,
      mode: 'stream',
      traceIds: [],
      droppedTraceIds: 0,
      errorCount: 0,
      clickCount: 0,
      rageClickCount: 0,
      droppedEvents: 0,
    },
    format: 'rrweb-columnar',
    formatVersion: '1',
    raw: bytes,
    links: new Map(),
  };
}

function unpacked({ header, data }: Segment): Buffer {
  return header.payload.encoding === 'identity' ? Buffer.from(data) : inflateRawSync(data);
}

type Step = 'add' | 'finish' | 'wait' | 'stop' | 'start';

test('hands out each segment once, in order, however it came to be compressed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Step>('add', 'add', 'add', 'finish', 'wait', 'stop', 'start'), {
        maxLength: 20,
      }),
      async (steps) => {
        const errors: unknown[] = [];
        const segments: Segment[] = [];
        const packer = createPacker({
          guard: createGuard((error) => errors.push(error)),
          onSegment: (segment) => segments.push(segment),
        });
        const sent: Buffer[] = [];
        packer.start();
        for (const step of steps) {
          if (step === 'add') {
            const text = `${'text '.repeat(500 * (sent.length % 20))}${sent.length}`;
            sent.push(Buffer.from(text));
            packer.add(raw(sent.length - 1, new TextEncoder().encode(text)));
          } else if (step === 'finish') {
            packer.finishNow();
            expect(segments.length).toBe(sent.length);
          } else if (step === 'stop') packer.stop();
          else if (step === 'start') packer.start();
          else await new Promise((resolve) => setImmediate(resolve));
        }
        await packer.drain();
        expect(segments.map(unpacked)).toEqual(sent);
        expect(segments.map(({ header }) => header.index)).toEqual(sent.map((_, at) => at));
        packer.stop();
        expect(errors).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
});

test('forgets what waits when it is cleared', async () => {
  const segments: Segment[] = [];
  const packer = createPacker({
    guard: createGuard(),
    onSegment: (segment) => segments.push(segment),
  });
  packer.add(raw(0, new Uint8Array(100)));
  packer.clear();
  await packer.drain();
  packer.add(raw(1, new Uint8Array(100)));
  await packer.drain();
  expect(segments.map(({ header }) => header.index)).toEqual([1]);
});

test('two segments of the size it allows leave with the page', async () => {
  const segments: Segment[] = [];
  const packer = createPacker({
    guard: createGuard(),
    onSegment: (segment) => segments.push(segment),
  });
  const noise = (bytes: number): Uint8Array<ArrayBuffer> => {
    const hex = randomBytes(Math.ceil(bytes / 2)).toString('hex');
    return new TextEncoder().encode(hex).slice(0, Math.floor(bytes));
  };
  // Experience with a page whose events compress badly.
  packer.add(raw(0, noise(50_000)));
  await packer.drain();
  segments.length = 0;
  for (let index = 1; index < 3; index++) packer.add(raw(index, noise(packer.rawBudget())));
  await packer.drain();
  const bytes = segments.reduce((sum, { data }) => sum + data.length, 0);
  expect(bytes).toBeLessThan(LIMITS.UNLOAD_BYTES);
  expect(bytes).toBeGreaterThan(LIMITS.UNLOAD_BYTES / 2);
});
