/** What of a request goes to the journal, all of it or nothing. */
import type { SegmentHeader, SignalHeader } from '@otel-replay/protocol';
import { encodeCompanion, type WaitingSpans } from './companions.js';

export interface Batch {
  readonly now: number;
  segments: NewSegment[];
  spans: WaitingSpans[];
  signals: SignalHeader[];
  /** Signals of known sessions that were not seen before. */
  readonly noted: ReadonlySet<SignalHeader>;
  /** Signals that are only for other instances. */
  readonly passedOn: SignalHeader[];
  /** Segments that were shed. */
  shed: number;
}

export interface NewSegment {
  header: SegmentHeader;
  /** Of the segment, among those being written. */
  key: string;
  /** Encoded. */
  bytes: Uint8Array;
}

/** In the order of segments, spans, signals. */
export function recordsOf({ segments, signals, spans }: Batch): Uint8Array[] {
  return [
    ...segments.map((s) => s.bytes),
    ...spans.map((waiting) => encodeCompanion(waiting)),
    ...signals.map((header) => encodeCompanion({ kind: 'signal', header })),
  ];
}

/** Takes out what belongs to sessions that had to go; returns their segments. */
export function removeShed(batch: Batch, isShed: (sessionId: string) => boolean): NewSegment[] {
  const goes = ({ header }: { header: { sessionId: string } }): boolean => isShed(header.sessionId);
  const gone = batch.segments.filter(goes);
  batch.segments = batch.segments.filter((s) => !goes(s));
  batch.spans = batch.spans.filter((s) => !goes(s));
  batch.passedOn.push(...batch.signals.filter((header) => goes({ header })));
  batch.signals = batch.signals.filter((header) => !goes({ header }));
  batch.shed += gone.length;
  return gone;
}
