/** The decoded events of a session, recording by recording; one segment at a time is in memory. */
import {
  ContractError,
  decodePayload,
  joinParts,
  type RecordingManifest,
  type ReplayEvent,
} from '@otel-replay/protocol';
import type { ReplaySource, StoredSegment } from '../../engine/client/source.js';

export interface RecordingRange {
  sessionId: string;
  recording: RecordingManifest;
  /** Unix milliseconds, inclusive. */
  from: number;
  to: number;
}

/**
 * From the checkpoint before `from` on, in order; segments that cannot be read are left out.
 * @throws ReplaySourceError, or the abort
 */
export async function* eventsOf(
  source: ReplaySource,
  { sessionId, recording, from, to }: RecordingRange,
  signal?: AbortSignal,
): AsyncGenerator<ReplayEvent[]> {
  const { recordingId } = recording;
  const waiting = new Map<number, StoredSegment[]>();
  const done = new Set<number>();
  for await (const segment of source.segments({ sessionId, recordingId, from, to }, signal)) {
    signal?.throwIfAborted();
    const { index, payload } = segment.header;
    if (done.has(index)) continue;
    const parts = [...(waiting.get(index) ?? []), segment];
    waiting.set(index, parts);
    const known = new Set(parts.map((part) => part.header.payload.partIndex ?? 0));
    if (known.size < (payload.partCount ?? 1)) continue;
    waiting.delete(index);
    done.add(index);
    const events = await decode(parts);
    yield events.sort((a, b) => a.timestamp - b.timestamp);
  }
}

async function decode(parts: readonly StoredSegment[]): Promise<ReplayEvent[]> {
  try {
    const { header, data } = joinParts(
      parts.map((part) => ({ header: part.header.payload, data: part.payload })),
    );
    return await decodePayload(header, data);
  } catch (error) {
    if (error instanceof ContractError) return [];
    throw error;
  }
}
