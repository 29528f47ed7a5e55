/** Moments worth a marker: from the manifest at once, exact ones from events as they are loaded. */
import {
  isBrowserClientError,
  type RecordingManifest,
  type SessionManifest,
  type Signal,
} from '@otel-replay/protocol';
import type { MarkKind } from './custom-marks.js';
import type { Attributes } from './records.js';

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
  /** Further facts, to be listed. */
  attributes?: Attributes;
  /** Known to the segment only; replaced when the segment is loaded. */
  approximate?: boolean;
}

/** They are why a session is kept, but nothing went wrong there. */
const UNMARKED: ReadonlySet<Signal['kind']> = new Set(['manual', 'slow_span', 'attribute']);

const SIGNAL_MARKS: Partial<Record<Signal['kind'], MarkKind>> = {
  rage_click: 'rage_click',
  failed_fetch: 'failed_request',
  http_5xx: 'failed_request',
};

/** What went wrong: the stops of "next error". */
export function isFailure({ kind }: Pick<Mark, 'kind'>): boolean {
  return kind === 'error' || kind === 'failed_request';
}

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
      kind: SIGNAL_MARKS[signal.kind] ?? 'error',
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

/** Kinds that are told again and again: at checkpoints, or because the page asks often. */
const REPEATED: ReadonlySet<MarkKind> = new Set(['navigation', 'feature_flag', 'visibility']);

/**
 * All marks in order. What is announced again (each checkpoint repeats the page's address and its
 * flags) and a browser error that is also a signal count once; of a web vital the last word stands.
 */
export function mergeMarks(signals: readonly Mark[], others: readonly Mark[]): Mark[] {
  const all = [...signals, ...others].sort((a, b) => a.time - b.time);
  const told = new Map<string, string>();
  const lastVital = new Map<string, Mark>();
  const subject = ({ kind, recordingId, attributes }: Mark): string =>
    `${kind}/${recordingId ?? ''}/${String(attributes?.['key'] ?? attributes?.['name'] ?? '')}`;
  for (const mark of all) if (mark.kind === 'web_vital') lastVital.set(subject(mark), mark);
  return all.filter((mark) => {
    if (mark.kind === 'web_vital') return lastVital.get(subject(mark)) === mark;
    if (REPEATED.has(mark.kind)) {
      if (told.get(subject(mark)) === mark.label) return false;
      told.set(subject(mark), mark.label);
    }
    return !isFailure(mark) || mark.recordingId === undefined || !isSignalled(mark, signals);
  });
}

function isSignalled(mark: Mark, signals: readonly Mark[]): boolean {
  return signals.some(
    (s) =>
      isFailure(s) &&
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
