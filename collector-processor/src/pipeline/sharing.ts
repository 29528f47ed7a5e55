/**
 * What this instance tells the others and hears from them. Nothing here holds up a request: while
 * the coordination store is away each decides alone, and tells when it is back.
 */
import type { Decision, SignalHeader } from '@otel-replay/protocol';
import type { Clock } from '../clock.js';
import {
  CoordinationUnavailableError,
  type Coordinator,
  type JoinedSignal,
  type SharedSignal,
  type TraceLink,
} from '../coordinate/index.js';
import type { CutResult } from '../otlp/types.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { TraceJoin } from '../session/trace-join.js';
import type { Logger } from '../telemetry/logger.js';
import type { Waiting } from './companions.js';
import type { CompanionIntake } from './companion-intake.js';
import type { Erasures } from './erasures.js';
import type { Recovered } from './recover.js';
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';

export interface SharingOptions {
  coordinator: Coordinator;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  join: TraceJoin<Waiting>;
  companions: Pick<CompanionIntake, 'admitWaiting' | 'takeSignal'>;
  clock: Clock;
  logger: Logger;
  apply(effects: readonly Effect<Journaled>[]): void;
  erasures: Pick<Erasures, 'listen' | 'pull'>;
}

export class Sharing {
  readonly #o: SharingOptions;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: SharingOptions) {
    this.#o = options;
  }

  async start(): Promise<void> {
    const { clock, coordinator } = this.#o;
    coordinator.onDecision(({ sessionId, decision }) =>
      this.#apply(sessionId, decision, clock.now()),
    );
    coordinator.onJoined((joined) => this.#run(() => this.#joined(joined)));
    coordinator.onRecovered(() => this.#run(() => this.sweep()));
    this.#o.erasures.listen();
    await coordinator.start();
  }

  /** Hears nothing from now on; the coordinator itself may still be told. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running]);
  }

  /** What a request brought: sessions that are new here, and signals as they entered the journal. */
  taken(cut: CutResult, signals: readonly SignalHeader[], newSessions: readonly string[]): void {
    if (!this.#o.coordinator.isShared) return;
    // Others may have decided before any of the session came here.
    if (newSessions.length > 0) this.#run(() => this.pull(newSessions));
    this.#tell(linksOf(cut), signals);
  }

  /** What an earlier run left: it may not have told the others, and they may have decided since. */
  async recovered({ links, sessionIds, signals }: Recovered): Promise<void> {
    const { coordinator, sessions } = this.#o;
    if (!coordinator.isShared) return;
    this.#tell(links, signals);
    for (const id of sessionIds) {
      const decision = sessions.view(id)?.decision;
      if (decision !== undefined) this.publish(id, decision);
    }
    await this.sweep();
  }

  publish(sessionId: string, decision: Decision): void {
    // In a dry run each keeps what it has, and the first that is told counts.
    if (decision.dryRun?.kept === false) return;
    this.#run(() => this.#o.coordinator.publish(sessionId, decision));
  }

  /**
   * Takes over what others decided of these sessions, and lets go of what they erased.
   * Throws {@link CoordinationUnavailableError}.
   */
  async pull(sessionIds: readonly string[]): Promise<void> {
    const { coordinator, erasures } = this.#o;
    const [decisions] = await Promise.all([
      coordinator.decisions(sessionIds),
      erasures.pull(sessionIds),
    ]);
    const now = this.#o.clock.now();
    decisions.forEach((decision, i) => {
      if (decision !== undefined) this.#apply(sessionIds[i]!, decision, now);
    });
  }

  /** Asks about all that is here: messages may have been missed. */
  async sweep(): Promise<void> {
    await this.pull([...this.#o.sessions.ids()]).catch(ignoreUnavailable);
  }

  #tell(links: readonly TraceLink[], signals: readonly SignalHeader[]): void {
    const { coordinator, sessions } = this.#o;
    if (links.length > 0) this.#run(() => coordinator.linkTraces(links));
    const strangers = signals.filter((header) => !sessions.has(header.sessionId));
    for (const header of strangers) {
      if (header.sessionId !== '') this.#judge(header.sessionId, header);
    }
    const marks = strangers.flatMap((header) =>
      header.sessionId === '' && header.traceId !== undefined
        ? [{ traceId: header.traceId, signal: sharedSignal(header) }]
        : [],
    );
    if (marks.length > 0) this.#run(() => coordinator.markSignals(marks));
  }

  #apply(sessionId: string, decision: Decision, now: number): void {
    if (!this.#stopped) this.#o.apply(this.#o.sessions.applyDecision(sessionId, decision, now));
  }

  /** A signal met its session. Where segments of the session are, it is kept with them. */
  async #joined({ traceId, sessionId, signal }: JoinedSignal): Promise<void> {
    const { clock, companions, join, sessions } = this.#o;
    if (this.#stopped) return;
    join.link(traceId, sessionId);
    if (!sessions.has(sessionId)) {
      this.#judge(sessionId, signal);
      return;
    }
    const now = clock.now();
    await companions.admitWaiting(new Set([sessionId]), now);
    await companions.takeSignal({ ...signal, traceId, sessionId, receivedTime: now }, now);
  }

  /** Decides for the others about a session that is not here. */
  #judge(sessionId: string, signal: SharedSignal): void {
    const now = this.#o.clock.now();
    const decision = this.#o.sessions.judge(sessionId, signal, now);
    if (decision !== undefined) this.publish(sessionId, decision);
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch(ignoreUnavailable)
      .catch((error: unknown) => {
        this.#o.logger.error('sharing with other instances failed', { error });
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}

/** The coordinator has counted and logged it, and repeats it where that helps. */
function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof CoordinationUnavailableError)) throw error;
}

function linksOf({ segments, spans }: CutResult): TraceLink[] {
  const sessionOf = new Map<string, string>();
  for (const { header } of segments) {
    for (const traceId of header.traceIds) sessionOf.set(traceId, header.sessionId);
  }
  for (let i = 0; i < spans.count; i++) {
    const sessionId = spans.sessionId(i);
    if (sessionId !== undefined) sessionOf.set(spans.traceId(i), sessionId);
  }
  return [...sessionOf].map(([traceId, sessionId]) => ({ traceId, sessionId }));
}

function sharedSignal(header: SignalHeader): SharedSignal {
  const signal: Partial<SignalHeader> & SharedSignal = { ...header };
  delete signal.sessionId;
  delete signal.receivedTime;
  return signal;
}
