/** From cut segments to compressed ones, in the order of their numbers. */
import { LIMITS, type SegmentHeader } from '@otel-replay/protocol';
import { checksum } from './checksum.js';
import { deflateRaw } from './deflate.js';
import type { RawSegment } from './segmenter.js';

/** A span to send: a whole segment, or one part of a segment larger than one may be. */
export interface Segment {
  header: SegmentHeader;
  data: Uint8Array;
  /** The traces seen in it: trace id to a span id of it. */
  links: ReadonlyMap<string, string>;
}

export interface PackerOptions {
  /** In the order in which they were added. */
  onSegment: (segment: Segment) => void;
}

export interface Packer {
  add: (segment: RawSegment) => void;
  /** Hands out all that was added before it returns. */
  finishNow(): void;
  /** Resolves when all that was added so far is handed out. */
  drain(): Promise<void>;
  /** Forgets what is not handed out. */
  clear(): void;
}

export function createPacker({ onSegment }: PackerOptions): Packer {
  return {
    add: (segment) => handOut(segment, deflateRaw(segment.raw), onSegment),
    finishNow: () => undefined,
    drain: () => Promise.resolve(),
    clear: () => undefined,
  };
}

function handOut(
  { header, format, formatVersion, raw, links }: RawSegment,
  data: Uint8Array,
  onSegment: (segment: Segment) => void,
): void {
  const max = LIMITS.SEGMENT_BYTES;
  const partCount = Math.ceil(data.length / max);
  for (let partIndex = 0; partIndex < partCount; partIndex++) {
    const part = data.subarray(partIndex * max, (partIndex + 1) * max);
    const payload = {
      encoding: 'deflate-raw',
      format,
      formatVersion,
      size: part.length,
      uncompressedSize: raw.length,
      crc32c: checksum(part),
    };
    if (partCount > 1) Object.assign(payload, { partIndex, partCount });
    onSegment({ header: { ...header, payload }, data: part, links });
  }
}
