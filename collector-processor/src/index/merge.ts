/**
 * What several blocks say together. Blocks of one recording may interleave (several instances) or
 * overlap (after a crash); the first block that has a segment wins.
 */
import type { BlockEntry, BlockFooter, SegmentEntry } from '@otel-replay/protocol';

/** A block in the store, or what has not been written to one yet. */
export interface FooterSource {
  readonly footer: BlockFooter;
}

export interface MergedSegment<T extends FooterSource> {
  segment: SegmentEntry;
  /** Where it lies in `source`. */
  entry: BlockEntry;
  source: T;
}

export interface MergedRecording<T extends FooterSource> {
  recordingId: string;
  /** By index and part, without duplicates. */
  segments: MergedSegment<T>[];
  sources: T[];
}

/** In order of first timestamp. */
export function mergeRecordings<T extends FooterSource>(
  sources: readonly T[],
): MergedRecording<T>[] {
  const recordings = new Map<string, { segments: Map<string, MergedSegment<T>>; sources: T[] }>();
  for (const source of sources) {
    const { recordingId, entries } = source.footer;
    let recording = recordings.get(recordingId);
    if (recording === undefined) {
      recordings.set(recordingId, (recording = { segments: new Map(), sources: [] }));
    }
    recording.sources.push(source);
    for (const entry of entries) {
      const { segment } = entry;
      if (segment === undefined) continue;
      const key = `${segment.index}/${segment.partIndex ?? 0}`;
      if (!recording.segments.has(key)) recording.segments.set(key, { segment, entry, source });
    }
  }
  return [...recordings]
    .map(([recordingId, r]) => ({
      recordingId,
      segments: [...r.segments.values()].sort(
        (a, b) =>
          a.segment.index - b.segment.index ||
          (a.segment.partIndex ?? 0) - (b.segment.partIndex ?? 0),
      ),
      sources: r.sources,
    }))
    .filter((r) => r.segments.length > 0)
    .sort(
      (a, b) =>
        a.segments[0]!.segment.firstTimestamp - b.segments[0]!.segment.firstTimestamp ||
        (a.recordingId < b.recordingId ? -1 : 1),
    );
}

/** Each index once: all parts of a segment carry the same counts. */
export function wholeSegments<T extends FooterSource>(
  segments: readonly MergedSegment<T>[],
): SegmentEntry[] {
  return segments
    .filter((s, i) => i === 0 || segments[i - 1]!.segment.index !== s.segment.index)
    .map((s) => s.segment);
}
