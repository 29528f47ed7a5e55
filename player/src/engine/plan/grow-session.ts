/** A manifest that grows while its session is recorded; what came before is never changed. */
import {
  knownWithoutHole,
  type LiveCursor,
  type LiveSegments,
  type RecordingManifest,
  type SegmentEntry,
  type SessionManifest,
  type Signal,
} from '@otel-replay/protocol';

/** What a live stream need not tell again. */
export function cursorOf(session: SessionManifest): LiveCursor {
  const cursor = new Map<string, number>();
  for (const { recordingId, segments } of session.recordings) {
    const index = knownWithoutHole(segments.map((segment) => segment.index));
    if (index !== undefined) cursor.set(recordingId, index);
  }
  return cursor;
}

/** The same object when nothing of `live` is new. */
export function withSegments(session: SessionManifest, live: LiveSegments): SessionManifest {
  const before = session.recordings.find((r) => r.recordingId === live.recordingId);
  const known = new Set(before?.segments.map(idOf));
  const news = live.segments.filter((segment) => !known.has(idOf(segment)));
  if (news.length === 0) return session;
  const grown = grow(before, news, live);
  const others = session.recordings.filter((r) => r !== before);
  const recordings = [...others, grown].sort((a, b) => a.firstTimestamp - b.firstTimestamp);
  const sum = (of: (segment: SegmentEntry) => number): number =>
    news.filter((s) => (s.partIndex ?? 0) === 0).reduce((total, s) => total + of(s), 0);
  const { serviceName } = live;
  return {
    ...session,
    recordings,
    traces: [...session.traces, ...newTraces(session, news, live.recordingId)],
    firstTimestamp: Math.min(session.firstTimestamp, grown.firstTimestamp),
    lastTimestamp: Math.max(session.lastTimestamp, grown.lastTimestamp),
    urls: distinct([...session.urls, ...news.map((s) => s.url)]),
    serviceNames: distinct([...session.serviceNames, serviceName]),
    recordingCount: recordings.length,
    segmentCount: session.segmentCount + sum(() => 1),
    bytes: session.bytes + news.reduce((total, s) => total + s.bytes, 0),
    errorCount: session.errorCount + sum((s) => s.errorCount),
    clickCount: session.clickCount + sum((s) => s.clickCount),
    rageClickCount: session.rageClickCount + sum((s) => s.rageClickCount),
  };
}

/** The same object when all of `signals` are known. */
export function withSignals(session: SessionManifest, signals: readonly Signal[]): SessionManifest {
  const known = new Set(session.signals.map((signal) => JSON.stringify(signal)));
  const news = signals.filter((signal) => !known.has(JSON.stringify(signal)));
  if (news.length === 0) return session;
  const all = [...session.signals, ...news].sort((a, b) => a.timestamp - b.timestamp);
  return { ...session, signals: all };
}

function grow(
  before: RecordingManifest | undefined,
  news: readonly SegmentEntry[],
  { recordingId, serviceName, environment }: LiveSegments,
): RecordingManifest {
  const segments = [...(before?.segments ?? []), ...news].sort(
    (a, b) => a.index - b.index || (a.partIndex ?? 0) - (b.partIndex ?? 0),
  );
  return {
    clockSkewMs: news.find((s) => s.clockSkewMs !== undefined)?.clockSkewMs ?? 0,
    blocks: [],
    gaps: [],
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(environment === undefined ? {} : { environment }),
    ...before,
    recordingId,
    segments,
    firstTimestamp: Math.min(...segments.map((s) => s.firstTimestamp)),
    lastTimestamp: Math.max(...segments.map((s) => s.lastTimestamp)),
    checkpoints: segments
      .filter((s) => s.checkpoint && (s.partIndex ?? 0) === 0)
      .map((s) => s.firstTimestamp),
  };
}

function newTraces(
  session: SessionManifest,
  news: readonly SegmentEntry[],
  recordingId: string,
): SessionManifest['traces'] {
  const known = new Set(session.traces.map((trace) => trace.traceId));
  const traces: SessionManifest['traces'] = [];
  for (const { traceIds, firstTimestamp } of news) {
    for (const traceId of traceIds) {
      if (known.has(traceId)) continue;
      known.add(traceId);
      traces.push({ traceId, recordingId, timestamp: firstTimestamp });
    }
  }
  return traces;
}

function idOf({ index, partIndex }: SegmentEntry): string {
  return `${index}/${partIndex ?? 0}`;
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text !== ''))] as string[];
}
