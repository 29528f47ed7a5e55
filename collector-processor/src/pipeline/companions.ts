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

/**
 * Spans that wait in memory: they are also in the trace store, so a crash may lose them. Most wait in
 * vain, so they stay in the body they came in until somebody wants them; all of a body's leave it
 * at the same time.
 */
export class WaitingSpans {
  readonly kind = 'spans';
  readonly #contentType: CutResult['contentType'];
  readonly #receivedTime: number;
  readonly #recordingId: string | undefined;
  readonly spanCount: number;
  #from: { spans: SpanTable; indexes: readonly number[]; share: number } | undefined;
  #header: SpansHeader | undefined;
  #payload: Uint8Array | undefined;

  /** `groups`: into how many the body is divided. */
  constructor(
    cut: CutResult,
    group: { indexes: readonly number[]; recordingId?: string },
    more: { receivedTime: number; groups: number },
  ) {
    const { spans } = cut;
    const { indexes } = group;
    this.#contentType = cut.contentType;
    this.#receivedTime = more.receivedTime;
    this.#recordingId = group.recordingId;
    this.spanCount = indexes.length;
    this.#from = { spans, indexes, share: Math.ceil(spans.bodyBytes / more.groups) };
  }

  /** Held in memory; what Maps and arrays cost included. */
  get bytes(): number {
    return (this.#from?.share ?? this.payload.length) + 300;
  }

  get shared(): boolean {
    return this.#from !== undefined;
  }

  get header(): SpansHeader {
    return (this.#header ??= this.#makeHeader());
  }

  get payload(): Uint8Array {
    if (this.#payload !== undefined) return this.#payload;
    if (this.#from === undefined) throw new Error('spans without a body');
    return (this.#payload = this.#from.spans.extract(this.#from.indexes));
  }

  /** Copies what is needed, so that the rest of the body may go. Before it waits, never after. */
  detach(): void {
    this.#header ??= this.#makeHeader();
    this.#payload ??= this.payload;
    this.#from = undefined;
  }

  #makeHeader(): SpansHeader {
    if (this.#from === undefined) throw new Error('spans without a body');
    const { spans, indexes } = this.#from;
    const header: SpansHeader = {
      sessionId: '',
      contentType: this.#contentType,
      ...timesOf(spans, indexes),
      spanCount: indexes.length,
      receivedTime: this.#receivedTime,
    };
    if (this.#recordingId !== undefined) header.recordingId = this.#recordingId;
    return header;
  }
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
  let last: { traceId: string; indexes: number[] } | undefined;
  for (let i = 0; i < spans.count; i++) {
    const traceId = spans.traceId(i);
    const own = spans.sessionId(i);
    // Spans of one trace come one after the other, mostly.
    if (own === undefined && last?.traceId === traceId) {
      last.indexes.push(i);
      continue;
    }
    const sessionId = own ?? join.sessionOf(traceId);
    const recordingId = spans.recordingId(i);
    const key = sessionId === undefined ? traceId : `${recordingId ?? ''}/${sessionId}`;
    let group = groups.get(key);
    if (group !== undefined) group.indexes.push(i);
    else {
      group = {
        owner: sessionId === undefined ? { traceId } : { sessionId },
        ...(recordingId === undefined ? {} : { recordingId }),
        indexes: [i],
      };
      groups.set(key, group);
    }
    last = sessionId === undefined ? { traceId, indexes: group.indexes } : undefined;
  }
  const more = { receivedTime, groups: groups.size };
  return [...groups.values()].map((group) => {
    const waiting = new WaitingSpans(cut, group, more);
    if ('sessionId' in group.owner) waiting.header.sessionId = group.owner.sessionId;
    return { owner: group.owner, waiting };
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
