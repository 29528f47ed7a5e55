/** A session of one recording whose events are all in one segment, as a downloaded session holds it. */
import {
  encodePayload,
  encodeRecord,
  segmentEntry,
  type ReplayEvent,
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
  const all: SessionManifest = {
    ...session([
      {
        ...{ recordingId, firstTimestamp, lastTimestamp },
        segments: [segmentEntry(header)],
        checkpoints: [firstTimestamp],
        gaps: [],
        blocks: [],
        clockSkewMs: 0,
      },
    ]),
    ...{ sessionId, segmentCount: 1, bytes: data.length },
    ...manifest,
  };
  return new Blob([
    encodeRecord({ kind: 'manifest', header: all, payload: new Uint8Array(0) }),
    encodeRecord({ kind: 'segment', header, payload: data }),
  ] as Uint8Array<ArrayBuffer>[]);
}
