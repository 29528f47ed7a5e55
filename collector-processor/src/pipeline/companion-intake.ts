/**
 * Takes spans and signals: those of sessions that are known at once, the others when their session
 * is. Spans are copies and may be lost; signals are not, a decision may hang on them.
 */
import type { SignalHeader } from '@otel-replay/protocol';
import type { Journal, Position } from '../journal/journal.js';
import type { CutResult } from '../otlp/types.js';
import { OverloadedError } from '../receive/sink.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { TraceJoin } from '../session/trace-join.js';
import type { Logger } from '../telemetry/logger.js';
import {
  encodeCompanion,
  groupSpans,
  type SpanOwner,
  type Waiting,
  type WaitingSpans,
} from './companions.js';
import {
  journaledCompanion,
  type Journaled,
  type JournaledCompanion,
  type JournaledSegment,
} from './journaled.js';
import type { KnownSessions } from './known-sessions.js';
import type { Fingerprints } from './prints.js';

export interface CompanionIntakeOptions {
  journal: Journal;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  known: KnownSessions;
  prints: Fingerprints;
  logger: Logger;
  apply(effects: readonly Effect<Journaled>[]): void;
}

export class CompanionIntake {
  readonly #o: CompanionIntakeOptions;

  constructor(options: CompanionIntakeOptions) {
    this.#o = options;
  }

  /** Spans of known sessions; the others wait. */
  spansToKeep(cut: CutResult, receivedTime: number, coming: ReadonlySet<string>): WaitingSpans[] {
    const { join, prints, sessions } = this.#o;
    const kept: WaitingSpans[] = [];
    const toWait: { owner: SpanOwner; waiting: WaitingSpans }[] = [];
    let spanCount = 0;
    for (const { owner, waiting } of groupSpans(join, cut, receivedTime)) {
      if ('sessionId' in owner && this.isKnown(owner.sessionId, coming)) {
        if (prints.note(owner.sessionId, waiting.header)) kept.push(waiting);
      } else if (!('sessionId' in owner) || !sessions.isShed(owner.sessionId)) {
        toWait.push({ owner, waiting });
        spanCount += waiting.spanCount;
      }
    }
    const isMostOfBody = spanCount * 2 >= cut.spans.count;
    for (const { owner, waiting } of toWait) {
      // A few spans must not hold a large body.
      if (!isMostOfBody) waiting.detach();
      this.letGo(join.wait(owner, waiting, receivedTime));
    }
    return kept;
  }

  isKnown(sessionId: string, coming: ReadonlySet<string>): boolean {
    return this.#o.sessions.has(sessionId) || coming.has(sessionId);
  }

  addSpans(header: WaitingSpans['header'], position: Position, now: number): void {
    const { journal, sessions } = this.#o;
    const { sessionId } = header;
    if (!sessions.has(sessionId)) journal.release([position]);
    else {
      const held = journaledCompanion({ kind: 'spans', header }, position, now);
      this.#o.apply(sessions.addCompanion(sessionId, held, now));
    }
  }

  /** Its session may have become known while it was written: then it may be a repetition after all. */
  addNewSignal(header: SignalHeader, position: Position, now: number, isNoted: boolean): void {
    const { journal, prints, sessions } = this.#o;
    const { sessionId } = header;
    if (!isNoted && sessions.has(sessionId) && !prints.note(sessionId, header)) {
      journal.release([position]);
    } else this.addSignal(header, position, now);
  }

  /**
   * Takes a signal, or lets it wait for its session. Without a position it is not in the journal:
   * there was no room, and it is worth more than its record.
   */
  addSignal(header: SignalHeader, position: Position | undefined, now: number): void {
    const { join, known, sessions } = this.#o;
    const { sessionId, traceId } = header;
    const isGone = sessionId !== '' && known.goneReason(sessionId) !== undefined;
    if (isGone || sessions.isShed(sessionId)) this.#release(position);
    else if (sessions.has(sessionId)) {
      if (position !== undefined) {
        const held = journaledCompanion({ kind: 'signal', header }, position, now);
        this.#o.apply(sessions.addCompanion(sessionId, held, now));
      }
      this.#o.apply(sessions.signal(sessionId, header, now));
    } else if (sessionId === '' && traceId === undefined) this.#release(position);
    else {
      const owner = sessionId === '' ? { traceId: traceId! } : { sessionId };
      this.letGo(join.wait(owner, { kind: 'signal', bytes: 500, header, position }, now));
    }
  }

  /** Takes a signal of a known session that another instance received. */
  async takeSignal(header: SignalHeader, now: number): Promise<void> {
    const { journal, logger, prints } = this.#o;
    if (!prints.note(header.sessionId, header)) return;
    let position: Position | undefined;
    try {
      position = await journal.append(encodeCompanion({ kind: 'signal', header }));
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      logger.warn('a signal is not kept beside the replay', { error });
    }
    this.addSignal(header, position, now);
  }

  /** Takes what waited for those of the sessions that are known by now. */
  async admitWaiting(sessionIds: ReadonlySet<string>, now: number): Promise<void> {
    const { join, prints, sessions } = this.#o;
    for (const sessionId of sessionIds) {
      if (!sessions.has(sessionId)) continue;
      for (const waiting of join.take(sessionId)) {
        waiting.header.sessionId = sessionId;
        const news = prints.note(sessionId, waiting.header);
        if (waiting.kind === 'spans') {
          if (news) await this.#admitSpans(waiting, now);
        } else if (news) this.addSignal(waiting.header, waiting.position, now);
        else this.#release(waiting.position);
      }
    }
  }

  /** What waited too long, or had to go for others. */
  letGo(gone: readonly Waiting[]): void {
    for (const waiting of gone) if (waiting.kind === 'signal') this.#release(waiting.position);
  }

  async #admitSpans(waiting: WaitingSpans, now: number): Promise<void> {
    try {
      const position = await this.#o.journal.append(encodeCompanion(waiting));
      this.addSpans(waiting.header, position, now);
    } catch (error) {
      if (!(error instanceof OverloadedError)) throw error;
      this.#o.logger.warn('spans of a replayed session are not kept beside the replay', { error });
    }
  }

  #release(position: Position | undefined): void {
    if (position !== undefined) this.#o.journal.release([position]);
  }
}
