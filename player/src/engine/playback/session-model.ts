/** All that is known of the open session, growing as segments are loaded. */
import type {
  LiveSegments,
  ReplayEvent,
  SessionManifest,
  Signal,
  SpanInfo,
} from '@otel-replay/protocol';
import { Assets } from '../sanitize/assets.js';
import { withSegments, withSignals } from '../plan/grow-session.js';
import { SessionPlan } from '../plan/session-plan.js';
import type { Stretch } from '../plan/stretches.js';
import { densityOf, type Density } from '../timeline/density.js';
import type { ElementNames } from '../timeline/element-names.js';
import { idleRanges, type TimeRange } from '../timeline/idle.js';
import { insightOfEvents, type SegmentInsight } from '../timeline/insight.js';
import {
  marksOfRecording,
  marksOfSignals,
  mergeMarks,
  urlAt,
  type Mark,
} from '../timeline/marks.js';
import type { ConsoleRecord, RequestRecord } from '../timeline/records.js';
import { alignSpans, backendShift, clockSkewOf, type TimelineSpan } from '../timeline/spans.js';

/** What is known of what happened; grows as segments are read. */
export interface Happenings {
  marks: readonly Mark[];
  requests: readonly RequestRecord[];
  logs: readonly ConsoleRecord[];
  density: Density;
  /** Segments that are listed, were asked for, and could not be read. */
  unreadableCount: number;
}

/** Rows of one kind; who made more than this is told so. */
export const MAX_RECORDS = 50_000;

export class SessionModel {
  session: SessionManifest;
  plan: SessionPlan;
  spans: readonly TimelineSpan[] = [];
  /** Of all recordings: they know a file by its address. */
  readonly assets = new Assets();
  readonly #unusable = new Map<string, Set<number>>();
  readonly #unreadable = new Set<string>();
  readonly #segmentMarks = new Map<string, Map<number, Mark[]>>();
  readonly #insights = new Map<string, Map<number, SegmentInsight>>();
  #happenings: Happenings | undefined;

  constructor(session: SessionManifest) {
    this.session = session;
    this.plan = new SessionPlan(session);
    for (const recording of session.recordings) {
      this.#segmentMarks.set(recording.recordingId, marksOfRecording(recording));
      this.#insights.set(recording.recordingId, new Map());
    }
  }

  setSpans(spans: readonly SpanInfo[]): void {
    this.spans = alignSpans(spans, clockSkewOf(this.session));
    this.#happenings = undefined;
  }

  /** Takes what a live stream told; false when all of it was known. */
  grow(live: LiveSegments): boolean {
    const grown = withSegments(this.session, live);
    if (grown === this.session) return false;
    this.session = grown;
    this.plan = new SessionPlan(grown, this.#unusable);
    const { recordingId } = live;
    const marks = this.#segmentMarks.get(recordingId) ?? new Map<number, Mark[]>();
    this.#segmentMarks.set(recordingId, marks);
    if (!this.#insights.has(recordingId)) this.#insights.set(recordingId, new Map());
    const recording = grown.recordings.find((r) => r.recordingId === recordingId)!;
    for (const [index, own] of marksOfRecording(recording)) {
      if (!marks.has(index)) marks.set(index, own); // what was decoded is more exact
    }
    this.#happenings = undefined;
    return true;
  }

  addSignals(signals: readonly Signal[]): void {
    this.session = withSignals(this.session, signals);
    this.#happenings = undefined;
  }

  /** What the manifest says of the session besides what is recorded. */
  update(change: Pick<SessionManifest, 'state'> | Pick<SessionManifest, 'decision'>): void {
    this.session = { ...this.session, ...change };
  }

  /** A segment that cannot be read: everything up to the next checkpoint becomes a hole. */
  markUnusable(recordingId: string, index: number): void {
    const own = this.#unusable.get(recordingId) ?? new Set<number>();
    own.add(index);
    this.#unusable.set(recordingId, own);
    this.noteUnreadable(recordingId, index);
    this.plan = new SessionPlan(this.session, this.#unusable);
  }

  noteUnreadable(recordingId: string, index: number): void {
    this.#unreadable.add(`${recordingId}/${index}`);
    this.#happenings = undefined;
  }

  isUnreadable(recordingId: string, index: number): boolean {
    return this.#unreadable.has(`${recordingId}/${index}`);
  }

  /**
   * Takes what a decoded segment says; true when that was news.
   * @param names of the elements, if they follow the recording from a checkpoint on
   */
  learn(
    recordingId: string,
    index: number,
    events: readonly ReplayEvent[],
    names?: ElementNames,
  ): boolean {
    const insights = this.#insights.get(recordingId);
    if (insights === undefined || insights.has(index)) {
      for (const event of events) names?.follow(event);
      return false;
    }
    this.assets.learn(events);
    const insight = insightOfEvents(events, recordingId, index, names);
    insights.set(index, insight);
    this.#segmentMarks.get(recordingId)?.set(index, insight.marks);
    this.#happenings = undefined;
    return true;
  }

  hasLearned(recordingId: string, index: number): boolean {
    return this.#insights.get(recordingId)?.has(index) ?? false;
  }

  /** The same object until there is more. */
  get happenings(): Happenings {
    return (this.#happenings ??= this.#gather());
  }

  get marks(): readonly Mark[] {
    return this.happenings.marks;
  }

  idle(stretch: Stretch): TimeRange[] {
    const insights = this.#insights.get(stretch.recordingId) ?? new Map<number, SegmentInsight>();
    return idleRanges(stretch, new Map([...insights].map(([at, own]) => [at, own.activity])));
  }

  urlAt(recordingId: string, time: number): string | undefined {
    return urlAt(this.marks, recordingId, time, this.session);
  }

  #gather(): Happenings {
    const signals = marksOfSignals(this.session.signals, (signal) => this.#shift(signal));
    const others = [...this.#segmentMarks.values()].flatMap((own) => [...own.values()].flat());
    const insights = [...this.#insights.values()].flatMap((own) => [...own.values()]);
    const { from, to } = this.plan;
    return {
      marks: mergeMarks(signals, others),
      requests: insights
        .flatMap((insight) => insight.requests)
        .sort((a, b) => a.start - b.start)
        .slice(0, MAX_RECORDS),
      logs: insights
        .flatMap((insight) => insight.logs)
        .sort((a, b) => a.time - b.time)
        .slice(0, MAX_RECORDS),
      density: densityOf(this.session.recordings, from, to, this.#insights),
      unreadableCount: this.#unreadable.size,
    };
  }

  #shift(signal: Signal): number {
    if (signal.origin === 'browser') return 0;
    const span = this.spans.find((s) => s.traceId === signal.traceId && s.origin === 'backend');
    return span?.shiftMs ?? backendShift(clockSkewOf(this.session));
  }
}
