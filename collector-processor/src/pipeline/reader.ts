/** Answers the replay API: what is stored and what still is in the journal, as one. */
import type {
  DeleteResult,
  NoReplayReason,
  SessionList,
  SessionManifest,
  TraceLookup,
  Veto,
} from '@otel-replay/protocol';
import type {
  EventRange,
  EventRecords,
  Found,
  LiveView,
  NotFound,
  ReplayReader,
  SessionQuery,
} from '../api/reader.js';
import type { CheckpointAnswer, Checkpoints } from '../checkpoints/index.js';
import { mergeRecordings, type MergedSegment } from '../index/merge.js';
import type { OtlpContentType } from '../otlp/types.js';
import type { ErasureOptions } from './erasure.js';
import type { Erasures } from './erasures.js';
import { liveSources } from './journaled.js';
import {
  buildManifest,
  completeSegments,
  liveView,
  summaryOf,
  type SessionSources,
  type Source,
} from './manifest.js';
import type { Outcomes } from './outcomes.js';
import type { Presence } from './presence.js';
import { decodeSpans, readLocated, startingWith, type Located } from './read-records.js';
import { selectSegments } from './select-segments.js';
import type { Watching } from './watching.js';

export interface ReaderOptions extends ErasureOptions {
  /** Names of the policies that may keep a session. */
  policies: readonly string[];
  erasures: Pick<Erasures, 'deleteSession' | 'deleteUser'>;
  presence: Presence;
  outcomes: Pick<Outcomes, 'find' | 'sessionOf'>;
  watching: Pick<Watching, 'isShared' | 'watch'>;
  /** Undefined: what was recorded has to do. */
  checkpoints: Checkpoints | undefined;
}

export function createReader(o: ReaderOptions): ReplayReader {
  return new Reader(o);
}

class Reader implements ReplayReader {
  readonly #o: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#o = options;
  }

  async findTrace(traceId: string): Promise<Found<TraceLookup>> {
    const { index, join } = this.#o;
    const hits = new Map((await index.sessionsOfTrace(traceId)).map((h) => [h.sessionId, h.gone]));
    const live = join.sessionOf(traceId);
    if (live !== undefined && !hits.has(live)) hits.set(live, undefined);
    const sessions: TraceLookup['sessions'] = [];
    const missing: NotFound[] = join.isWaiting(traceId) ? [this.#notFound('not_yet')] : [];
    for (const [sessionId, gone] of hits) {
      const found = gone === undefined ? await this.manifest(sessionId) : undefined;
      if (found?.found !== true) {
        missing.push(found ?? this.#notFound(gone ?? 'never_recorded'));
        continue;
      }
      const { recordings, traces, state } = found.value;
      const place = traces.find((t) => t.traceId === traceId);
      const recording = recordings.find((r) => r.recordingId === place?.recordingId);
      if (place === undefined || recording === undefined) {
        missing.push(this.#notFound(state === 'active' ? 'not_yet' : 'sampled_out'));
        continue;
      }
      const { recordingId, timestamp } = place;
      const { firstTimestamp, lastTimestamp } = recording;
      sessions.push({ sessionId, recordingId, timestamp, firstTimestamp, lastTimestamp });
    }
    if (sessions.length > 0) return { found: true, value: { traceId, sessions } };
    return mostTelling(missing) ?? (await this.#traceElsewhere(traceId));
  }

  /** What others know of a trace that is none of any session here. */
  async #traceElsewhere(traceId: string): Promise<NotFound> {
    const sessionId = await this.#o.outcomes.sessionOf(traceId);
    if (sessionId === undefined) return this.#notFound('never_recorded');
    const found = await this.manifest(sessionId);
    // Kept, and what holds the trace is not stored yet.
    return found.found ? this.#notFound('not_yet') : found;
  }

  async list(query: SessionQuery): Promise<SessionList> {
    const list = await this.#o.index.list(query);
    const { presence, sessions } = this.#o;
    list.sessions = list.sessions.filter(
      (summary) => sessions.has(summary.sessionId) || !presence.isExpired(summary),
    );
    for (const [i, { sessionId }] of list.sessions.entries()) {
      // The index lags behind a live session by up to a block.
      if (!this.#o.sessions.has(sessionId)) continue;
      const sources = await this.#sources(sessionId);
      if (sources !== undefined) list.sessions[i] = summaryOf(sources);
    }
    return list;
  }

  async manifest(sessionId: string): Promise<Found<SessionManifest>> {
    const sources = await this.#sources(sessionId);
    if (sources === undefined) return await this.#missing(sessionId);
    const manifest = buildManifest(sources);
    return manifest.recordings.length > 0
      ? { found: true, value: manifest }
      : { found: false, reason: 'not_yet' };
  }

  async events(
    sessionId: string,
    recordingId: string,
    range: EventRange,
  ): Promise<Found<EventRecords>> {
    const session = await this.#sources(sessionId);
    if (session === undefined) return await this.#missing(sessionId);
    const recording = mergeRecordings(session.sources).find((r) => r.recordingId === recordingId);
    if (recording === undefined) return { found: false, reason: 'never_recorded' };
    const complete = completeSegments(recording.segments);
    const made = await this.#checkpointBefore({ sessionId, recordingId }, range, complete);
    // It may have been deleted meanwhile.
    if (this.#o.known.goneReason(sessionId) !== undefined) return await this.#missing(sessionId);
    if (made !== undefined) {
      const after = complete.slice(made.next);
      const wanted = after.filter((s) => s.segment.firstTimestamp <= range.to);
      const records = startingWith(made.record, this.#read(sessionId, wanted));
      return { found: true, value: { immutable: false, records } };
    }
    const ended = session.facts.state === 'ended';
    const { segments, immutable } = selectSegments(complete, range, ended);
    // Where none could be made now, one may be made later.
    const isFinal = immutable && !this.#mayMake(range, complete);
    return { found: true, value: { immutable: isFinal, records: this.#read(sessionId, segments) } };
  }

  async #checkpointBefore(
    ids: { sessionId: string; recordingId: string },
    range: EventRange,
    segments: readonly MergedSegment<Source>[],
  ): Promise<CheckpointAnswer | undefined> {
    if (!this.#mayMake(range, segments)) return undefined;
    return this.#o.checkpoints?.before({
      ...{ ...ids, from: range.from, entries: segments.map((s) => s.segment) },
      read: (start, end) => this.#read(ids.sessionId, segments.slice(start, end)),
    });
  }

  #mayMake(
    { from, checkpoints = 'any' }: EventRange,
    segments: readonly MergedSegment<Source>[],
  ): boolean {
    const entries = segments.map((s) => s.segment);
    return checkpoints === 'any' && this.#o.checkpoints?.isWanted(entries, from) === true;
  }

  async spans(
    sessionId: string,
  ): Promise<Found<AsyncIterable<{ contentType: OtlpContentType; payload: Uint8Array }>>> {
    const session = await this.#sources(sessionId);
    if (session === undefined) return await this.#missing(sessionId);
    const wanted = new Map<string, Located>();
    for (const source of session.sources) {
      for (const entry of source.footer.entries) {
        // The same record may lie in two blocks after a crash.
        const key = JSON.stringify(entry.spans);
        if (entry.spans !== undefined && !wanted.has(key)) wanted.set(key, { entry, source });
      }
    }
    const records = this.#read(sessionId, [...wanted.values()]);
    return { found: true, value: decodeSpans(records) };
  }

  async live(sessionId: string): Promise<Found<LiveView>> {
    // Whoever shares the store may ask another instance for what it is told of here.
    const session = await this.#sources(sessionId, { storedOnly: this.#o.watching.isShared });
    if (session !== undefined) return { found: true, value: liveView(session) };
    const missing = await this.#missing(sessionId);
    if (missing.reason !== 'not_yet') return missing;
    const nothing = { recordings: [], signals: [], spansCount: 0 };
    return { found: true, value: { state: 'buffering', ...nothing } };
  }

  watch(sessionId: string): Promise<void> {
    return this.#o.watching.watch(sessionId);
  }

  deleteSession(sessionId: string): Promise<DeleteResult> {
    return this.#o.erasures.deleteSession(sessionId);
  }

  deleteUser(user: string): Promise<DeleteResult> {
    return this.#o.erasures.deleteUser(user);
  }

  /** Undefined when nothing of the session is kept. */
  async #sources(
    sessionId: string,
    { storedOnly = false } = {},
  ): Promise<SessionSources | undefined> {
    const { index, known, presence, sessions, writer } = this.#o;
    if (known.goneReason(sessionId) !== undefined) return undefined;
    // First what is live: what moves to a block meanwhile is then seen twice rather than not at all.
    const live = storedOnly ? [] : liveSources(sessionId, writer.held(sessionId));
    const indexed = await index.session(sessionId);
    if (indexed === undefined && live.length === 0) return undefined;
    // Erased at another instance, of which this one has yet to hear.
    if (indexed === undefined && (await index.tombstone(sessionId)) !== undefined) return undefined;
    const isLive = live.length > 0 || sessions.view(sessionId) !== undefined;
    if (!isLive && indexed !== undefined && (await presence.isGone(indexed))) return undefined;
    const view = sessions.view(sessionId);
    const decision = view?.decision ?? indexed?.summary.decision;
    // What has ended here may go on at another instance, as the index knows.
    const state =
      view === undefined || view.state === 'ended'
        ? (indexed?.summary.state ?? view?.state ?? 'active')
        : view.state;
    return {
      sessionId,
      facts: {
        state: state === 'ended' ? 'ended' : 'active',
        ...(decision === undefined ? {} : { decision }),
      },
      sources: [...(indexed?.blocks ?? []), ...live],
    };
  }

  #notFound(reason: NoReplayReason): NotFound {
    const { policies } = this.#o;
    return { found: false, reason, ...(reason === 'sampled_out' ? { policies } : {}) };
  }

  async #missing(sessionId: string): Promise<NotFound> {
    const { index, known, outcomes, sessions } = this.#o;
    const gone = known.goneReason(sessionId) ?? (await index.tombstone(sessionId))?.reason;
    if (gone !== undefined) return this.#notFound(gone);
    const view = sessions.view(sessionId);
    if (view !== undefined) {
      const isVetoed = view.veto !== undefined && view.decision === undefined;
      return isVetoed ? this.#sampledOut(view.veto) : this.#notFound('not_yet');
    }
    const here = known.shedFor(sessionId);
    if (here !== undefined) return { found: false, reason: 'shed', limit: here };
    const sampledOut = known.sampledOut(sessionId);
    if (sampledOut?.veto !== undefined) return this.#sampledOut(sampledOut.veto);
    // Others may have seen the segment for which it was dropped, or have had less room.
    const elsewhere = await outcomes.find(sessionId);
    if (elsewhere?.limit !== undefined) {
      return { found: false, reason: 'shed', limit: elsewhere.limit };
    }
    return sampledOut === undefined && elsewhere === undefined
      ? this.#notFound('never_recorded')
      : this.#sampledOut(elsewhere?.droppedBy);
  }

  #sampledOut(veto: Veto | undefined): NotFound {
    if (veto === undefined) return this.#notFound('sampled_out');
    const { policy, reason } = veto;
    return { found: false, reason: 'sampled_out', droppedBy: { policy, reason } };
  }

  #read(sessionId: string, wanted: readonly Located[]): AsyncGenerator<Uint8Array> {
    const { journal, store } = this.#o;
    const relocate = (lost: Located): Promise<Located | undefined> =>
      this.#relocate(sessionId, lost);
    return readLocated({ journal, store, relocate }, wanted);
  }

  async #relocate(sessionId: string, { entry }: Located): Promise<Located | undefined> {
    const wanted = JSON.stringify(entry.segment ?? entry.spans);
    const blocks = (await this.#o.index.session(sessionId))?.blocks ?? [];
    for (const source of blocks as Source[]) {
      const found = source.footer.entries.find(
        (e) => e.kind === entry.kind && JSON.stringify(e.segment ?? e.spans) === wanted,
      );
      if (found !== undefined) return { entry: found, source };
    }
    return undefined;
  }
}

const TELLING: readonly NoReplayReason[] = ['not_yet', 'deleted', 'expired', 'shed', 'sampled_out'];

function mostTelling(missing: readonly NotFound[]): NotFound | undefined {
  for (const reason of TELLING) {
    const found = missing.find((m) => m.reason === reason);
    if (found !== undefined) return found;
  }
  return undefined;
}
