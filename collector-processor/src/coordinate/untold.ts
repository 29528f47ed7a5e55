/**
 * What the others should know and may not: kept while the store is away, told on return. All of it
 * stays for a while after it was told, because a store that restarts has forgotten it.
 */
import type { Decision } from '@otel-replay/protocol';
import { ExpiringMap } from './expiring-map.js';
import {
  ERASED_TTL_MS,
  hasRoomFor,
  type Erasure,
  type TraceLink,
  type TraceSignal,
} from './index.js';
import { mergeDecisions } from '../session/merge-decisions.js';

interface Known {
  decision: Decision;
  /** The store has it, as far as we know. */
  told: boolean;
}

interface ToldLink {
  sessionId: string;
  /** Unix milliseconds. */
  at: number;
}

export interface UntoldOptions {
  /** How long decisions matter after their end. */
  decisionTtlMs: number;
  /** How long the store remembers links and signals. */
  traceTtlMs: number;
  /** Of each kind; beyond, the oldest goes. */
  maxEntries: number;
  onDiscarded(kind: 'link' | 'signal'): void;
}

export class Untold {
  readonly #options: UntoldOptions;
  readonly #decisions: ExpiringMap<Known>;
  readonly #erasures: ExpiringMap<{ time: number; told: boolean }>;
  readonly #links = new Map<string, string>();
  readonly #signals = new Map<string, TraceSignal[]>();
  readonly #toldLinks: ExpiringMap<ToldLink>;
  readonly #toldSignals: ExpiringMap<TraceSignal[]>;

  constructor(options: UntoldOptions) {
    this.#options = options;
    this.#decisions = new ExpiringMap(options.maxEntries);
    this.#erasures = new ExpiringMap(options.maxEntries);
    this.#toldLinks = new ExpiringMap(options.maxEntries);
    this.#toldSignals = new ExpiringMap(options.maxEntries);
  }

  /** What is to be told of a decision; undefined when the others know it. */
  addDecision(sessionId: string, decision: Decision, now: number): Decision | undefined {
    const known = this.#decisions.get(sessionId, now);
    const merged = mergeDecisions(known?.decision, decision);
    const told = known?.told === true && merged === known.decision;
    this.#remember(sessionId, { decision: merged, told }, now);
    return told ? undefined : merged;
  }

  /** The store has `decision`, or the others told it; anything later is still to be told. */
  toldDecision(sessionId: string, decision: Decision, now: number): void {
    const known = this.#decisions.get(sessionId, now)?.decision;
    const merged = known === undefined ? decision : mergeDecisions(decision, known);
    this.#remember(sessionId, { decision: merged, told: merged === decision }, now);
  }

  /** The store went away and may forget all it knew: what it was told lately is untold again. */
  lostStore(now: number): void {
    for (const [, known] of this.#decisions.entries(now)) known.told = false;
    for (const [, erasure] of this.#erasures.entries(now)) erasure.told = false;
    const links = [...this.#toldLinks.entries(now)];
    this.addLinks(links.map(([traceId, { sessionId }]) => ({ traceId, sessionId })));
    this.addSignals([...this.#toldSignals.entries(now)].flatMap(([, signals]) => signals));
    this.#toldLinks.clear();
    this.#toldSignals.clear();
  }

  addErasure({ subject, time }: Erasure, now: number): void {
    this.#erasures.set(subject, { time, told: false }, now + ERASED_TTL_MS, now);
  }

  toldErasure({ subject, time }: Erasure): void {
    const erasure = this.#erasures.get(subject, time);
    if (erasure?.time === time) erasure.told = true;
  }

  *untoldErasures(now: number): Generator<Erasure> {
    for (const [subject, { time, told }] of this.#erasures.entries(now)) {
      if (!told) yield { subject, time };
    }
  }

  /** Links the store does not have, or forgets before long: the same come with every request. */
  newLinks(links: readonly TraceLink[], now: number): TraceLink[] {
    return links.filter(({ traceId, sessionId }) => {
      const told = this.#toldLinks.get(traceId, now);
      return told?.sessionId !== sessionId || now - told.at >= this.#options.traceTtlMs / 2;
    });
  }

  toldLinks(links: readonly TraceLink[], at: number): void {
    const until = at + this.#options.traceTtlMs;
    for (const { traceId, sessionId } of links) {
      this.#toldLinks.set(traceId, { sessionId, at }, until, at);
    }
  }

  toldSignals(signals: readonly TraceSignal[], at: number): void {
    const until = at + this.#options.traceTtlMs;
    for (const signal of signals) {
      const known = this.#toldSignals.get(signal.traceId, at) ?? [];
      remember(known, signal);
      this.#toldSignals.set(signal.traceId, known, until, at);
    }
  }

  *untoldDecisions(now: number): Generator<[string, Decision]> {
    for (const [id, known] of this.#decisions.entries(now)) {
      if (!known.told) yield [id, known.decision];
    }
  }

  addLinks(links: readonly TraceLink[]): void {
    for (const { traceId, sessionId } of links) {
      this.#links.set(traceId, sessionId);
      if (this.#links.size > this.#options.maxEntries) {
        this.#links.delete(this.#links.keys().next().value!);
        this.#options.onDiscarded('link');
      }
    }
  }

  addSignals(signals: readonly TraceSignal[]): void {
    for (const signal of signals) {
      const known = this.#signals.get(signal.traceId) ?? [];
      remember(known, signal);
      this.#signals.set(signal.traceId, known);
      if (this.#signals.size > this.#options.maxEntries) {
        this.#signals.delete(this.#signals.keys().next().value!);
        this.#options.onDiscarded('signal');
      }
    }
  }

  /** Takes out up to `count` links; whoever cannot tell them adds them again. */
  takeLinks(count: number): TraceLink[] {
    return take(this.#links, count).map(([traceId, sessionId]) => ({ traceId, sessionId }));
  }

  takeSignals(count: number): TraceSignal[] {
    return take(this.#signals, count).flatMap(([, signals]) => signals);
  }

  counts(now: number): { decision: number; link: number; signal: number } {
    let decision = 0;
    for (const [, known] of this.#decisions.entries(now)) if (!known.told) decision++;
    return { decision, link: this.#links.size, signal: this.#signals.size };
  }

  #remember(sessionId: string, known: Known, now: number): void {
    const until = known.decision.keepUntil + this.#options.decisionTtlMs;
    this.#decisions.set(sessionId, known, until, now);
  }
}

function remember(known: TraceSignal[], news: TraceSignal): void {
  const signals = known.map(({ signal }) => signal);
  if (hasRoomFor(signals, news.signal)) known.push(news);
}

function take<V>(map: Map<string, V>, count: number): [string, V][] {
  const taken: [string, V][] = [];
  for (const entry of map) {
    if (taken.length === count) break;
    taken.push(entry);
  }
  for (const [key] of taken) map.delete(key);
  return taken;
}
