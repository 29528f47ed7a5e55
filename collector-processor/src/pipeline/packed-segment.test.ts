import { segmentEntry, type SegmentHeader } from '@otel-replay/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeHeader } from '../../test/support/otlp.js';
import { packSegment, unpackSegment } from './packed-segment.js';

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Every field that may be there or not; present ones only, as decoders leave them. */
const anyHeader: fc.Arbitrary<SegmentHeader> = fc
  .record({
    index: fc.nat(),
    hasFullSnapshot: fc.boolean(),
    firstTimestamp: fc.nat(),
    lastTimestamp: fc.nat(),
    eventCount: fc.nat(),
    traceIds: fc.array(fc.string()),
    url: optional(fc.string()),
    clientSendTime: optional(fc.nat()),
    receivedTime: optional(fc.nat()),
    previousSessionId: optional(fc.string()),
    serviceName: optional(fc.string()),
    userId: optional(fc.string()),
    userHash: optional(fc.string()),
    masking: optional(fc.string()),
    environment: optional(fc.constant({ 'os.name': 'Linux', 'browser.brands': ['Chromium 142'] })),
    final: optional(fc.boolean()),
    droppedTraceIds: fc.nat(2),
    partIndex: optional(fc.nat()),
  })
  .map(({ partIndex, ...fields }) => {
    const present = Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as Partial<SegmentHeader>;
    return makeHeader(
      { sessionId: 's', recordingId: 'r', ...present, index: fields.index },
      {
        ...{ encoding: 'gzip', format: 'rrweb', formatVersion: '2' },
        ...{ size: 5, uncompressedSize: 9, crc32c: '00000000' },
        ...(partIndex === undefined ? {} : { partIndex, partCount: partIndex + 1 }),
      },
    );
  });

it('gives back what footers and manifests say', () => {
  fc.assert(
    fc.property(anyHeader, (header) => {
      const { entry, facts } = unpackSegment(packSegment(header));
      expect(entry).toEqual(segmentEntry(header));
      const { previousSessionId, serviceName, userId, userHash, masking, environment } = header;
      const told = { previousSessionId, serviceName, userId, userHash, masking, environment };
      expect(facts).toEqual(told);
    }),
  );
});
