/** Recordings drawn as text, for tests: `C` a checkpoint segment, `.` another, `-` a lost one. */
import type {
  RecordingManifest,
  SegmentEntry,
  SegmentHeader,
  SessionManifest,
  SpanInfo,
} from '@otel-replay/protocol';

/** A second each; its last event comes after 900 ms. */
export function segment(index: number, checkpoint: boolean, startMs = 0): SegmentEntry {
  return {
    index,
    checkpoint,
    firstTimestamp: startMs + index * 1000,
    lastTimestamp: startMs + index * 1000 + 900,
    eventCount: 10,
    bytes: 100,
    uncompressedBytes: 1000,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    traceIds: [],
  };
}

export function recording(shape: string, recordingId = 'r', startMs = 0): RecordingManifest {
  const segments = [...shape].flatMap((letter, index) =>
    letter === '-' ? [] : [segment(index, letter === 'C', startMs)],
  );
  return {
    recordingId,
    firstTimestamp: segments[0]?.firstTimestamp ?? startMs,
    lastTimestamp: segments.at(-1)?.lastTimestamp ?? startMs,
    segments,
    checkpoints: segments.filter((s) => s.checkpoint).map((s) => s.firstTimestamp),
    gaps: [],
    blocks: [],
    clockSkewMs: 0,
  };
}

export function session(recordings: RecordingManifest[]): SessionManifest {
  return {
    version: 1,
    sessionId: 's',
    firstTimestamp: Math.min(...recordings.map((r) => r.firstTimestamp)),
    lastTimestamp: Math.max(...recordings.map((r) => r.lastTimestamp)),
    state: 'ended',
    serviceNames: [],
    urls: [],
    recordingCount: recordings.length,
    segmentCount: 0,
    bytes: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    traceCount: 0,
    recordings,
    traces: [],
    signals: [],
  };
}

export function span(change: Partial<SpanInfo>): SpanInfo {
  return {
    traceId: 't',
    spanId: 'a',
    name: 'span',
    kind: 'internal',
    serviceName: 'service',
    startTime: 0,
    endTime: 100,
    status: 'unset',
    attributes: {},
    events: [],
    origin: 'browser',
    ...change,
  };
}

/** A complete header; what a test is about it changes. */
export function segmentHeader(change: Partial<SegmentHeader>): SegmentHeader {
  return {
    sessionId: 's',
    recordingId: 'r',
    index: 0,
    checkpoint: 0,
    hasFullSnapshot: false,
    firstTimestamp: 0,
    lastTimestamp: 0,
    eventCount: 0,
    mode: 'stream',
    traceIds: [],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    payload: {
      encoding: 'identity',
      format: 'rrweb',
      formatVersion: '2',
      size: 0,
      uncompressedSize: 0,
    },
    ...change,
  };
}
