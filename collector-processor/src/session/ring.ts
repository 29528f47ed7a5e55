/**
 * What a session that is not kept (yet) sent lately. Per recording it is cut only at checkpoints,
 * because what lies before the oldest checkpoint in it could not be played.
 */
import type { Held, HeldSegment } from './held.js';

export interface RingOptions {
  /** How long everything stays at least. */
  holdMs: number;
  /** How long spans and signals stay: as long as segments may. */
  companionHoldMs: number;
  /**
   * Other instances hold parts of the same recordings, and perhaps the checkpoints. That there is a
   * newer one is seen by the count that segments carry; without it every segment stays as long as
   * one that needs it may: a checkpoint interval longer.
   */
  isSplit: boolean;
  /** Bytes of one session. */
  maxBytes: number;
}

export class Ring<S extends HeldSegment, C extends Held> {
  readonly #options: RingOptions;
  readonly #recordings = new Map<string, S[]>();
  #companions: C[] = [];
  #bytes = 0;

  constructor(options: RingOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#recordings.size === 0 && this.#companions.length === 0;
  }

  addSegment(segment: S): void {
    this.#bytes += segment.bytes;
    const segments = this.#recordings.get(segment.recordingId);
    if (segments === undefined) this.#recordings.set(segment.recordingId, [segment]);
    else segments.push(segment);
  }

  addCompanion(companion: C): void {
    this.#bytes += companion.bytes;
    this.#companions.push(companion);
  }

  /** When the oldest record is due; undefined when there is none. */
  nextTrim(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const segments of this.#recordings.values()) {
      next = Math.min(next, this.#nextTrimOf(segments));
    }
    const companion = this.#companions[0];
    if (companion !== undefined) {
      next = Math.min(next, companion.arrival + this.#options.companionHoldMs);
    }
    return Number.isFinite(next) ? next : undefined;
  }

  /** A recording is cut when its next checkpoint has grown old enough, or all of it has. */
  #nextTrimOf(segments: readonly S[]): number {
    const { companionHoldMs, holdMs, isSplit } = this.#options;
    const first = Math.min(...segments.map((s) => s.index));
    const count = Math.min(...segments.map((s) => s.checkpointCount));
    const arrivals = segments.map((s) => s.arrival);
    const last = isSplit && count === 0 ? Math.min(...arrivals) : Math.max(...arrivals);
    let next = isSplit ? last + companionHoldMs - holdMs : last;
    for (const s of segments) {
      const cuts = (s.checkpoint && s.index > first) || (isSplit && s.checkpointCount > count);
      if (cuts && s.arrival < next) next = s.arrival;
    }
    return next + holdMs;
  }

  /** Takes out what is too old to be wanted. */
  trim(now: number): (S | C)[] {
    const cutoff = now - this.#options.holdMs;
    const companionCutoff = now - this.#options.companionHoldMs;
    const lastCutoff = this.#options.isSplit ? companionCutoff : cutoff;
    const dropped: (S | C)[] = [];
    for (const [recordingId, segments] of this.#recordings) {
      if (segments.every((s) => s.arrival <= lastCutoff)) {
        dropped.push(...segments);
        this.#recordings.delete(recordingId);
        continue;
      }
      const start = newestCheckpoint(segments, cutoff) ?? 0;
      const count = this.#options.isSplit ? newestCount(segments, cutoff) : 0;
      const isOld = (s: S): boolean =>
        s.index < start ||
        s.checkpointCount < count ||
        (this.#options.isSplit && s.checkpointCount === 0 && s.arrival <= companionCutoff);
      const old = segments.filter(isOld);
      if (old.length === 0) continue;
      dropped.push(...old);
      this.#recordings.set(
        recordingId,
        segments.filter((s) => !isOld(s)),
      );
    }
    const old = this.#companions.filter((c) => c.arrival <= companionCutoff);
    if (old.length > 0) {
      dropped.push(...old);
      this.#companions = this.#companions.filter((c) => c.arrival > companionCutoff);
    }
    this.#forget(dropped);
    return dropped;
  }

  /** Takes out the oldest stretches, each up to its recording's next checkpoint, until the cap holds. */
  enforceCap(): (S | C)[] {
    const dropped: (S | C)[] = [];
    while (this.#bytes > this.#options.maxBytes) {
      const stretch = this.#oldestStretch();
      if (stretch.length === 0) break;
      dropped.push(...stretch);
      this.#forget(stretch);
    }
    return dropped;
  }

  /** Everything, in order of arrival. */
  all(): (S | C)[] {
    const all: (S | C)[] = [...this.#recordings.values()].flat();
    all.push(...this.#companions);
    return all.sort((a, b) => a.arrival - b.arrival);
  }

  /** Takes out everything, in order of arrival. */
  takeAll(): (S | C)[] {
    const all = this.all();
    this.#recordings.clear();
    this.#companions = [];
    this.#bytes = 0;
    return all;
  }

  /** Takes out what had begun by `time`, in order of arrival. */
  takeUntil(time: number): (S | C)[] {
    const taken = this.all().filter((held) => held.begin <= time);
    if (taken.length === 0) return taken;
    for (const [recordingId, segments] of this.#recordings) {
      const left = segments.filter((s) => s.begin > time);
      if (left.length === 0) this.#recordings.delete(recordingId);
      else this.#recordings.set(recordingId, left);
    }
    this.#companions = this.#companions.filter((c) => c.begin > time);
    this.#forget(taken);
    return taken;
  }

  #oldestStretch(): (S | C)[] {
    let oldest: S[] | undefined;
    for (const segments of this.#recordings.values()) {
      if (oldest === undefined || segments[0]!.arrival < oldest[0]!.arrival) oldest = segments;
    }
    if (oldest === undefined) return this.#companions.splice(0);
    const first = Math.min(...oldest.map((s) => s.index));
    const next = Math.min(
      ...oldest.filter((s) => s.checkpoint && s.index > first).map((s) => s.index),
    );
    const kept = oldest.filter((s) => s.index >= next);
    const { recordingId } = oldest[0]!;
    if (kept.length === 0) this.#recordings.delete(recordingId);
    else this.#recordings.set(recordingId, kept);
    return oldest.filter((s) => s.index < next);
  }

  #forget(dropped: readonly Held[]): void {
    for (const { bytes } of dropped) this.#bytes -= bytes;
  }
}

/** Of checkpoints, as far as what had arrived by `cutoff` says. */
function newestCount(segments: readonly HeldSegment[], cutoff: number): number {
  let newest = 0;
  for (const s of segments) if (s.arrival <= cutoff) newest = Math.max(newest, s.checkpointCount);
  return newest;
}

/** Index of the newest whole checkpoint that had arrived by `cutoff`. */
function newestCheckpoint(segments: readonly HeldSegment[], cutoff: number): number | undefined {
  let newest: number | undefined;
  for (const s of segments) {
    if (!s.checkpoint || s.arrival > cutoff || (newest !== undefined && s.index <= newest))
      continue;
    if (s.partCount > 1) {
      const parts = segments.filter((p) => p.index === s.index && p.arrival <= cutoff).length;
      if (parts < s.partCount) continue;
    }
    newest = s.index;
  }
  return newest;
}
