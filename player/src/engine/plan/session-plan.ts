/** Which recording plays at a time, and what comes after it. One axis for all tabs and pages. */
import type { SessionManifest } from '@otel-replay/protocol';
import { playable, type Hole, type Stretch } from './stretches.js';

/** Where playback is to be: `time` lies in `stretch`. */
export interface Place {
  stretch: Stretch;
  time: number;
}

/** Indexes of segments that turned out to be unreadable, by recording id. */
export type Unusable = ReadonlyMap<string, ReadonlySet<number>>;

export class SessionPlan {
  readonly stretches: readonly Stretch[];
  readonly holes: readonly Hole[];
  /** Unix milliseconds of the axis. */
  readonly from: number;
  readonly to: number;

  constructor(manifest: SessionManifest, unusable: Unusable = new Map()) {
    const parts = manifest.recordings.map((r) => playable(r, unusable.get(r.recordingId)));
    this.stretches = parts.flatMap((p) => p.stretches).sort((a, b) => a.from - b.from);
    this.holes = parts.flatMap((p) => p.holes).sort((a, b) => a.from - b.from);
    this.from = Math.min(...manifest.recordings.map((r) => r.firstTimestamp), Infinity);
    this.to = Math.max(...manifest.recordings.map((r) => r.lastTimestamp), -Infinity);
    if (this.from > this.to) {
      this.from = manifest.firstTimestamp;
      this.to = manifest.lastTimestamp;
    }
  }

  /**
   * The stretch to show at `time`: of the preferred recording if it has one there, else of the
   * recording that started last; between stretches the end of the one before, else the start of
   * the one after. Undefined when nothing can be played at all.
   */
  at(time: number, preferredRecordingId?: string): Place | undefined {
    const covering = this.stretches.filter((s) => s.from <= time && time <= s.to);
    const preferred = covering.find((s) => s.recordingId === preferredRecordingId);
    const chosen = preferred ?? covering.at(-1);
    if (chosen !== undefined) return { stretch: chosen, time };
    const before = this.stretches.filter((s) => s.to < time);
    const last = before.reduce<Stretch | undefined>(
      (a, b) => (a === undefined || b.to >= a.to ? b : a),
      undefined,
    );
    if (last !== undefined) return { stretch: last, time: last.to };
    const first = this.stretches[0];
    return first === undefined ? undefined : { stretch: first, time: first.from };
  }

  /** What became of a stretch of an earlier plan; undefined when it is not whole any more. */
  grownFrom(before: Stretch): Stretch | undefined {
    const [first, last] = [before.segments[0]!.index, before.segments.at(-1)!.index];
    return this.stretches.find(
      ({ recordingId, segments }) =>
        recordingId === before.recordingId &&
        segments[0]!.index <= first &&
        segments.at(-1)!.index >= last,
    );
  }

  /** The moment of a recording that is nearest to `time`. */
  within(recordingId: string, time: number): Place | undefined {
    const own = this.stretches.filter((s) => s.recordingId === recordingId);
    const distance = (s: Stretch): number => Math.max(s.from - time, time - s.to, 0);
    const stretch = own.sort((a, b) => distance(a) - distance(b))[0];
    return stretch && { stretch, time: Math.min(Math.max(time, stretch.from), stretch.to) };
  }

  /**
   * What plays when `current` has ended: the same recording after its hole, else the recording
   * that is there or comes next. Undefined at the end of the session.
   */
  after(current: Stretch): Place | undefined {
    const later = this.stretches.filter((s) => s !== current && s.to > current.to);
    const same = later.find((s) => s.recordingId === current.recordingId && s.from >= current.to);
    const next = same ?? earliest(later, current.to);
    return next && { stretch: next, time: Math.max(next.from, current.to) };
  }

  /** True where no recording can be played. */
  isEmptyAt(time: number): boolean {
    return !this.stretches.some((s) => s.from <= time && time <= s.to);
  }
}

function earliest(stretches: readonly Stretch[], time: number): Stretch | undefined {
  return stretches.reduce<Stretch | undefined>(
    (a, b) => (a === undefined || Math.max(b.from, time) < Math.max(a.from, time) ? b : a),
    undefined,
  );
}
