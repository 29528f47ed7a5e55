/**
 * Takes what the receiver cut: judges it, writes it to the journal, feeds the sessions, and passes
 * the rest on. Nothing is acknowledged before it is durable.
 */
import {
  checkKeyPart,
  ContractError,
  encodeRecord,
  type SegmentHeader,
  type SignalHeader,
} from '@otel-replay/protocol';
import type { Exporter } from '../forward/exporter.js';
import type { Journal, Position } from '../journal/journal.js';
import type { CutResult } from '../otlp/types.js';
import { OverloadedError, type AcceptResult, type Sink } from '../receive/sink.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { TraceJoin } from '../session/trace-join.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import {
  encodeCompanion,
  groupSpans,
  linkTraces,
  signalHeaders,
  type Waiting,
  type WaitingSpans,
} from './companions.js';
import {
  journaledCompanion,
  journaledSegment,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from './journaled.js';
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Fingerprints } from './prints.js';

export interface IntakeOptions {
  journal: Journal;
  forwarder: Pick<Exporter, 'enqueue'>;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  known: KnownSessions;
  prints: Fingerprints;
  ledger: Ledger;
  metrics: Metrics;
  logger: Logger;
  apply(effects: readonly Effect<Journaled>[]): void;
  /** Called when a request is in the journal: its signals, and the sessions that are new here. */
  onTaken(cut: CutResult, signals: readonly SignalHeader[], newSessions: readonly string[]): void;
}

interface NewSegment {
  header: SegmentHeader;
  key: string;
  bytes: Uint8Array;
}

/** A write that others may have to wait for, because they carry the same segment. */
interface Writing {
  done: Promise<unknown>;
}

export class Intake implements Sink {
  readonly #o: IntakeOptions;
  readonly #writing = new Map<string, Writing>();
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: IntakeOptions) {
    this.#o = options;
  }

  accept(
    cut: CutResult,
    request: { signal: 'traces' | 'logs'; receivedTime: number },
  ): Promise<AcceptResult> {
    if (this.#stopped) return Promise.reject(new OverloadedError('the processor is stopping', 5));
    const work = this.#accept(cut, request).finally(() => this.#running.delete(work));
    this.#running.add(work);
    return work;
  }

  /** Refuses what comes from now on and waits for what is being taken. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled([...this.#running]);
  }

  async #accept(
    cut: CutResult,
    { signal, receivedTime }: { signal: 'traces' | 'logs'; receivedTime: number },
  ): Promise<AcceptResult> {
    const refused = [...cut.rejected];
    const segments = cut.segments.filter(({ header }) => {
      const error = unusable(header);
      if (error !== undefined) refused.push(error);
      return error === undefined;
    });
    await this.#recall(segments.map((s) => s.header));
    await this.#take({ ...cut, segments }, receivedTime);
    for (let i = 0; i < refused.length; i++) this.#o.ledger.received('rejected', 0);
    if (cut.forward !== undefined) {
      await this.#o.forwarder.enqueue({
        signal,
        contentType: cut.contentType,
        body: cut.forward,
        itemCount: cut.forwardCount,
      });
    }
    // The receiver counts those of the cut itself.
    const rejectedSegments = refused.length - cut.rejected.length;
    return { rejectedSegments, errorMessage: explain(refused) };
  }

  async #recall(headers: readonly SegmentHeader[]): Promise<void> {
    const ids = new Set(headers.map((h) => h.sessionId));
    await Promise.all([...ids].map((id) => this.#o.known.recall(id)));
  }

  async #take(cut: CutResult, receivedTime: number): Promise<void> {
    const { journal, join, metrics } = this.#o;
    const own: Writing = { done: Promise.resolve() };
    const others = new Set<Writing>();
    const segments = this.#newSegments(cut, receivedTime, own, others);
    const awaited = linkTraces(
      join,
      cut.spans,
      cut.segments.map((s) => s.header),
    );
    const coming = new Set(segments.map((s) => s.header.sessionId));
    const newSessions = [...coming].filter((id) => !this.#o.sessions.has(id));
    const spans = this.#spansToKeep(cut, receivedTime, coming);
    const noted = new Set<SignalHeader>();
    const signals = signalHeaders(join, cut, receivedTime).filter((header) => {
      const { sessionId } = header;
      if (!this.#isKnown(sessionId, coming)) return true;
      noted.add(header);
      return this.#o.prints.note(sessionId, header);
    });
    for (const { kind, origin } of cut.signals) {
      metrics.add('otelcol_processor_session_replay_signals', 1, { kind, origin });
    }
    const records = [
      ...segments.map((s) => s.bytes),
      ...spans.map((waiting) => encodeCompanion(waiting)),
      ...signals.map((header) => encodeCompanion({ kind: 'signal', header })),
    ];
    const append = journal.appendAll(records);
    own.done = append;
    let positions: Position[] | undefined;
    try {
      positions = await append;
    } catch (error) {
      for (const { header } of spans) this.#o.prints.unnote(header.sessionId, header);
      for (const header of signals) this.#o.prints.unnote(header.sessionId, header);
      // Spans go on their way even when replay cannot be kept.
      if (segments.length > 0 || !(error instanceof OverloadedError)) throw error;
      this.#o.logger.warn('spans of replayed sessions are not kept beside the replay', { error });
    } finally {
      for (const { key } of segments) this.#writing.delete(key);
    }
    if (positions !== undefined) {
      let at = 0;
      for (const s of segments) this.#addSegment(s.header, positions[at++]!, receivedTime);
      for (const { header } of spans) {
        this.#addCompanion({ kind: 'spans', header }, positions[at++]!, receivedTime);
      }
      for (const header of signals) {
        this.#addNewSignal(header, positions[at++]!, receivedTime, noted.has(header));
      }
    }
    this.#o.onTaken(cut, signals, newSessions);
    await Promise.all([...others].map((w) => w.done));
    await this.admitWaiting(new Set([...coming, ...awaited]), receivedTime);
  }

  /** Encodes (and so copies) what was not taken before; the same in flight is waited for. */
  #newSegments(
    cut: CutResult,
    receivedTime: number,
    own: Writing,
    others: Set<Writing>,
  ): NewSegment[] {
    const { known, ledger, sessions } = this.#o;
    const fresh: NewSegment[] = [];
    for (const { header, data } of cut.segments) {
      const { sessionId, recordingId, index } = header;
      const partIndex = header.payload.partIndex ?? 0;
      const key = `${recordingId}/${index}/${partIndex}/${sessionId}`;
      const writing = this.#writing.get(key);
      if (writing !== undefined || sessions.hasSegment(sessionId, recordingId, index, partIndex)) {
        if (writing !== undefined && writing !== own) others.add(writing);
        ledger.received('duplicate', data.length);
      } else if (known.goneReason(sessionId) !== undefined) {
        ledger.received('accepted', data.length);
        ledger.droppedSegments(1, 'deleted');
      } else {
        const kept = { ...header, receivedTime };
        const bytes = encodeRecord({ kind: 'segment', header: kept, payload: data });
        fresh.push({ header: kept, key, bytes });
        this.#writing.set(key, own);
      }
    }
    return fresh;
  }

  /** Spans of known sessions; the others wait. */
  #spansToKeep(cut: CutResult, receivedTime: number, coming: ReadonlySet<string>): WaitingSpans[] {
    const { join, prints } = this.#o;
    const kept: WaitingSpans[] = [];
    for (const { owner, waiting } of groupSpans(join, cut, receivedTime)) {
      if ('sessionId' in owner && this.#isKnown(owner.sessionId, coming)) {
        if (prints.note(owner.sessionId, waiting.header)) kept.push(waiting);
      } else {
        this.letGo(join.wait(owner, waiting, receivedTime));
      }
    }
    return kept;
  }

  #isKnown(sessionId: string, coming: ReadonlySet<string>): boolean {
    return this.#o.sessions.has(sessionId) || coming.has(sessionId);
  }

  /** Its session may have become known while it was written: then it may be a repetition after all. */
  #addNewSignal(header: SignalHeader, position: Position, now: number, isNoted: boolean): void {
    const { journal, prints, sessions } = this.#o;
    const { sessionId } = header;
    if (!isNoted && sessions.has(sessionId) && !prints.note(sessionId, header)) {
      journal.release([position]);
    } else this.addSignal(header, position, now);
  }

  #addSegment(header: SegmentHeader, position: Position, now: number): void {
    const { journal, known, ledger, sessions } = this.#o;
    ledger.received('accepted', header.payload.size);
    const held = journaledSegment(header, position, now);
    if (known.goneReason(header.sessionId) !== undefined) {
      ledger.dropped([held], 'deleted'); // while it was written
      journal.release([position]);
      return;
    }
    this.#o.apply(sessions.addSegment(header.sessionId, held, header, now));
  }

  #addCompanion(
    record: { kind: 'spans'; header: WaitingSpans['header'] },
    position: Position,
    now: number,
  ): void {
    const { journal, sessions } = this.#o;
    const { sessionId } = record.header;
    if (!sessions.has(sessionId)) journal.release([position]);
    else {
      const held = journaledCompanion(record, position, now);
      this.#o.apply(sessions.addCompanion(sessionId, held, now));
    }
  }

  /** Takes a signal that is in the journal, or lets it wait there for its session. */
  addSignal(header: SignalHeader, position: Position, now: number): void {
    const { join, journal, known, sessions } = this.#o;
    const { sessionId, traceId } = header;
    if (sessionId !== '' && known.goneReason(sessionId) !== undefined) journal.release([position]);
    else if (sessions.has(sessionId)) {
      const held = journaledCompanion({ kind: 'signal', header }, position, now);
      this.#o.apply(sessions.addCompanion(sessionId, held, now));
      this.#o.apply(sessions.signal(sessionId, header, now));
    } else if (sessionId === '' && traceId === undefined) journal.release([position]);
    else {
      const owner = sessionId === '' ? { traceId: traceId! } : { sessionId };
      this.letGo(join.wait(owner, { kind: 'signal', bytes: 500, header, position }, now));
    }
  }

  /** Takes a signal of a known session that another instance received. */
  async takeSignal(header: SignalHeader, now: number): Promise<void> {
    const { journal, logger, prints, sessions } = this.#o;
    const { sessionId } = header;
    if (!prints.note(sessionId, header)) return;
    try {
      this.addSignal(
        header,
        await journal.append(encodeCompanion({ kind: 'signal', header })),
        now,
      );
    } catch (error) {
      prints.unnote(sessionId, header);
      if (!(error instanceof OverloadedError)) throw error;
      logger.warn('a signal is not kept beside the replay', { error });
      if (sessions.has(sessionId)) this.#o.apply(sessions.signal(sessionId, header, now));
    }
  }

  /** Takes what waited for those of the sessions that are known by now. */
  async admitWaiting(sessionIds: ReadonlySet<string>, now: number): Promise<void> {
    const { join, journal, prints, sessions } = this.#o;
    for (const sessionId of sessionIds) {
      if (!sessions.has(sessionId)) continue;
      for (const waiting of join.take(sessionId)) {
        waiting.header.sessionId = sessionId;
        const news = prints.note(sessionId, waiting.header);
        if (waiting.kind === 'spans') {
          if (news) await this.#admitSpans(waiting, now);
        } else if (news) this.addSignal(waiting.header, waiting.position, now);
        else journal.release([waiting.position]);
      }
    }
  }

  async #admitSpans(waiting: WaitingSpans, now: number): Promise<void> {
    try {
      const position = await this.#o.journal.append(encodeCompanion(waiting));
      this.#addCompanion(waiting, position, now);
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      this.#o.logger.warn('spans of a replayed session are not kept beside the replay', { error });
    }
  }

  /** What waited too long, or had to go for others. */
  letGo(gone: readonly Waiting[]): void {
    this.#o.journal.release(gone.flatMap((w) => (w.kind === 'signal' ? [w.position] : [])));
  }
}

/** Ids become folder names; what does not fit cannot be stored. */
function unusable(header: SegmentHeader): ContractError | undefined {
  try {
    checkKeyPart('session.id', header.sessionId);
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return error;
    throw error;
  }
}

function explain(errors: readonly ContractError[]): string {
  const first = errors[0];
  if (first === undefined) return '';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.message}${more}`;
}
