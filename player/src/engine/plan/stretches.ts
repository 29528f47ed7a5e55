/**
 * What can be played: a recording's segments without the holes. Playback needs a checkpoint to start
 * and every segment after it, so a lost segment costs everything up to the next checkpoint.
 */
import type { RecordingManifest, SegmentEntry } from '@otel-replay/protocol';

/** Consecutive segments that start with a checkpoint. Times in Unix milliseconds. */
export interface Stretch {
  recordingId: string;
  from: number;
  to: number;
  /** One entry for each index, whatever the number of its parts. */
  segments: readonly SegmentEntry[];
}

/** A time of a recording that cannot be played. */
export interface Hole {
  recordingId: string;
  from: number;
  to: number;
  /** `lost`: segments are missing; `no_snapshot`: they are there, but no checkpoint before them. */
  kind: 'lost' | 'no_snapshot';
}

export interface Playable {
  stretches: Stretch[];
  holes: Hole[];
}

/**
 * Orders by index, de-duplicates, and cuts at holes.
 * @param unusable indexes that are listed but could not be read
 */
export function playable(
  recording: RecordingManifest,
  unusable: ReadonlySet<number> = new Set(),
): Playable {
  const stretches: Stretch[] = [];
  const holes: Hole[] = [];
  let open: SegmentEntry[] | undefined;
  let previous: SegmentEntry | undefined;
  let lostFrom: number | undefined;
  const { recordingId } = recording;
  const close = (): void => {
    if (open !== undefined) stretches.push(stretch(recordingId, open));
    open = undefined;
  };
  const endHole = (to: number): void => {
    if (lostFrom !== undefined) {
      holes.push({
        recordingId,
        from: lostFrom,
        to,
        kind: stretches.length > 0 ? 'lost' : 'no_snapshot',
      });
    }
    lostFrom = undefined;
  };
  for (const segment of wholeSegments(recording.segments)) {
    if (unusable.has(segment.index)) continue;
    if (previous !== undefined && segment.index !== previous.index + 1) {
      close();
      lostFrom ??= previous.lastTimestamp;
    }
    previous = segment;
    if (open !== undefined) {
      open.push(segment);
    } else if (segment.checkpoint) {
      endHole(segment.firstTimestamp);
      open = [segment];
    } else {
      lostFrom ??= segment.firstTimestamp;
    }
  }
  close();
  endHole(recording.lastTimestamp);
  return { stretches, holes };
}

function stretch(recordingId: string, segments: SegmentEntry[]): Stretch {
  const to = segments.reduce((latest, s) => Math.max(latest, s.lastTimestamp), -Infinity);
  return { recordingId, from: segments[0]!.firstTimestamp, to, segments };
}

/** By index, once each; a segment of which a part is missing counts as lost. */
function wholeSegments(entries: readonly SegmentEntry[]): SegmentEntry[] {
  const parts = new Map<number, Map<number, SegmentEntry>>();
  for (const entry of entries) {
    const own = parts.get(entry.index) ?? new Map<number, SegmentEntry>();
    own.set(entry.partIndex ?? 0, entry);
    parts.set(entry.index, own);
  }
  const whole: SegmentEntry[] = [];
  for (const own of parts.values()) {
    const list = [...own.values()];
    const first = list[0]!;
    if (list.length < (first.partCount ?? 1)) continue;
    whole.push(
      list.length === 1
        ? first
        : {
            ...first,
            checkpoint: list.some((part) => part.checkpoint),
            bytes: list.reduce((sum, part) => sum + part.bytes, 0),
          },
    );
  }
  return whole.sort((a, b) => a.index - b.index);
}

/** Position in `stretch.segments` of the last checkpoint at or before `time`. */
export function checkpointBefore(stretch: Stretch, time: number): number {
  let found = 0;
  for (const [at, segment] of stretch.segments.entries()) {
    if (segment.firstTimestamp > time) break;
    if (segment.checkpoint) found = at;
  }
  return found;
}

/** Position in `stretch.segments` of the last segment that starts at or before `time`. */
export function segmentAt(stretch: Stretch, time: number): number {
  let found = 0;
  for (const [at, segment] of stretch.segments.entries()) {
    if (segment.firstTimestamp > time) break;
    found = at;
  }
  return found;
}
