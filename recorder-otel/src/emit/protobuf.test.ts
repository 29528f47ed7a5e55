import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { decodeProtobuf, segmentsOf } from '../../test/support/otlp.js';
import { addTrace } from '../segment/activity.js';
import { createGuard } from '../guard.js';
import { createPacker, type Segment } from '../segment/packer.js';
import { createSegmenter } from '../segment/segmenter.js';
import { encodeRequest } from './protobuf.js';
import { segmentSpan, type SegmentSpan } from './span.js';

/** The SDK's serialiser, bundled: its ES modules name no file extensions, which Node needs. */
async function reference(sent: SegmentSpan[]): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const code = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`;
  const { ProtobufTraceSerializer } = (await import(/* @vite-ignore */ code)) as {
    ProtobufTraceSerializer: { serializeRequest(spans: SegmentSpan[]): Uint8Array };
  };
  return ProtobufTraceSerializer.serializeRequest(sent);
}

function spans(): SegmentSpan[] {
  const segments: Segment[] = [];
  const packer = createPacker({
    guard: createGuard(),
    onSegment: (segment) => segments.push(segment),
  });
  const segmenter = createSegmenter({
    flushIntervalMs: 5000,
    maxRawBytes: 100_000,
    describe: () => ({
      url: 'https://shop.example/größe',
      masking: 'deny-by-default',
      userId: 'u-1',
    }),
    onSegment: (raw) => {
      packer.add(raw);
      packer.finishNow();
    },
  });
  segmenter.setSession('session-1');
  for (let i = 0; i < 70; i++) {
    addTrace(
      segmenter.activity(),
      i.toString(16).padStart(32, '0'),
      (i + 1).toString(16).padStart(16, '0'),
    );
  }
  segmenter.activity().errorCount++;
  segmenter.add({ type: 4, timestamp: 1_763_000_000_123, data: {} });
  segmenter.add({ type: 2, timestamp: 1_763_000_000_456, data: { text: 'é'.repeat(300) } });
  segmenter.cut();
  segmenter.add({ type: 3, timestamp: 1_763_000_001_000, data: {} });
  segmenter.cut(true);
  const resource = {
    attributes: {
      'service.name': 'shop',
      replicas: 3,
      ratio: -0.5,
      on: true,
      tags: ['a', 'b'],
    },
  };
  return segments.map((segment) => segmentSpan(segment, resource, 1_763_000_002_000));
}

test('says the same as the general OTLP serialiser', async () => {
  const sent = spans();
  expect(decodeProtobuf(encodeRequest(sent))).toEqual(decodeProtobuf(await reference(sent)));
});

test('header and payload survive the wire; times are exact', () => {
  const decoded = decodeProtobuf(encodeRequest(spans()));
  const [first] = segmentsOf(decoded);
  expect(first!.header).toMatchObject({
    index: 0,
    errorCount: 1,
    droppedTraceIds: 6,
    userId: 'u-1',
  });
  expect(first!.header.traceIds.length).toBe(64);
  expect(first!.span.links.length).toBe(64);
  expect(first!.span.startTimeUnixNano).toBe(1_763_000_000_123_000_000n);
  expect(first!.span.endTimeUnixNano).toBe(1_763_000_000_456_000_000n);
  expect(first!.span.kind).toBe(1);
  expect(encodeRequest([])).toEqual(new Uint8Array(0));
});
