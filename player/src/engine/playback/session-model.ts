/** All that is known of the open session, growing as segments are loaded. */
import type {
  LiveSegments,
  ReplayEvent,
  SessionManifest,
  Signal,
  SpanInfo,
} from '@otel-replay/protocol';
import { withSegments, withSignals } from '../plan/grow-session.js';
import { SessionPlan } from '../plan/session-plan.js';
import type { Stretch } from '../plan/stretches.js';
import { idleRanges, type TimeRange } from '../timeline/idle.js';
import {
  insightOfEvents,
  marksOfRecording,
  marksOfSignals,
  mergeMarks,
  urlAt,
  type Mark,
} from '../timeline/marks.js';
import { alignSpans, backendShift, clockSkewOf, type TimelineSpan } from '../timeline/spans.js';

export class SessionModel {
  session: SessionManifest;
  plan: SessionPlan;
  marks: readonly Mark[] = [];
  spans: readonly TimelineSpan[] = [];
  readonly #unusable = new Map<string, Set<number>>();
  readonly #segmentMarks = new Map<string, Map<number, Mark[]>>();
  readonly #activity = new Map<string, Map<number, number[]>>();

  constructor(session: SessionManifest) {
    this.session = session;
    this.plan = new SessionPlan(session);
    for (const recording of session.recordings) {
      this.#segmentMarks.set(recording.recordingId, marksOfRecording(recording));
      this.#activity.set(recording.recordingId, new Map());
    }
    this.#mergeMarks();
  }

  setSpans(spans: readonly SpanInfo[]): void {
    this.spans = alignSpans(spans, clockSkewOf(this.session));
    this.#mergeMarks();
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
    if (!this.#activity.has(recordingId)) this.#activity.set(recordingId, new Map());
    const recording = grown.recordings.find((r) => r.recordingId === recordingId)!;
    for (const [index, own] of marksOfRecording(recording)) {
      if (!marks.has(index)) marks.set(index, own); // what was decoded is more exact
    }
    this.#mergeMarks();
    return true;
  }

  addSignals(signals: readonly Signal[]): void {
    this.session = withSignals(this.session, signals);
    this.#mergeMarks();
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
    this.plan = new SessionPlan(this.session, this.#unusable);
  }

  /** Takes exact marks and activity from a decoded segment; true when that was news. */
  learn(recordingId: string, index: number, events: readonly ReplayEvent[]): boolean {
    const activity = this.#activity.get(recordingId);
    if (activity === undefined || activity.has(index)) return false;
    const insight = insightOfEvents(events, recordingId, index);
    activity.set(index, insight.activity);
    this.#segmentMarks.get(recordingId)?.set(index, insight.marks);
    this.#mergeMarks();
    return true;
  }

  idle(stretch: Stretch): TimeRange[] {
    return idleRanges(stretch, this.#activity.get(stretch.recordingId) ?? new Map());
  }

  urlAt(recordingId: string, time: number): string | undefined {
    return urlAt(this.marks, recordingId, time, this.session);
  }

  #mergeMarks(): void {
    const signals = marksOfSignals(this.session.signals, (signal) => this.#shift(signal));
    const others = [...this.#segmentMarks.values()].flatMap((own) => [...own.values()].flat());
    this.marks = mergeMarks(signals, others);
  }

  #shift(signal: Signal): number {
    if (signal.origin === 'browser') return 0;
    const span = this.spans.find((s) => s.traceId === signal.traceId && s.origin === 'backend');
    return span?.shiftMs ?? backendShift(clockSkewOf(this.session));
  }
}
