/** The coordinator of a single instance, or of several in one process (tests, simulations). */
import type { Decision } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import { ExpiringMap } from './expiring-map.js';
import {
  hasRoomFor,
  isPlain,
  ERASED_TTL_MS,
  OUTCOME_TTL_MS,
  WATCH_TTL_MS,
  type Coordinator,
  type Erasure,
  type JoinedSignal,
  type Outcome,
  type SharedDecision,
  type SharedOutcome,
  type SharedSignal,
  type Sighting,
  type TraceLink,
  type TraceSignal,
} from './index.js';
import { mergeDecisions } from '../session/merge-decisions.js';

export interface MemoryCoordinatorOptions {
  clock: Clock;
  /** How long a decision is remembered after its end; default 10 min. */
  decisionTtlMs?: number;
  /** How long a trace's session or signals are remembered; default 2 min. */
  traceTtlMs?: number;
}

/** What the instances share. */
export interface MemoryHub {
  /** One instance's view. */
  connect(name?: string): Coordinator;
}

/** Of a single instance: there is nobody to meet. */
export function createMemoryCoordinator(options: MemoryCoordinatorOptions): Coordinator {
  return new MemoryCoordinator(new Shared(options), 'memory', false);
}

export function createMemoryHub(options: MemoryCoordinatorOptions): MemoryHub {
  const shared = new Shared(options);
  return { connect: (name = 'memory') => new MemoryCoordinator(shared, name, true) };
}

class Shared {
  readonly clock: Clock;
  readonly decisionTtlMs: number;
  readonly traceTtlMs: number;
  readonly decisions = new ExpiringMap<Decision>();
  readonly sessionOf = new ExpiringMap<string>();
  readonly signalsOf = new ExpiringMap<SharedSignal[]>();
  readonly seen = new ExpiringMap<number>();
  readonly ended = new ExpiringMap<true>();
  readonly outcomes = new ExpiringMap<Outcome>();
  readonly watched = new ExpiringMap<true>();
  readonly erased = new ExpiringMap<number>();
  readonly members = new Set<MemoryCoordinator>();

  constructor(options: MemoryCoordinatorOptions) {
    this.clock = options.clock;
    this.decisionTtlMs = options.decisionTtlMs ?? 600_000;
    this.traceTtlMs = options.traceTtlMs ?? 120_000;
  }
}

class MemoryCoordinator implements Coordinator {
  readonly name: string;
  readonly isShared: boolean;
  readonly isAvailable = true;
  readonly #shared: Shared;
  #decisionListener: ((shared: SharedDecision) => void) | undefined;
  #joinListener: ((joined: JoinedSignal) => void) | undefined;
  #watchListener: ((sessionId: string) => void) | undefined;
  #erasureListener: ((erasure: Erasure) => void) | undefined;

  constructor(shared: Shared, name: string, isShared: boolean) {
    this.#shared = shared;
    this.name = name;
    this.isShared = isShared;
  }

  start(): Promise<void> {
    this.#shared.members.add(this);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#shared.members.delete(this);
    return Promise.resolve();
  }

  publish(sessionId: string, decision: Decision): Promise<void> {
    const { clock, decisions, decisionTtlMs, members } = this.#shared;
    const now = clock.now();
    const merged = mergeDecisions(decisions.get(sessionId, now), decision);
    decisions.set(sessionId, merged, Math.max(merged.keepUntil, now) + decisionTtlMs, now);
    for (const other of members) {
      if (other !== this) other.#decisionListener?.({ sessionId, decision: merged });
    }
    return Promise.resolve();
  }

  decisions(sessionIds: readonly string[]): Promise<(Decision | undefined)[]> {
    const now = this.#shared.clock.now();
    return Promise.resolve(sessionIds.map((id) => this.#shared.decisions.get(id, now)));
  }

  linkTraces(links: readonly TraceLink[]): Promise<void> {
    const { clock, sessionOf, signalsOf, traceTtlMs } = this.#shared;
    const now = clock.now();
    for (const { traceId, sessionId } of links) {
      sessionOf.set(traceId, sessionId, now + traceTtlMs, now);
      for (const signal of signalsOf.get(traceId, now) ?? []) {
        this.#joinListener?.({ traceId, sessionId, signal });
      }
    }
    return Promise.resolve();
  }

  markSignals(signals: readonly TraceSignal[]): Promise<void> {
    const { clock, sessionOf, signalsOf, traceTtlMs } = this.#shared;
    const now = clock.now();
    for (const { traceId, signal } of signals) {
      const known = signalsOf.get(traceId, now) ?? [];
      const all = hasRoomFor(known, signal) ? [...known, signal] : known;
      signalsOf.set(traceId, all, now + traceTtlMs, now);
      const sessionId = sessionOf.get(traceId, now);
      if (sessionId !== undefined) this.#joinListener?.({ traceId, sessionId, signal });
    }
    return Promise.resolve();
  }

  seen(sightings: readonly Sighting[], ttlMs: number): Promise<string[]> {
    const { clock, ended, seen } = this.#shared;
    const now = clock.now();
    const gone = sightings.filter(({ sessionId, time }) => {
      const latest = Math.max(time, seen.get(sessionId, now) ?? 0);
      seen.set(sessionId, latest, now + ttlMs, now);
      const wasEnded = ended.get(sessionId, now) === true;
      ended.delete(sessionId);
      return wasEnded;
    });
    return Promise.resolve(gone.map(({ sessionId }) => sessionId));
  }

  end(endings: readonly Sighting[], ttlMs: number): Promise<(number | undefined)[]> {
    const { clock, ended, seen } = this.#shared;
    const now = clock.now();
    for (const { sessionId } of endings) ended.set(sessionId, true, now + ttlMs, now);
    return Promise.resolve(endings.map(({ sessionId }) => seen.get(sessionId, now)));
  }

  tellOutcomes(told: readonly SharedOutcome[]): Promise<void> {
    const { clock, outcomes } = this.#shared;
    const now = clock.now();
    for (const { sessionId, outcome } of told) {
      if (isPlain(outcome) && outcomes.get(sessionId, now) !== undefined) continue;
      outcomes.set(sessionId, outcome, now + OUTCOME_TTL_MS, now);
    }
    return Promise.resolve();
  }

  outcomes(sessionIds: readonly string[]): Promise<(Outcome | undefined)[]> {
    const now = this.#shared.clock.now();
    return Promise.resolve(sessionIds.map((id) => this.#shared.outcomes.get(id, now)));
  }

  sessionsOf(traceIds: readonly string[]): Promise<(string | undefined)[]> {
    const now = this.#shared.clock.now();
    return Promise.resolve(traceIds.map((id) => this.#shared.sessionOf.get(id, now)));
  }

  watch(sessionId: string): Promise<void> {
    const { clock, members, watched } = this.#shared;
    const now = clock.now();
    watched.set(sessionId, true, now + WATCH_TTL_MS, now);
    for (const other of members) if (other !== this) other.#watchListener?.(sessionId);
    return Promise.resolve();
  }

  watched(sessionIds: readonly string[]): Promise<string[]> {
    const now = this.#shared.clock.now();
    return Promise.resolve(sessionIds.filter((id) => this.#shared.watched.get(id, now) === true));
  }

  onWatch(listener: (sessionId: string) => void): void {
    this.#watchListener = listener;
  }

  erase(erasure: Erasure): Promise<void> {
    const { clock, erased, members } = this.#shared;
    const now = clock.now();
    erased.set(erasure.subject, erasure.time, now + ERASED_TTL_MS, now);
    for (const other of members) if (other !== this) other.#erasureListener?.(erasure);
    return Promise.resolve();
  }

  erased(subjects: readonly string[]): Promise<(number | undefined)[]> {
    const now = this.#shared.clock.now();
    return Promise.resolve(subjects.map((subject) => this.#shared.erased.get(subject, now)));
  }

  onErased(listener: (erasure: Erasure) => void): void {
    this.#erasureListener = listener;
  }

  onDecision(listener: (shared: SharedDecision) => void): void {
    this.#decisionListener = listener;
  }

  onJoined(listener: (joined: JoinedSignal) => void): void {
    this.#joinListener = listener;
  }

  /** Nothing is ever missed here. */
  onRecovered(): void {
    return;
  }
}
