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
import { recordsOf, removeShed, type Batch, type NewSegment } from './batch.js';
import { CompanionIntake } from './companion-intake.js';
import { linkTraces, signalHeaders, type Waiting } from './companions.js';
import {
  journaledSegment,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from './journaled.js';
import type { KnownSessions } from './known-sessions.js';
import type { Ledger } from './ledger.js';
import type { Fingerprints } from './prints.js';
import type { Shedding } from './shedding.js';

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
  shedding: Pick<Shedding, 'makeRoom'>;
  /** Called when a request is in the journal: its signals, and the sessions that are new here. */
  onTaken(cut: CutResult, signals: readonly SignalHeader[], newSessions: readonly string[]): void;
}

/** A write that others may have to wait for, because they carry the same segment. */
interface Writing {
  done: Promise<unknown>;
}

export class Intake implements Sink {
  /** Takes what belongs to sessions besides segments. */
  readonly companions: CompanionIntake;
  readonly #o: IntakeOptions;
  readonly #writing = new Map<string, Writing>();
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: IntakeOptions) {
    this.#o = options;
    this.companions = new CompanionIntake(options);
  }

  accept(
    cut: CutResult,
    request: { signal: 'traces' | 'logs'; receivedTime: number },
  ): Promise<AcceptResult> {
    if (this.#stopped)
      return Promise.reject(new OverloadedError('the processor is stopping', 5, 'stopping'));
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
    const taken = this.#take({ ...cut, segments }, receivedTime);
    // Segments may be refused, and then the sender repeats all of it; ordinary spans do not wait.
    if (segments.length > 0) await taken;
    const [shed] = await allDone([taken, this.#forward(cut, signal)]);
    for (let i = 0; i < refused.length; i++) this.#o.ledger.received('rejected', 0);
    // The receiver counts those of the cut itself.
    const rejectedSegments = refused.length - cut.rejected.length;
    return { rejectedSegments, errorMessage: explain(refused, shed) };
  }

  async #forward(cut: CutResult, signal: 'traces' | 'logs'): Promise<void> {
    if (cut.forward === undefined) return;
    await this.#o.forwarder.enqueue({
      signal,
      contentType: cut.contentType,
      body: cut.forward,
      itemCount: cut.forwardCount,
    });
  }

  async #recall(headers: readonly SegmentHeader[]): Promise<void> {
    const ids = new Set(headers.map((h) => h.sessionId));
    await Promise.all([...ids].map((id) => this.#o.known.recall(id)));
  }

  /** Returns how many segments were shed. */
  async #take(cut: CutResult, receivedTime: number): Promise<number> {
    const { join, metrics, sessions } = this.#o;
    const others = new Set<Writing>();
    const own: Writing = { done: Promise.resolve() };
    const ids = new Set(cut.segments.map((s) => s.header.sessionId));
    const newSessions = [...ids].filter((id) => !sessions.has(id) && !sessions.isShed(id));
    this.#admit(ids, receivedTime);
    const { segments, shed } = this.#newSegments(cut, receivedTime, own, others);
    const headers = cut.segments.map((s) => s.header);
    const awaited = linkTraces(join, cut.spans, headers);
    const coming = new Set(segments.map((s) => s.header.sessionId));
    for (const { kind, origin } of cut.signals) {
      metrics.add('otelcol_processor_session_replay_signals', 1, { kind, origin });
    }
    const batch: Batch = {
      ...{ segments, shed, now: receivedTime },
      spans: this.companions.spansToKeep(cut, receivedTime, coming),
      ...this.#signalsToKeep(cut, receivedTime, coming),
    };
    const writing = this.#write(batch);
    own.done = writing;
    try {
      await writing;
    } finally {
      for (const { key } of segments) this.#writing.delete(key);
    }
    this.#o.onTaken(cut, [...batch.signals, ...batch.passedOn], newSessions);
    await Promise.all([...others].map((w) => w.done));
    await this.companions.admitWaiting(new Set([...coming, ...awaited]), receivedTime);
    return batch.shed;
  }

  /** Writes a batch and hands it to the sessions; makes room for it where that is allowed. */
  async #write(batch: Batch): Promise<void> {
    const { now, signals } = batch;
    let positions: Position[] | undefined;
    try {
      positions = await this.#append(batch);
    } catch (error) {
      for (const { header } of batch.spans) this.#o.prints.unnote(header.sessionId, header);
      // Spans go on their way even when replay cannot be kept, and signals are judged.
      if (batch.segments.length === 0 && error instanceof OverloadedError) {
        this.#o.logger.warn('spans of replayed sessions are not kept beside the replay', { error });
        for (const header of signals) this.companions.addSignal(header, undefined, now);
        return;
      }
      for (const header of signals) this.#o.prints.unnote(header.sessionId, header);
      throw error;
    }
    let at = 0;
    for (const s of batch.segments) this.#addSegment(s.header, positions[at++]!, now);
    for (const { header } of batch.spans) this.companions.addSpans(header, positions[at++]!, now);
    for (const header of signals) {
      this.companions.addNewSignal(header, positions[at++]!, now, batch.noted.has(header));
    }
  }

  /** Throws OverloadedError when there is no room even for what must not be shed. */
  async #append(batch: Batch): Promise<Position[]> {
    const { journal, shedding } = this.#o;
    for (const all of [false, true]) {
      try {
        return await journal.appendAll(recordsOf(batch));
      } catch (error) {
        if (!isFull(error) || !(await shedding.makeRoom(batch.now, { all }))) throw error;
        if (all) this.#shedFrom(batch);
      }
    }
    return journal.appendAll(recordsOf(batch));
  }

  /** Takes out what belongs to sessions that had to go. */
  #shedFrom(batch: Batch): void {
    const { ledger, sessions } = this.#o;
    this.#admit(new Set(batch.segments.map((s) => s.header.sessionId)), batch.now);
    for (const { header } of removeShed(batch, (id) => sessions.isShed(id))) {
      ledger.received('accepted', header.payload.size);
      ledger.droppedSegments(1, 'shed');
    }
  }

  #admit(sessionIds: Iterable<string>, now: number): void {
    for (const id of sessionIds) this.#o.apply(this.#o.sessions.admit(id, now));
  }

  /** Those of shed sessions are only passed on: another instance may hold more of them. */
  #signalsToKeep(
    cut: CutResult,
    receivedTime: number,
    coming: ReadonlySet<string>,
  ): Pick<Batch, 'signals' | 'noted' | 'passedOn'> {
    const noted = new Set<SignalHeader>();
    const passedOn: SignalHeader[] = [];
    const signals = signalHeaders(this.#o.join, cut, receivedTime).filter((header) => {
      const { sessionId } = header;
      if (this.#o.sessions.isShed(sessionId)) passedOn.push(header);
      else if (!this.companions.isKnown(sessionId, coming)) return true;
      else {
        noted.add(header);
        return this.#o.prints.note(sessionId, header);
      }
      return false;
    });
    return { signals, noted, passedOn };
  }

  /** Encodes (and so copies) what was not taken before; the same in flight is waited for. */
  #newSegments(
    cut: CutResult,
    receivedTime: number,
    own: Writing,
    others: Set<Writing>,
  ): { segments: NewSegment[]; shed: number } {
    const { known, ledger, sessions } = this.#o;
    const segments: NewSegment[] = [];
    let shed = 0;
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
      } else if (sessions.isShed(sessionId)) {
        ledger.received('accepted', data.length);
        ledger.droppedSegments(1, 'shed');
        shed++;
      } else {
        const kept = { ...header, receivedTime };
        const bytes = encodeRecord({ kind: 'segment', header: kept, payload: data });
        segments.push({ header: kept, key, bytes });
        this.#writing.set(key, own);
      }
    }
    return { segments, shed };
  }

  #addSegment(header: SegmentHeader, position: Position, now: number): void {
    const { journal, known, ledger, sessions } = this.#o;
    ledger.received('accepted', header.payload.size);
    const held = journaledSegment(header, position, now);
    const isGone = known.goneReason(header.sessionId) !== undefined;
    if (isGone || sessions.isShed(header.sessionId)) {
      ledger.dropped([held], isGone ? 'deleted' : 'shed'); // while it was written
      journal.release([position]);
      return;
    }
    this.#o.apply(sessions.addSegment(header.sessionId, held, header, now));
  }
}

/** Waits for both, also when one fails: a request is answered when nothing of it is under way. */
async function allDone<A, B>(work: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
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

function isFull(error: unknown): boolean {
  const shortage = error instanceof OverloadedError ? error.shortage : undefined;
  return shortage === 'journal' || shortage === 'disk';
}

/** For the sender's log: why segments are not kept although the request was taken. */
function explain(errors: readonly ContractError[], shed: number): string {
  const first = errors[0];
  if (first === undefined) {
    return shed === 0 ? '' : `${shed} replay segments were shed: the processor is under pressure`;
  }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.message}${more}`;
}
