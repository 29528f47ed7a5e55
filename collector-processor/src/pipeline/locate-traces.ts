/**
 * Where each trace lies on the browser's time line. Best is the page's own span, which has the
 * page's clock; then a backend span corrected by the clock skew, within the segment that names the
 * trace; then the start of that segment; last a backend span alone.
 */
import type { RecordingManifest, TraceRef } from '@otel-replay/protocol';
import type { FooterSource } from '../index/merge.js';

interface Seen {
  browser?: { recordingId: string; timestamp: number };
  segment?: { recordingId: string; from: number; to: number };
  backend?: number;
}

export function locateTraces(
  sources: readonly FooterSource[],
  recordings: readonly RecordingManifest[],
): TraceRef[] {
  const known = new Map(recordings.map((r) => [r.recordingId, r]));
  const traces = new Map<string, Seen>();
  const seen = (traceId: string): Seen => {
    let entry = traces.get(traceId);
    if (entry === undefined) traces.set(traceId, (entry = {}));
    return entry;
  };
  for (const recording of recordings) {
    for (const { traceIds, firstTimestamp, lastTimestamp } of recording.segments) {
      for (const traceId of traceIds) {
        const entry = seen(traceId);
        if (entry.segment !== undefined && entry.segment.from <= firstTimestamp) continue;
        const { recordingId } = recording;
        entry.segment = { recordingId, from: firstTimestamp, to: lastTimestamp };
      }
    }
  }
  for (const { footer } of sources) {
    for (const { spans } of footer.entries) {
      if (spans === undefined) continue;
      const { recordingId } = spans;
      spans.traceIds.forEach((traceId, i) => {
        const timestamp = Math.round(spans.traceTimestamps?.[i] ?? spans.firstTimestamp);
        const entry = seen(traceId);
        if (recordingId === undefined) {
          entry.backend = Math.min(timestamp, entry.backend ?? timestamp);
        } else if (known.has(recordingId) && timestamp < (entry.browser?.timestamp ?? Infinity)) {
          entry.browser = { recordingId, timestamp };
        }
      });
    }
  }
  return [...traces]
    .flatMap(([traceId, entry]) => {
      const place = locate(entry, recordings, known);
      return place === undefined ? [] : [{ traceId, ...place }];
    })
    .sort((a, b) => a.timestamp - b.timestamp || (a.traceId < b.traceId ? -1 : 1));
}

function locate(
  { browser, segment, backend }: Seen,
  recordings: readonly RecordingManifest[],
  known: ReadonlyMap<string, RecordingManifest>,
): Omit<TraceRef, 'traceId'> | undefined {
  if (browser !== undefined) return browser;
  if (segment !== undefined) {
    const { recordingId, from, to } = segment;
    const at = backend === undefined ? from : backend - known.get(recordingId)!.clockSkewMs;
    return { recordingId, timestamp: at >= from && at <= to ? at : from };
  }
  if (backend === undefined) return undefined;
  let best: { recordingId: string; timestamp: number; distance: number } | undefined;
  for (const r of recordings) {
    const at = backend - r.clockSkewMs;
    const distance = Math.max(r.firstTimestamp - at, at - r.lastTimestamp, 0);
    if (best !== undefined && distance >= best.distance) continue;
    const timestamp = Math.min(Math.max(at, r.firstTimestamp), r.lastTimestamp);
    best = { recordingId: r.recordingId, timestamp, distance };
  }
  return best && { recordingId: best.recordingId, timestamp: best.timestamp };
}
