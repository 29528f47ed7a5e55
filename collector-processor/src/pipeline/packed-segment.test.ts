import { segmentEntry } from '@otel-replay/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anySegmentHeader } from '../../../protocol/test/arbitraries.js';
import { packSegment, unpackSegment } from './packed-segment.js';

it('gives back what footers and manifests say', () => {
  fc.assert(
    fc.property(anySegmentHeader, (header) => {
      const { entry, facts } = unpackSegment(packSegment(header));
      expect(entry).toEqual(segmentEntry(header));
      for (const key of ['previousSessionId', 'serviceName', 'userId', 'masking'] as const) {
        expect(facts[key]).toBe(header[key]);
      }
    }),
  );
});
