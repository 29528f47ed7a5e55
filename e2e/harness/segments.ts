/** What was promised to the browser, and whether it is kept. */
import type { ReplayEvent } from '@otel-replay/protocol';
import type { ReplayApi, SegmentRecord } from './api.js';
import { segmentsOfRequest } from './otlp.js';
import type { WireSegment } from './otlp.js';
import type { Exchange } from './recording-proxy.js';

export function segmentsIn(exchanges: readonly Exchange[]): WireSegment[] {
  return exchanges
    .filter(({ method }) => method === 'POST')
    .flatMap(({ body }) => segmentsOfRequest(body));
}

/** All segments of a session that can be read back, recording by recording. */
export async function readBack(api: ReplayApi, sessionId: string): Promise<SegmentRecord[]> {
  const { recordings } = await api.manifest(sessionId);
  const all = await Promise.all(
    recordings.map(({ recordingId }) => api.segments(sessionId, recordingId)),
  );
  return all.flat();
}

/** Clicks a person made: rrweb incremental event 3, mouse interaction 2, click 2. */
export function clicksIn(events: readonly ReplayEvent[]): number {
  return events.filter(({ type, data }) => {
    const { source, type: interaction } = (data ?? {}) as { source?: number; type?: number };
    return type === 3 && source === 2 && interaction === 2;
  }).length;
}

/** Playback can start: a Meta event (4) with its full snapshot (2) comes before anything it changes. */
export function startsPlayable(events: readonly ReplayEvent[]): boolean {
  const kinds = events.map(({ type }) => type).filter((type) => type >= 2);
  return kinds[0] === 4 && kinds[1] === 2;
}
