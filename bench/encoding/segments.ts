/** Cuts events into segments as the recorder does, and compresses them as a reader gets them. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { ReplayEvent } from '@otel-replay/protocol';
import { asColumns, asJson, type Segment } from './coders.js';

const SEGMENT_MS = 5000;
const META = 4;

/** A checkpoint begins one; else one lasts five seconds. */
export function cut(events: readonly ReplayEvent[]): Segment[] {
  const segments: ReplayEvent[][] = [];
  let open: ReplayEvent[] = [];
  for (const event of events) {
    const first = open[0];
    if (first && (event.type === META || event.timestamp - first.timestamp >= SEGMENT_MS)) {
      segments.push(open);
      open = [];
    }
    open.push(event);
  }
  if (open.length > 0) segments.push(open);
  return segments;
}

export interface Sizes {
  json: number;
  gzip: number;
  deflate: number;
  columns: number;
}

/** Bytes of all segments, each compressed on its own at level 6. */
export function sizesOf(segments: readonly Segment[]): Sizes {
  const sizes: Sizes = { json: 0, gzip: 0, deflate: 0, columns: 0 };
  for (const segment of segments) {
    const json = asJson(segment);
    sizes.json += json.length;
    sizes.gzip += gzipSync(json, { level: 6 }).length;
    sizes.deflate += deflateRawSync(json, { level: 6 }).length;
    sizes.columns += deflateRawSync(asColumns(segment), { level: 6 }).length;
  }
  return sizes;
}
