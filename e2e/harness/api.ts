/** The replay API as a client sees it. */
import { decodePayload, joinParts, RecordReader } from '@otel-replay/protocol';
import type {
  ReplayEvent,
  ReplayRecord,
  SegmentHeader,
  SessionList,
  SessionManifest,
  SpanInfo,
  SpanList,
  TraceLookup,
} from '@otel-replay/protocol';

export type SegmentRecord = Extract<ReplayRecord, { kind: 'segment' }>;

export class ReplayApi {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async trace(traceId: string): Promise<TraceLookup> {
    return (await this.#json(`/traces/${traceId}`)) as TraceLookup;
  }

  async sessions(): Promise<SessionList> {
    return (await this.#json('/sessions')) as SessionList;
  }

  async manifest(sessionId: string): Promise<SessionManifest> {
    return (await this.#json(`/sessions/${encodeURIComponent(sessionId)}`)) as SessionManifest;
  }

  async spans(sessionId: string): Promise<SpanInfo[]> {
    const list = await this.#json(`/sessions/${encodeURIComponent(sessionId)}/spans`);
    return (list as SpanList).spans;
  }

  /** All segments of a recording, as they are kept. */
  async segments(sessionId: string, recordingId: string): Promise<SegmentRecord[]> {
    const path = `/sessions/${encodeURIComponent(sessionId)}/recordings/${recordingId}/events`;
    const response = await this.#get(`${path}?from=0&to=${Date.now() + 86_400_000}`);
    const reader = new RecordReader();
    const records = reader.push(new Uint8Array(await response.arrayBuffer()));
    reader.end();
    return records.filter((record) => record.kind === 'segment');
  }

  async #json(path: string): Promise<unknown> {
    return (await this.#get(path)).json();
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(`${this.#origin}/api/v1${path}`);
    if (!response.ok) {
      throw new Error(`GET ${path} was answered with ${response.status}: ${await response.text()}`);
    }
    return response;
  }
}

/** `recording/index`: what makes a segment one. */
export function segmentId({ header }: { header: SegmentHeader }): string {
  return `${header.recordingId}/${header.index}`;
}

/** The rrweb events of some segments, inflated; parts of one segment are joined. */
export async function eventsOf(segments: readonly SegmentRecord[]): Promise<ReplayEvent[]> {
  const whole = new Map<string, SegmentRecord[]>();
  for (const segment of segments) {
    const id = segmentId(segment);
    whole.set(id, [...(whole.get(id) ?? []), segment]);
  }
  const events: ReplayEvent[] = [];
  for (const parts of whole.values()) {
    const joined = joinParts(
      parts.map(({ header, payload }) => ({ header: header.payload, data: payload })),
    );
    events.push(...(await decodePayload(joined.header, joined.data)));
  }
  return events;
}
