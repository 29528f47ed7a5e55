/** Moments worth a marker: from the manifest at once, exact ones from events as they are loaded. */
import {
  isBrowserClientError,
  type RecordingManifest,
  type ReplayEvent,
  type SessionManifest,
  type Signal,
} from '@otel-replay/protocol';
import { customMark, type MarkKind } from './custom-marks.js';
import { EVENT_TYPE, INTERACTION, SOURCE, USER_SOURCES } from '../rrweb-events.js';

export type { MarkKind } from './custom-marks.js';

export interface Mark {
  id: string;
  kind: MarkKind;
  /** Unix milliseconds, browser clock. */
  time: number;
  label: string;
  recordingId?: string;
  traceId?: string;
  spanId?: string;
  serviceName?: string;
  /** Known to the segment only; replaced when the segment is loaded. */
  approximate?: boolean;
}

/** What the events of one segment say. */
export interface SegmentInsight {
  marks: Mark[];
  /** When the person did something, Unix milliseconds, in order. */
  activity: number[];
}

/** They are why a session is kept, but nothing went wrong there. */
const UNMARKED: ReadonlySet<Signal['kind']> = new Set(['manual', 'slow_span', 'attribute']);

/**
 * Markers of signals: one for each trace that failed, however many of its spans say so; the
 * exception, where there is one, says it best.
 * @param shift browser clock minus reporter's clock, in milliseconds
 */
export function marksOfSignals(
  signals: readonly Signal[],
  shift: (signal: Signal) => number,
): Mark[] {
  const marks = new Map<string, Mark>();
  const telling = (signal: Signal): number => (signal.kind.startsWith('exception') ? 0 : 1);
  for (const signal of [...signals].sort((a, b) => telling(a) - telling(b))) {
    const id = `signal/${signal.traceId ?? signal.spanId ?? `${signal.kind}/${signal.timestamp}`}`;
    if (marks.has(id) || UNMARKED.has(signal.kind) || isBrowserClientError(signal)) continue;
    const mark: Mark = {
      id,
      kind: signal.kind === 'rage_click' ? 'rage_click' : 'error',
      time: signal.timestamp + shift(signal),
      label: signalLabel(signal),
    };
    if (signal.traceId !== undefined) mark.traceId = signal.traceId;
    if (signal.spanId !== undefined) mark.spanId = signal.spanId;
    if (signal.serviceName !== undefined) mark.serviceName = signal.serviceName;
    marks.set(id, mark);
  }
  return [...marks.values()];
}

function signalLabel({ kind, name, message }: Signal): string {
  const what = [name, message].filter((part) => part !== undefined && part !== '').join(': ');
  return what === '' ? kind.replaceAll('_', ' ') : what;
}

/** Clicks and pages of each segment as the manifest counts them, by segment index. */
export function marksOfRecording(recording: RecordingManifest): Map<number, Mark[]> {
  const marks = new Map<number, Mark[]>();
  let url: string | undefined;
  const { recordingId } = recording;
  for (const segment of recording.segments) {
    const own = marks.get(segment.index) ?? [];
    const add = (kind: MarkKind, time: number, label: string): void => {
      const id = `${recordingId}/${segment.index}/${own.length}`;
      own.push({ id, kind, time, label, recordingId, approximate: true });
    };
    if (segment.url !== undefined && segment.url !== url) {
      url = segment.url;
      add('navigation', segment.firstTimestamp, url);
    }
    const middle = (segment.firstTimestamp + segment.lastTimestamp) / 2;
    if (segment.rageClickCount > 0) add('rage_click', middle, 'Rage click');
    else if (segment.clickCount > 0) add('click', middle, clicks(segment.clickCount));
    if (own.length > 0) marks.set(segment.index, own);
  }
  return marks;
}

function clicks(count: number): string {
  return count === 1 ? 'Click' : `${count} clicks`;
}

/** Exact marks and activity of decoded events. */
export function insightOfEvents(
  events: readonly ReplayEvent[],
  recordingId: string,
  index: number,
): SegmentInsight {
  const marks: Mark[] = [];
  const activity: number[] = [];
  const failed = new Map<string, Mark>();
  const add = (event: ReplayEvent, kind: MarkKind, label: string, traceId?: string): Mark => {
    const id = `${recordingId}/${index}/${marks.length}`;
    const mark: Mark = { id, kind, time: event.timestamp, label, recordingId };
    if (traceId !== undefined) mark.traceId = traceId;
    marks.push(mark);
    return mark;
  };
  for (const event of events) {
    const data = (event.data ?? {}) as Record<string, unknown>;
    if (event.type === EVENT_TYPE.META) {
      if (typeof data['href'] === 'string') add(event, 'navigation', data['href']);
    } else if (event.type === EVENT_TYPE.INCREMENTAL) {
      if (USER_SOURCES.has(Number(data['source']))) activity.push(event.timestamp);
      if (isClick(data)) add(event, 'click', 'Click');
    } else if (event.type === EVENT_TYPE.CUSTOM) {
      const custom = customMark(data['tag'], (data['payload'] ?? {}) as Record<string, unknown>);
      if (!custom) continue;
      const { kind, label, time = event.timestamp, traceId, better } = custom;
      // What failed is told by its span and by its request: one mark, that which says more.
      const told = kind === 'error' && traceId !== undefined ? failed.get(traceId) : undefined;
      if (!told) {
        const mark = add({ ...event, timestamp: time }, kind, label, traceId);
        if (kind === 'error' && traceId !== undefined) failed.set(traceId, mark);
      } else if (better) told.label = label;
    }
  }
  return { marks, activity };
}

function isClick(data: Record<string, unknown>): boolean {
  return data['source'] === SOURCE.MOUSE_INTERACTION && data['type'] === INTERACTION.CLICK;
}

/**
 * All marks in order. A page that is announced again (each checkpoint repeats its address) and a
 * browser error that is also a signal count once.
 */
export function mergeMarks(signals: readonly Mark[], others: readonly Mark[]): Mark[] {
  const merged: Mark[] = [];
  const url = new Map<string, string>();
  for (const mark of [...signals, ...others].sort((a, b) => a.time - b.time)) {
    if (mark.kind === 'navigation') {
      const recordingId = mark.recordingId ?? '';
      if (url.get(recordingId) === mark.label) continue;
      url.set(recordingId, mark.label);
    }
    if (mark.kind === 'error' && mark.recordingId !== undefined && isSignalled(mark, signals))
      continue;
    merged.push(mark);
  }
  return merged;
}

function isSignalled(mark: Mark, signals: readonly Mark[]): boolean {
  return signals.some(
    (s) =>
      s.kind === 'error' &&
      Math.abs(s.time - mark.time) < 1000 &&
      (mark.traceId === undefined || s.traceId === undefined || s.traceId === mark.traceId),
  );
}

/** The page's address at `time` in a recording. */
export function urlAt(
  marks: readonly Mark[],
  recordingId: string,
  time: number,
  session: SessionManifest,
): string | undefined {
  let url: string | undefined;
  for (const mark of marks) {
    if (mark.kind !== 'navigation' || mark.recordingId !== recordingId) continue;
    if (mark.time > time && url !== undefined) break;
    url = mark.label;
  }
  return url ?? session.urls[0];
}
