/** The file to attach to a bug report: manifest, then segments, spans and signals. */
import { encodeRecord, type SessionManifest, type SpansHeader } from '@otel-replay/protocol';
import { decodeSpans } from '../otlp/decode-spans.js';
import type { ReplayReader } from './reader.js';

const NOTHING = new Uint8Array(0);

/** The records in order; `manifest` is the one that was just read for this session. */
export async function* exportRecords(
  reader: ReplayReader,
  manifest: SessionManifest,
): AsyncGenerator<Uint8Array> {
  const { sessionId } = manifest;
  yield encodeRecord({ kind: 'manifest', header: manifest, payload: NOTHING });
  for (const { recordingId, firstTimestamp: from, lastTimestamp: to } of manifest.recordings) {
    const range = { from, to, checkpoints: 'recorded' } as const;
    const events = await reader.events(sessionId, recordingId, range);
    if (events.found) yield* events.value.records;
  }
  const spans = await reader.spans(sessionId);
  if (spans.found) {
    for await (const { contentType, payload } of spans.value) {
      const header = spansHeader(sessionId, contentType, payload);
      if (header.spanCount > 0) yield encodeRecord({ kind: 'spans', header, payload });
    }
  }
  for (const signal of manifest.signals) {
    yield encodeRecord({ kind: 'signal', header: { ...signal, sessionId }, payload: NOTHING });
  }
}

function spansHeader(
  sessionId: string,
  contentType: SpansHeader['contentType'],
  payload: Uint8Array,
): SpansHeader {
  const spans = decodeSpans(contentType, payload, sessionId);
  return {
    sessionId,
    contentType,
    firstTimestamp: Math.min(...spans.map((span) => span.startTime)),
    lastTimestamp: Math.max(...spans.map((span) => span.endTime)),
    spanCount: spans.length,
    traceIds: [...new Set(spans.map((span) => span.traceId))],
  };
}

/** `session-replay-<id>.session-replay`, with nothing of the id that a file system or header minds. */
export function exportFileName(sessionId: string): string {
  return `session-replay-${sessionId.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 80)}.session-replay`;
}
