/**
 * Who decided what, and which trace belongs to which session. Payload stays with the instance that
 * received it; instances share one monotone fact per session, "keep until T". Every implementation
 * passes the contract suite beside this file.
 */
import type { Decision, Signal, Veto } from '@otel-replay/protocol';

export interface SharedDecision {
  sessionId: string;
  decision: Decision;
}

/** Somebody saw a span of the trace that names its session, or a segment that names the trace. */
export interface TraceLink {
  traceId: string;
  sessionId: string;
}

/** What travels of a signal: all that policies look at. */
export type SharedSignal = Signal;

/** Somebody saw a signal of a trace whose session is not known to them. */
export interface TraceSignal {
  traceId: string;
  signal: SharedSignal;
}

/** Both halves met. */
export interface JoinedSignal extends TraceLink {
  signal: SharedSignal;
}

/** Segments of a kept session came here. */
export interface Sighting {
  sessionId: string;
  /** Of the newest; Unix milliseconds. */
  time: number;
}

/** Why a session was not kept; neither: no policy wanted it. */
export interface Outcome {
  /** The `drop` policy that prevented it. */
  droppedBy?: Veto;
  /** The configuration key that was too small for the load: it was shed. */
  limit?: string;
}

export interface SharedOutcome {
  sessionId: string;
  outcome: Outcome;
}

export interface Erasure {
  /** A session, or all that is of a user, in a form that reveals nothing. */
  subject: string;
  /** Unix milliseconds. */
  time: number;
}

/**
 * The coordination store cannot be asked or told now. Retryable: what was to be told is kept and
 * told on return, what was asked must be asked again.
 */
export class CoordinationUnavailableError extends Error {
  override readonly name = 'CoordinationUnavailableError';
  readonly retryable = true;
}

/** The coordination store refuses us in a way that only another configuration can change. */
export class CoordinationConfigError extends Error {
  override readonly name = 'CoordinationConfigError';
  readonly retryable = false;
}

export interface Coordinator {
  /** For logs and metrics: `memory` or `redis`. */
  readonly name: string;
  /** Whether there may be other instances; if not, nobody needs links and signals. */
  readonly isShared: boolean;
  /** False while the store is away: {@link decisions} then rejects at once. */
  readonly isAvailable: boolean;
  /** Resolves also when the store is away. Throws {@link CoordinationConfigError}. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Tells the others. Monotone: the latest `keepUntil` wins, the first policy and reason stay.
   * @throws {@link CoordinationUnavailableError} told on return
   */
  publish(sessionId: string, decision: Decision): Promise<void>;
  /**
   * What is known of each, in the order asked; undefined: nobody decided. Asked before eviction.
   * @throws {@link CoordinationUnavailableError}
   */
  decisions(sessionIds: readonly string[]): Promise<(Decision | undefined)[]>;
  /**
   * Tells which session traces belong to. Written before it is read, as in {@link markSignals}, so
   * that of two who meet the second always finds the first; it gets the join.
   * @throws {@link CoordinationUnavailableError} told on return
   */
  linkTraces(links: readonly TraceLink[]): Promise<void>;
  /**
   * Tells of signals whose session is not known here; per trace the first few are remembered.
   * @throws {@link CoordinationUnavailableError} told on return
   */
  markSignals(signals: readonly TraceSignal[]): Promise<void>;
  /**
   * Tells that kept sessions go on here; remembered for `ttlMs`. Returns those that somebody ended
   * since anybody was last told so: they are to be called active again. Written before it is read,
   * as in {@link end}, so that of two who disagree one always learns of the other.
   * @throws {@link CoordinationUnavailableError} to be repeated
   */
  seen(sightings: readonly Sighting[], ttlMs: number): Promise<string[]>;
  /**
   * Tells that sessions are ended here, each at its `time`; remembered for `ttlMs`. Returns in the
   * order asked when anybody last saw each, Unix milliseconds; undefined: nobody did lately.
   * @throws {@link CoordinationUnavailableError} to be repeated
   */
  end(endings: readonly Sighting[], ttlMs: number): Promise<(number | undefined)[]>;
  /**
   * Tells what became of sessions that were not kept; remembered for {@link OUTCOME_TTL_MS}. That
   * no policy wanted one says nothing new to those who know why it was prevented.
   * @throws {@link CoordinationUnavailableError} to be repeated
   */
  tellOutcomes(outcomes: readonly SharedOutcome[]): Promise<void>;
  /**
   * What became of each, in the order asked; undefined: kept, still open, or too long ago.
   * @throws {@link CoordinationUnavailableError}
   */
  outcomes(sessionIds: readonly string[]): Promise<(Outcome | undefined)[]>;
  /**
   * The session of each trace that {@link linkTraces} told of, in the order asked.
   * @throws {@link CoordinationUnavailableError}
   */
  sessionsOf(traceIds: readonly string[]): Promise<(string | undefined)[]>;
  /**
   * Somebody looks at the session: it is watched for {@link WATCH_TTL_MS} from now, so repeat it
   * while they look.
   * @throws {@link CoordinationUnavailableError} told by the next repetition
   */
  watch(sessionId: string): Promise<void>;
  /**
   * Those of the sessions that are watched now, wherever. Asked from time to time by whoever holds
   * them: messages may be lost.
   * @throws {@link CoordinationUnavailableError}
   */
  watched(sessionIds: readonly string[]): Promise<string[]>;
  /** Called when another instance says that a session is watched; fast but lossy. */
  onWatch(listener: (sessionId: string) => void): void;
  /**
   * Something was erased: nobody may keep what they hold of it. Remembered for {@link ERASED_TTL_MS}.
   * @throws {@link CoordinationUnavailableError} told on return
   */
  erase(erasure: Erasure): Promise<void>;
  /**
   * When each of the subjects was erased, in the order asked, Unix milliseconds; undefined: it was
   * not. Asked before anything is kept: messages may be lost.
   * @throws {@link CoordinationUnavailableError}
   */
  erased(subjects: readonly string[]): Promise<(number | undefined)[]>;
  /** Called when another instance erases; fast but lossy, {@link erased} is the truth. */
  onErased(listener: (erasure: Erasure) => void): void;
  /** Called for decisions of other instances; fast but lossy, {@link decisions} is the truth. */
  onDecision(listener: (shared: SharedDecision) => void): void;
  /** Called with what {@link linkTraces} and {@link markSignals} of this instance found. */
  onJoined(listener: (joined: JoinedSignal) => void): void;
  /** Called when messages may have been missed: ask {@link decisions} about everything undecided. */
  onRecovered(listener: () => void): void;
}

/** Longer than anybody holds what nobody decided about, and than most sessions last. */
export const ERASED_TTL_MS = 86_400_000;

/** How long others can say why a session was not kept. */
export const OUTCOME_TTL_MS = 900_000;

/** How long a session counts as watched after {@link Coordinator.watch}. */
export const WATCH_TTL_MS = 10_000;

/** Signals remembered of one trace that has no session yet: so many errors, and so many findings. */
export const MAX_SIGNALS_PER_TRACE = 8;

/** Whether it says no more than that nobody wanted the session. */
export function isPlain({ droppedBy, limit }: Outcome): boolean {
  return droppedBy === undefined && limit === undefined;
}

/** No error, but something that policies look for; however many there are, they hide no error. */
export function isFinding({ kind }: SharedSignal): boolean {
  return kind === 'slow_span' || kind === 'attribute';
}

/** Whether a trace of which these are remembered may have this one too. */
export function hasRoomFor(known: readonly SharedSignal[], signal: SharedSignal): boolean {
  const alike = known.filter((other) => isFinding(other) === isFinding(signal));
  return alike.length < MAX_SIGNALS_PER_TRACE;
}
