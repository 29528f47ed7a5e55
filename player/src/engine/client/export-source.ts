/** An export file: a `manifest` record, then `segment`, `spans` and `signal` records. */
import {
  ContractError,
  RecordReader,
  type ReplayRecord,
  type SessionList,
  type SessionManifest,
  type SpanInfo,
  type SpanList,
  type TraceLookup,
} from '@otel-replay/protocol';
import { FileCheckpoints } from './file-checkpoints.js';
import { readOneFile } from '../../tools/one-file/one-file.js';
import { decodeSpans } from './otlp-spans.js';
import {
  ReplaySourceError,
  type EventRange,
  type ReplaySource,
  type StoredSegment,
} from './source.js';

/** Plays a session from one file, without a processor. Holds the file's compressed bytes. */
export class ExportSource implements ReplaySource {
  readonly session: SessionManifest;
  readonly #segments: StoredSegment[];
  readonly #spans: SpanInfo[];
  readonly #file: Blob;
  readonly #checkpoints = new FileCheckpoints();

  private constructor(session: SessionManifest, records: readonly ReplayRecord[], file: Blob) {
    this.session = session;
    this.#file = file;
    this.#segments = [];
    const spans = new Map<string, SpanInfo>();
    for (const record of records) {
      if (record.kind === 'segment') {
        this.#segments.push({ header: record.header, payload: record.payload });
      } else if (record.kind === 'spans') {
        for (const span of decodeSpans(
          record.header.contentType,
          record.payload,
          session.sessionId,
        )) {
          spans.set(`${span.traceId}/${span.spanId}`, span);
        }
      }
    }
    this.#segments.sort((a, b) => a.header.index - b.header.index);
    this.#spans = [...spans.values()].sort((a, b) => a.startTime - b.startTime);
  }

  /**
   * Opens a `.replay` file, or the page that holds one. Throws {@link ReplaySourceError} `corrupt`
   * when it is neither, or damaged.
   */
  static async open(given: Blob): Promise<ExportSource> {
    try {
      const file = (await readOneFile(given)) ?? given;
      const reader = new RecordReader();
      const records = reader.push(new Uint8Array(await file.arrayBuffer()));
      reader.end();
      const manifest = records.find((record) => record.kind === 'manifest');
      if (manifest?.kind !== 'manifest') {
        throw new ContractError('missing', 'manifest', 'an export file starts with one');
      }
      return new ExportSource(manifest.header, records, file);
    } catch (cause) {
      if (!(cause instanceof ContractError) && !(cause instanceof SyntaxError)) throw cause;
      throw new ReplaySourceError(
        'corrupt',
        `This file is not a session export, or it is damaged (${cause.message}).`,
        { cause },
      );
    }
  }

  findTrace(traceId: string): Promise<TraceLookup> {
    const { sessionId, firstTimestamp, lastTimestamp } = this.session;
    const trace = this.session.traces.find((t) => t.traceId === traceId);
    if (trace === undefined) return Promise.reject(this.#absent(`trace ${traceId}`));
    const { recordingId, timestamp } = trace;
    return Promise.resolve({
      traceId,
      sessions: [{ sessionId, recordingId, timestamp, firstTimestamp, lastTimestamp }],
    });
  }

  listSessions(): Promise<SessionList> {
    return Promise.resolve({ sessions: [this.session] });
  }

  manifest(sessionId: string): Promise<SessionManifest> {
    if (sessionId !== this.session.sessionId) return Promise.reject(this.#absent(sessionId));
    return Promise.resolve(this.session);
  }

  spans(): Promise<SpanList> {
    return Promise.resolve({ spans: this.#spans });
  }

  async *segments(range: EventRange, signal?: AbortSignal): AsyncIterable<StoredSegment> {
    const { recordingId, from, to, checkpoints = 'any' } = range;
    const own = this.#segments.filter((s) => s.header.recordingId === recordingId);
    const isBefore = ({ header }: StoredSegment): boolean =>
      header.hasFullSnapshot && header.firstTimestamp <= from;
    const made = checkpoints === 'any' && (await this.#checkpoints.before(own, from, signal));
    if (made) {
      yield made.made;
      for (const segment of own.slice(made.next)) {
        if (segment.header.firstTimestamp <= to) yield segment;
      }
      return;
    }
    const start = checkpoints === 'any' ? Math.max(0, own.findLastIndex(isBefore)) : 0;
    const earliest = checkpoints === 'any' ? -Infinity : from;
    for (const segment of own.slice(start)) {
      const { firstTimestamp } = segment.header;
      const isAsked = earliest <= firstTimestamp && firstTimestamp <= to;
      if (isAsked) yield await Promise.resolve(segment);
    }
  }

  exportFile(sessionId: string): Promise<Blob> {
    if (sessionId !== this.session.sessionId) return Promise.reject(this.#absent(sessionId));
    return Promise.resolve(this.#file);
  }

  #absent(what: string): ReplaySourceError {
    return new ReplaySourceError('no_replay', `This file does not hold ${what}.`, {
      reason: 'never_recorded',
    });
  }
}
