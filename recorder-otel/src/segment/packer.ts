/**
 * From cut segments to compressed ones, in the order of their numbers. The work is mostly done elsewhere;
 * a page that goes away does not wait for it.
 */
import type { SegmentHeader } from '@otel-replay/protocol';
import type { Guard } from '../guard.js';
import { LIMITS } from '../shared.js';
import { checksum } from './checksum.js';
import { createCompression } from './compression.js';
import type { RawSegment } from './segmenter.js';

/** A span to send: a whole segment, or one part of a segment larger than one may be. */
export interface Segment {
  header: SegmentHeader;
  data: Uint8Array;
  /** The traces seen in it: trace id to a span id of it. */
  links: ReadonlyMap<string, string>;
}

export interface PackerOptions {
  guard: Guard;
  workerUrl?: string | false | undefined;
  /** In the order in which they were added. */
  onSegment: (segment: Segment) => void;
}

export interface Packer {
  /** Segments will be added. */
  start: () => void;
  add: (segment: RawSegment) => void;
  /** Hands out all that was added before it returns. */
  finishNow(): void;
  /** Resolves when all that was added so far is handed out. */
  drain(): Promise<void>;
  /** Forgets what is not handed out. */
  clear(): void;
  /** Nothing more is added for now: keeps neither worker nor timer once all is handed out. */
  stop: () => void;
  /** A segment of so many raw bytes, and the one before it, may leave when the page goes away. */
  rawBudget: () => number;
}

interface Item {
  /** Kept until it is packed: whoever has it to compress may fail, or be too late. */
  segment: RawSegment;
  /** The raw bytes themselves: it leaves as it is. */
  packed?: Uint8Array;
}

/** Of each of two segments, with what is around them. */
const TAIL_BYTES = LIMITS.UNLOAD_BYTES / 2 - 2048;
/** Until there is experience: compressed bytes per raw one, of text in columns. */
const FIRST_RATIO = 0.35;
/** Smaller ones say little about larger ones. */
const TELLING_BYTES = 4096;

export function createPacker({ guard, workerUrl, onSegment }: PackerOptions): Packer {
  let items: Item[] = [];
  const drained: (() => void)[] = [];
  const compression = createCompression({ guard, workerUrl });
  let running = false;
  let ratio = FIRST_RATIO;

  function add(segment: RawSegment): void {
    const item: Item = { segment };
    items.push(item);
    void compression.deflate(segment.raw).then((packed) => {
      item.packed ??= packed;
      handOut();
    });
  }

  function finishNow(): void {
    for (const item of items) {
      const { raw } = item.segment;
      const packed = item.packed ?? guard.run('compression', () => compression.deflateNow(raw));
      item.packed = packed ?? raw;
    }
    handOut();
  }

  function handOut(): void {
    for (let item = items[0]; item?.packed; item = items[0]) {
      const { segment, packed } = item;
      items.shift();
      if (packed !== segment.raw) learn(packed.length / segment.raw.length, segment.raw.length);
      deliver(segment, packed, onSegment);
    }
    if (items.length > 0) return;
    for (const resolve of drained.splice(0)) resolve();
    if (!running) compression.rest();
  }

  /** Follows a page at once to what compresses badly, and slowly back. */
  function learn(seen: number, rawBytes: number): void {
    if (rawBytes >= TELLING_BYTES) ratio = Math.max(seen, (3 * ratio + seen) / 4);
  }

  return {
    start: () => {
      running = true;
    },
    add,
    finishNow,
    drain: () =>
      items.length === 0 ? Promise.resolve() : new Promise((resolve) => drained.push(resolve)),
    clear: () => {
      items = [];
      handOut();
    },
    stop: () => {
      running = false;
      handOut();
    },
    rawBudget: () => TAIL_BYTES / ratio,
  };
}

function deliver(
  { header, format, formatVersion, raw, links }: RawSegment,
  data: Uint8Array,
  onSegment: (segment: Segment) => void,
): void {
  const max = LIMITS.SEGMENT_BYTES;
  const partCount = Math.ceil(data.length / max);
  for (let partIndex = 0; partIndex < partCount; partIndex++) {
    const part = data.subarray(partIndex * max, (partIndex + 1) * max);
    const payload = {
      encoding: data === raw ? 'identity' : 'deflate-raw',
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
