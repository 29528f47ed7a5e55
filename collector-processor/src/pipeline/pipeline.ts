/**
 * Joins the rooms: journal, sessions, store and index. It is the sink of the receivers and the
 * reader of the replay API.
 */
import { join as joinPath } from 'node:path';
import { sessionOfKey } from '@otel-replay/protocol';
import type { ReplayReader } from '../api/reader.js';
import { systemClock, type Clock } from '../clock.js';
import { CoordinationUnavailableError } from '../coordinate/index.js';
import type { Sink } from '../receive/sink.js';
import { DEFAULT_POLICIES } from '../session/policies/index.js';
import { createSessions, type Effect } from '../session/sessions.js';
import { TraceJoin } from '../session/trace-join.js';
import { delegate } from '../store/delegate.js';
import { silentLogger, type Logger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { Announcer } from './announcer.js';
import type { Waiting } from './companions.js';
import type { ErasureOptions } from './erasure.js';
import { Endings } from './endings.js';
import { Erasures } from './erasures.js';
import { IndexDebts } from './index-debts.js';
import { IndexKeeper } from './index-keeper.js';
import { Intake } from './intake.js';
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';
import { KnownSessions } from './known-sessions.js';
import { Ledger } from './ledger.js';
import type { Pipeline, PipelineOptions } from './options.js';
import { Outcomes } from './outcomes.js';
import { Fingerprints } from './prints.js';
import { Presence } from './presence.js';
import { createReader } from './reader.js';
import { recover, takeUpActive } from './recover.js';
import { Sharing } from './sharing.js';
import { Shedding } from './shedding.js';
import { Sweeper } from './sweeper.js';
import { createRetry } from './retry.js';
import { SessionEffects } from './session-effects.js';
import type { SessionFacts } from './summary-writer.js';
import { unlessCancelled } from './unless-cancelled.js';
import { Watching } from './watching.js';
import { BlockWriter } from './writer.js';

export function createPipeline(options: PipelineOptions): Pipeline {
  return new ReplayPipeline(options);
}

class ReplayPipeline implements Pipeline {
  readonly sink: Sink;
  readonly reader: ReplayReader;
  readonly #o: PipelineOptions;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #sessions;
  readonly #join: TraceJoin<Waiting>;
  readonly #prints = new Fingerprints();
  readonly #known: KnownSessions;
  readonly #ledger: Ledger;
  readonly #writer: BlockWriter;
  readonly #announcer: Announcer;
  readonly #intake: Intake;
  readonly #sharing: Sharing;
  readonly #shedding: Shedding;
  readonly #sweeper: Sweeper | undefined;
  readonly #watching: Watching;
  readonly #keeper: IndexKeeper;
  readonly #debts: IndexDebts;
  readonly #endings: Endings;
  readonly #outcomes: Outcomes;
  readonly #erasures: Erasures;
  readonly #effects: SessionEffects;
  readonly #cancelled = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;

  constructor(o: PipelineOptions) {
    this.#o = o;
    const clock = (this.#clock = o.clock ?? systemClock);
    const metrics = (this.#metrics = o.metrics ?? new Metrics());
    const logger = (this.#logger = o.logger ?? silentLogger);
    const { journal, store, forwarder } = o;
    const retryOptions = o.retry ?? {};
    const debts = (this.#debts = new IndexDebts(joinPath(journal.directory, 'index-owed')));
    this.#keeper = new IndexKeeper({
      ...{ index: o.index, store, debts, logger, metrics, retry: retryOptions },
      onReady: () => this.#indexIsReady(),
    });
    const { index } = this.#keeper;
    const policies = o.policies ?? DEFAULT_POLICIES;
    const sessions = (this.#sessions = createSessions<JournaledSegment, JournaledCompanion>({
      ...o.session,
      isSplit: o.coordinator.isShared,
      policies,
    }));
    const join = (this.#join = new TraceJoin<Waiting>(o.join));
    const prints = this.#prints;
    const apply = (effects: readonly Effect<Journaled>[]): void => this.#effects.apply(effects);
    const known = (this.#known = new KnownSessions({
      ...{ index, sessions, prints, clock },
      onStored: (recordingId) => this.#announcer.note(recordingId),
      onGone: (id) => this.#erasures.erased(id),
      onDecided: (id, decision) => apply(sessions.applyDecision(id, decision, clock.now())),
      onForgotten: (id) => o.checkpoints?.forget(id),
    }));
    const ledger = (this.#ledger = new Ledger(metrics));
    const announcer = (this.#announcer = new Announcer(forwarder, logger));
    const keepForMs = o.retention?.defaultMs ?? 0;
    const tagging = delegate(store, {
      put: (key, bytes) => store.put(key, bytes, { keepForMs: this.#keepFor(key) ?? keepForMs }),
    });
    const writer = (this.#writer = new BlockWriter({
      ...{ journal, store: tagging, index, debts, ledger, clock, logger, metrics },
      flushIntervalMs: o.blocks?.flushIntervalMs ?? 60_000,
      firstBlockDelayMs: o.blocks?.firstBlockDelayMs ?? 1000,
      maxBlockBytes: o.blocks?.maxBlockBytes ?? 4 * 1024 * 1024,
      concurrency: o.writeConcurrency ?? 4,
      retry: createRetry(retryOptions, logger, metrics),
      facts: (sessionId) => this.#facts(sessionId),
      isErased: (sessionId) => this.#erasures.isErased(sessionId),
      onErased: (sessionId) => this.#erasures.erased(sessionId),
    }));
    const rooms = { journal, sessions, join, known, prints, ledger };
    const shedding = (this.#shedding = new Shedding({
      ...{ ...o.pressure, journal, sessions, metrics, logger, apply },
      pull: (sessionIds) => this.#sharing.pull(sessionIds),
    }));
    this.#intake = new Intake({
      ...{ ...rooms, forwarder, metrics, logger, shedding, apply },
      onTaken: (...taken) => this.#sharing.taken(...taken),
    });
    const { coordinator } = o;
    const erasure: ErasureOptions = { ...rooms, store, index, debts, writer, clock };
    const erasures = (this.#erasures = new Erasures({ ...erasure, coordinator, logger }));
    const { companions } = this.#intake;
    this.#sharing = new Sharing({
      ...{ coordinator, sessions, join, companions, erasures, clock, logger, apply },
    });
    this.#endings = new Endings({
      ...{ coordinator, sessions, writer, prints, clock, logger, apply },
    });
    const outcomes = (this.#outcomes = new Outcomes({ coordinator, logger }));
    this.#effects = new SessionEffects({
      ...{ journal, sessions, known, prints, ledger, writer, announcer, shedding, outcomes },
      ...{ sharing: this.#sharing, endings: this.#endings, metrics, onDecided: o.onDecided },
    });
    const watching = (this.#watching = new Watching({ coordinator, writer, clock, logger }));
    this.sink = this.#intake;
    const keeping = policies.filter((p) => p.role === 'keep').map((p) => p.name);
    const presence = new Presence({ store, index, known, clock, defaultKeepForMs: keepForMs });
    this.reader = createReader({
      ...{ ...erasure, erasures, watching, presence, outcomes, checkpoints: o.checkpoints },
      policies: keeping,
    });
    this.#sweeper =
      o.retention === undefined
        ? undefined
        : new Sweeper({
            ...{ ...o.retention, store, index, clock, logger, metrics },
            isLive: (id) => sessions.has(id) || writer.held(id).length > 0,
            onExpired: (id) => known.setGone(id, 'expired'),
          });
  }

  cancelStart(): void {
    this.#cancelled.abort();
  }

  async start(): Promise<void> {
    const { journal, store, indexGraceMs = 10_000 } = this.#o;
    const { signal } = this.#cancelled;
    if (!(await unlessCancelled(signal, store.start()))) return;
    await this.#keeper.start(indexGraceMs, signal);
    if (signal.aborted) return;
    await this.#sharing.start();
    const recovered = await recover({
      ...{ journal, ...this.#lookUps() },
      join: this.#join,
      prints: this.#prints,
      ledger: this.#ledger,
      companions: this.#intake.companions,
      now: this.#clock.now(),
      apply: (effects) => this.#effects.apply(effects),
    });
    await this.#sharing.recovered(recovered);
    this.#timer = setInterval(() => void this.tick(), this.#o.tickIntervalMs ?? 250);
  }

  async stop(drainTimeoutMs = this.#o.drainTimeoutMs ?? 10_000): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeper?.stop();
    await this.#ticking;
    await this.#intake.stop();
    // What others decided of sessions that are held here, while they can still be asked.
    await this.#sharing.sweep().catch((error: unknown) => {
      this.#logger.warn('decisions of others cannot be read any more', { error });
    });
    await this.#sharing.stop();
    await this.#erasures.settled();
    this.#endings.stop();
    await this.#writer.stop(drainTimeoutMs);
    await this.#endings.settled();
    await this.#outcomes.flush();
    await this.#announcer.flush();
    await this.#o.coordinator.stop();
    // An index that is being filled ends with the store.
    await Promise.all([this.#keeper.stop(), this.#o.store.stop()]);
    await this.#o.journal.stop();
  }

  /** What could not be looked up meanwhile. */
  async #indexIsReady(): Promise<void> {
    await takeUpActive(this.#lookUps());
    await this.#known.catchUp();
    await this.#keeper.pay();
  }

  #lookUps() {
    return {
      ...{ store: this.#o.store, index: this.#keeper.index, debts: this.#debts },
      ...{ known: this.#known, sessions: this.#sessions, logger: this.#logger },
    };
  }

  tick(): Promise<void> {
    this.#ticking ??= this.#tick()
      .catch((error: unknown) => {
        this.#logger.error('periodic work failed; it is repeated', { error });
      })
      .finally(() => (this.#ticking = undefined));
    return this.#ticking;
  }

  async settled(): Promise<void> {
    await Promise.all([this.#writer.settled(), this.#sweeper?.settled()]);
    await this.#endings.settled();
    await this.#writer.settled();
    await this.#erasures.settled();
  }

  async #tick(): Promise<void> {
    const now = this.#clock.now();
    this.#intake.companions.letGo(this.#join.expire(now));
    const due = this.#sessions.due(now);
    this.#effects.apply(this.#sessions.expire(await this.#pull(due, now), now));
    await this.#endings.tick(now);
    await this.#shedding.tick(now);
    this.#writer.tick(now);
    void this.#sweeper?.tick(now);
    this.#watching.tick(now);
    this.#outcomes.tick(now);
    void this.#announcer.flush();
    void this.#keeper.pay();
    const prefix = 'otelcol_processor_session_replay_';
    this.#metrics.set(`${prefix}buffer_bytes`, this.#o.journal.bytes);
    for (const state of ['buffering', 'keeping'] as const) {
      this.#metrics.set(`${prefix}sessions`, this.#sessions.count(state), { state });
    }
    this.#metrics.set(`${prefix}sessions`, this.#sessions.shedCount, { state: 'shed' });
  }

  /**
   * Before anything is dropped the others are asked whether they want it. Returns what may be
   * dropped; while they cannot be asked it is held, as long as the journal has room.
   */
  async #pull(all: readonly string[], now: number): Promise<readonly string[]> {
    const isOpen = (id: string): boolean => this.#sessions.isOpen(id, now);
    // Of several instances one has told what was decided; a single one has only its index for that.
    const { isShared } = this.#o.coordinator;
    const unknown = isShared ? [] : all.filter((id) => isOpen(id) && this.#known.isUnknown(id));
    this.#sessions.postpone(unknown, now);
    const due = unknown.length === 0 ? all : all.filter((id) => !unknown.includes(id));
    const open = due.filter(isOpen);
    if (due.length === 0) return due;
    try {
      // Kept ones too: somebody may want them stored for longer.
      await this.#sharing.pull(due);
      return due;
    } catch (error) {
      // That the store is away was logged when it went.
      if (!(error instanceof CoordinationUnavailableError)) {
        this.#logger.warn('decisions of others cannot be read; nothing is dropped', { error });
      }
      this.#sessions.postpone(open, now);
      return due.filter((id) => !isOpen(id));
    }
  }

  #keepFor(key: string): number | undefined {
    const sessionId = sessionOfKey(key);
    return sessionId === undefined ? undefined : this.#facts(sessionId)?.decision?.keepForMs;
  }

  #facts(sessionId: string): SessionFacts | undefined {
    const view = this.#sessions.view(sessionId);
    if (view === undefined) return undefined;
    const state = view.state === 'ended' ? 'ended' : 'active';
    const { decision, lastArrival: lastReceived } = view;
    return { state, lastReceived, ...(decision === undefined ? {} : { decision }) };
  }
}
