/** Which of a request's spans and signals belong to which session; what is not known yet waits. */
import {
  encodeRecord,
  type SegmentHeader,
  type SignalHeader,
  type SpansHeader,
} from '@otel-replay/protocol';
import type { CutResult, SpanTable } from '../otlp/types.js';
import type { TraceJoin } from '../session/trace-join.js';
import type { Position } from '../journal/journal.js';

/** Spans that wait in memory: they are also in the trace store, so a crash may lose them. */
export interface WaitingSpans {
  kind: 'spans';
  bytes: number;
  header: SpansHeader;
  payload: Uint8Array;
}

/** A signal that waits; it is in the journal, because a decision may hang on it. */
export interface WaitingSignal {
  kind: 'signal';
  bytes: number;
  header: SignalHeader;
  /** Undefined: the journal had no room for it. */
  position: Position | undefined;
}

export type Waiting = WaitingSpans | WaitingSignal;

/** Tells the join which traces belong to which session; returns sessions something waited for. */
export function linkTraces(
  join: TraceJoin<Waiting>,
  spans: SpanTable,
  segments: readonly SegmentHeader[],
): Set<string> {
  const awaited = new Set<string>();
  const link = (traceId: string, sessionId: string): void => {
    if (join.link(traceId, sessionId)) awaited.add(sessionId);
  };
  for (const { sessionId, traceIds } of segments) {
    for (const traceId of traceIds) link(traceId, sessionId);
  }
  for (let i = 0; i < spans.count; i++) {
    const sessionId = spans.sessionId(i);
    if (sessionId !== undefined) link(spans.traceId(i), sessionId);
  }
  return awaited;
}

export type SpanOwner = { sessionId: string } | { traceId: string };

/** One group per session and page, and one per trace whose session is not known. */
export function groupSpans(
  join: TraceJoin<Waiting>,
  cut: CutResult,
  receivedTime: number,
): { owner: SpanOwner; waiting: WaitingSpans }[] {
  const { spans } = cut;
  const groups = new Map<string, { owner: SpanOwner; recordingId?: string; indexes: number[] }>();
  for (let i = 0; i < spans.count; i++) {
    const traceId = spans.traceId(i);
    const sessionId = spans.sessionId(i) ?? join.sessionOf(traceId);
    const recordingId = spans.recordingId(i);
    const key = sessionId === undefined ? traceId : `${recordingId ?? ''}/${sessionId}`;
    const group = groups.get(key);
    if (group !== undefined) group.indexes.push(i);
    else {
      groups.set(key, {
        owner: sessionId === undefined ? { traceId } : { sessionId },
        ...(recordingId === undefined ? {} : { recordingId }),
        indexes: [i],
      });
    }
  }
  return [...groups.values()].map(({ owner, recordingId, indexes }) => {
    const payload = spans.extract(indexes);
    const header: SpansHeader = {
      sessionId: 'sessionId' in owner ? owner.sessionId : '',
      contentType: cut.contentType,
      ...timesOf(spans, indexes),
      spanCount: indexes.length,
      receivedTime,
    };
    if (recordingId !== undefined) header.recordingId = recordingId;
    return { owner, waiting: { kind: 'spans', bytes: payload.length + 200, header, payload } };
  });
}

function timesOf(
  spans: SpanTable,
  indexes: readonly number[],
): Pick<SpansHeader, 'firstTimestamp' | 'lastTimestamp' | 'traceIds' | 'traceTimestamps'> {
  const starts = new Map<string, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const i of indexes) {
    const traceId = spans.traceId(i);
    const start = spans.startTime(i);
    first = Math.min(first, start);
    last = Math.max(last, spans.endTime(i));
    starts.set(traceId, Math.min(start, starts.get(traceId) ?? start));
  }
  return {
    firstTimestamp: first,
    lastTimestamp: last,
    traceIds: [...starts.keys()],
    traceTimestamps: [...starts.values()],
  };
}

/** Signals as they enter the journal; `sessionId` is empty while it is not known. */
export function signalHeaders(
  join: TraceJoin<Waiting>,
  cut: CutResult,
  receivedTime: number,
): SignalHeader[] {
  return cut.signals.map((signal) => ({
    ...signal,
    sessionId:
      signal.sessionId ??
      (signal.traceId === undefined ? undefined : join.sessionOf(signal.traceId)) ??
      '',
    receivedTime,
  }));
}

const NOTHING = new Uint8Array(0);

export function encodeCompanion(
  record:
    | { kind: 'spans'; header: SpansHeader; payload: Uint8Array }
    | {
        kind: 'signal';
        header: SignalHeader;
      },
): Uint8Array {
  return record.kind === 'spans'
    ? encodeRecord({ kind: 'spans', header: record.header, payload: record.payload })
    : encodeRecord({ kind: 'signal', header: record.header, payload: NOTHING });
}
