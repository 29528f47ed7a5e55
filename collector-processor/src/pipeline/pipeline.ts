/**
 * Joins the rooms: journal, sessions, store and index. It is the sink of the receivers and the
 * reader of the replay API.
 */
import { join as joinPath } from 'node:path';
import { sessionOfKey, type Decision } from '@otel-replay/protocol';
import type { ReplayReader } from '../api/reader.js';
import { systemClock, type Clock } from '../clock.js';
import { CoordinationUnavailableError, type Coordinator } from '../coordinate/index.js';
import type { Exporter } from '../forward/exporter.js';
import type { SessionIndex } from '../index/index.js';
import type { Journal } from '../journal/journal.js';
import type { Sink } from '../receive/sink.js';
import { DEFAULT_POLICIES, type Policy } from '../session/policies/index.js';
import { createSessions, type Effect, type SessionsOptions } from '../session/sessions.js';
import { TraceJoin, type TraceJoinOptions } from '../session/trace-join.js';
import { delegate } from '../store/delegate.js';
import type { Store } from '../store/index.js';
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
import { Outcomes } from './outcomes.js';
import { Fingerprints } from './prints.js';
import { Presence } from './presence.js';
import { createReader } from './reader.js';
import { recover, takeUpActive } from './recover.js';
import { Sharing } from './sharing.js';
import { Shedding, type SheddingSettings } from './shedding.js';
import { Sweeper, type RetentionOptions } from './sweeper.js';
import { createRetry, type RetryOptions } from './retry.js';
import type { BlockTiming } from './session-writer.js';
import { Watching } from './watching.js';
import { BlockWriter, type SessionFacts } from './writer.js';

export interface PipelineOptions {
  /** Started and stopped by the pipeline, with `store`, `index` and `coordinator`. */
  journal: Journal;
  store: Store;
  index: SessionIndex;
  coordinator: Coordinator;
  /** Where everything goes that is not replay; its owner starts it before and stops it after. */
  forwarder: Pick<Exporter, 'enqueue'>;
  /** Default: every session is kept. */
  policies?: readonly Policy[];
  clock?: Clock;
  metrics?: Metrics;
  logger?: Logger;
  session?: Omit<SessionsOptions, 'policies'>;
  join?: TraceJoinOptions;
  /** Defaults: 60 s, 1 s, 4 MiB. */
  blocks?: Partial<BlockTiming>;
  retry?: RetryOptions;
  /** How long a start waits for an index that is away or being filled; default 10 s. */
  indexGraceMs?: number;
  /** Called when a session is first decided to be kept. */
  onDecided?: (sessionId: string, decision: Decision) => void;
  /** Without it sessions are kept for ever. */
  retention?: RetentionOptions;
  /** How often what is due is done; default 250 ms. */
  tickIntervalMs?: number;
  /** How long `stop` waits for the store; default 10 s. */
  drainTimeoutMs?: number;
  /** Blocks written at the same time; default 4. */
  writeConcurrency?: number;
  /** What happens when memory, journal, disk or store run short; default: sessions are shed. */
  pressure?: SheddingSettings;
}

export interface Pipeline {
  /**
   * Opens the rooms, takes up what the last run left. A store or an index that is away is waited for
   * in the background. Throws what only an operator can mend.
   */
  start(): Promise<void>;
  /** Has a start that is under way end soon; then only {@link stop} is possible. */
  cancelStart(): void;
  /**
   * Writes what is kept and closes the rooms; what the store does not take within `drainTimeoutMs`
   * (default: as configured) stays in the journal for the next start.
   */
  stop(drainTimeoutMs?: number): Promise<void>;
  /** Does what is due; runs by itself every `tickIntervalMs`. */
  tick(): Promise<void>;
  /** Resolves when nothing that was begun is still on its way to the store. */
  settled(): Promise<void>;
  readonly sink: Sink;
  readonly reader: ReplayReader;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  return new ReplayPipeline(options);
}

type DecidedEffect = Extract<Effect<Journaled>, { type: 'decided' }>;
type EndedEffect = Extract<Effect<Journaled>, { type: 'ended' }>;

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
    const known = (this.#known = new KnownSessions({
      ...{ index, sessions, prints, clock },
      onStored: (recordingId) => this.#announcer.note(recordingId),
      onGone: (id) => this.#erasures.erased(id),
      onDecided: (id, decision) => this.#apply(sessions.applyDecision(id, decision, clock.now())),
    }));
    const ledger = (this.#ledger = new Ledger(metrics));
    this.#announcer = new Announcer(forwarder, logger);
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
    const apply = (effects: readonly Effect<Journaled>[]): void => this.#apply(effects);
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
    const watching = (this.#watching = new Watching({ coordinator, writer, clock, logger }));
    this.sink = this.#intake;
    const keeping = policies.filter((p) => p.role === 'keep').map((p) => p.name);
    const presence = new Presence({ store, index, known, clock, defaultKeepForMs: keepForMs });
    this.reader = createReader({
      ...{ ...erasure, erasures, watching, presence, outcomes },
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
      apply: (effects) => this.#apply(effects),
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
    this.#apply(this.#sessions.expire(await this.#pull(due, now), now));
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

  #apply(effects: readonly Effect<Journaled>[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'keep':
          this.#keep(effect.sessionId, effect.held);
          break;
        case 'drop':
          this.#ledger.dropped(effect.held, effect.reason);
          this.#o.journal.release(effect.held.map((h) => h.position));
          break;
        case 'decided':
          this.#decided(effect);
          break;
        case 'idle':
          this.#endings.ask(effect.sessionId);
          break;
        case 'ended':
          this.#ended(effect);
          break;
        case 'resumed':
          void this.#writer.saveSummary(effect.sessionId);
          break;
        case 'shed':
          this.#shed(effect.sessionId);
      }
    }
  }

  #shed(sessionId: string): void {
    const { key, reason } = this.#shedding.limit ?? { key: 'unknown', reason: 'journal' };
    this.#known.setShed(sessionId, key);
    this.#outcomes.note(sessionId, { limit: key });
    this.#prints.forget(sessionId);
    this.#metrics.add('otelcol_processor_session_replay_sessions_shed', 1, { reason });
  }

  #keep(sessionId: string, held: readonly Journaled[]): void {
    this.#writer.keep(sessionId, held);
    const decision = this.#sessions.view(sessionId)?.decision;
    if (decision === undefined) return;
    for (const { kind, recordingId } of held) {
      if (kind === 'segment') this.#announcer.announce(sessionId, recordingId, decision);
    }
  }

  #decided({ sessionId, decision, first, prolonged, outcomeChanged }: DecidedEffect): void {
    this.#sharing.publish(sessionId, decision);
    const { keepForMs } = decision;
    if (prolonged && keepForMs !== undefined) this.#writer.prolong(sessionId, keepForMs);
    if (first) this.#o.onDecided?.(sessionId, decision);
    const { policy, dryRun } = decision;
    if (!first && outcomeChanged !== true) return;
    const name = 'otelcol_processor_session_replay_decisions';
    if (dryRun === undefined) this.#metrics.add(name, 1, { policy, dry_run: 'false' });
    else if (dryRun.kept) {
      this.#metrics.add(name, 1, { policy: dryRun.policy ?? '', dry_run: 'true' });
    }
    void this.#writer.saveSummary(sessionId);
  }

  #ended({ sessionId, kept, veto }: EndedEffect): void {
    const outcome = this.#sessions.view(sessionId)?.decision?.dryRun;
    if (!kept || outcome?.kept === false) {
      const policy = (kept ? outcome?.policy : veto?.policy) ?? '';
      const name = 'otelcol_processor_session_replay_sessions_sampled_out';
      this.#metrics.add(name, 1, { policy, dry_run: kept ? 'true' : 'false' });
    }
    if (!kept) {
      this.#known.setSampledOut(sessionId, veto);
      const droppedBy = veto && { policy: veto.policy, reason: veto.reason };
      this.#outcomes.note(sessionId, droppedBy === undefined ? {} : { droppedBy });
      this.#prints.forget(sessionId);
      return;
    }
    this.#endings.end(sessionId);
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

/** False: cancelled before it was done. */
async function unlessCancelled(signal: AbortSignal, work: Promise<void>): Promise<boolean> {
  work.catch(() => undefined); // nobody waits for it once it is cancelled
  const cancelled = new Promise<false>((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  return Promise.race([work.then(() => true), cancelled]);
}
