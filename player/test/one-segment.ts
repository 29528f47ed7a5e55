/** A session of one recording whose events are all in one segment, as a downloaded session holds it. */
import {
  encodePayload,
  encodeRecord,
  segmentEntry,
  type ReplayEvent,
  type SegmentHeader,
  type SessionManifest,
} from '@otel-replay/protocol';
import { segmentHeader, session } from './recordings.js';

export interface OneSegment {
  sessionId: string;
  recordingId?: string;
  /** Further members of the manifest. */
  manifest?: Partial<SessionManifest>;
}

/** The bytes of a downloaded session. */
export async function sessionFile(
  events: readonly ReplayEvent[],
  { sessionId, recordingId = 'f'.repeat(32), manifest = {} }: OneSegment,
): Promise<Blob> {
  const { header: payload, data } = await encodePayload(events, 'deflate-raw', 'rrweb-columnar');
  const firstTimestamp = events[0]!.timestamp;
  const lastTimestamp = events.at(-1)!.timestamp;
  const header = segmentHeader({
    ...{ sessionId, recordingId, payload, firstTimestamp, lastTimestamp },
    checkpoint: 1,
    hasFullSnapshot: true,
    eventCount: events.length,
  });
  return segmentsFile([{ header, data }], manifest);
}

/** The same of segments as a recorder sent them: of one recording, in order, none in parts. */
export function segmentsFile(
  segments: readonly { header: SegmentHeader; data: Uint8Array }[],
  manifest: Partial<SessionManifest> = {},
): Blob {
  const headers = segments.map(({ header }) => header);
  const { sessionId, recordingId, firstTimestamp } = headers[0]!;
  const { lastTimestamp } = headers.at(-1)!;
  const all: SessionManifest = {
    ...session([
      {
        ...{ recordingId, firstTimestamp, lastTimestamp },
        segments: headers.map(segmentEntry),
        checkpoints: headers.filter((h) => h.hasFullSnapshot).map((h) => h.firstTimestamp),
        gaps: [],
        blocks: [],
        clockSkewMs: 0,
      },
    ]),
    ...{ sessionId, segmentCount: segments.length },
    bytes: segments.reduce((sum, { data }) => sum + data.length, 0),
    ...manifest,
  };
  return new Blob([
    encodeRecord({ kind: 'manifest', header: all, payload: new Uint8Array(0) }),
    ...segments.map(({ header, data }) => encodeRecord({ kind: 'segment', header, payload: data })),
  ] as Uint8Array<ArrayBuffer>[]);
}
