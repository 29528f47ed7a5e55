/**
 * Makes room while a limit is nearly reached: sessions that nobody wants yet are given up, each
 * whole, the same ones on every instance. What is kept is never given up for it.
 */
import { CoordinationUnavailableError } from '../coordinate/index.js';
import type { Journal } from '../journal/journal.js';
import {
  DEFAULT_THRESHOLDS,
  keepRatioOf,
  MAX_LEVEL,
  SheddingLevel,
} from '../pressure/shedding-level.js';
import type { Effect, Sessions } from '../session/sessions.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Journaled, JournaledCompanion, JournaledSegment } from './journaled.js';

export type PressureReason = 'memory' | 'journal' | 'disk' | 'store';

/** The key of the limit that is short, or what else helps. */
export interface ShortLimit {
  reason: PressureReason;
  key: string;
}

export interface SheddingSettings {
  /** `reject`: neither journal, disk nor store shed anything; senders get 503 instead. */
  onFull?: 'shed' | 'reject';
  /** Share of the memory in use, and the key that limits it. Without it memory is not watched. */
  memory?: { readonly used: number; readonly key: string };
  /** How often limits are looked at; default 1 s. */
  checkIntervalMs?: number;
}

export interface SheddingOptions extends SheddingSettings {
  journal: Journal;
  sessions: Sessions<JournaledSegment, JournaledCompanion>;
  metrics: Metrics;
  logger: Logger;
  /** Takes over what other instances decided. Throws CoordinationUnavailableError. */
  pull(sessionIds: readonly string[]): Promise<void>;
  apply(effects: readonly Effect<Journaled>[]): void;
}

const PREFIX = 'otelcol_processor_session_replay_';
/** Resident memory is given back late: what counts is how near the limit is. */
const MEMORY_THRESHOLDS = { ...DEFAULT_THRESHOLDS, raiseAt: 0.9, hurryAt: 0.95, lowerBelow: 0.85 };
const BUFFER = 'processors.session_replay.buffer.max_size';

/** Journal files free their room as a whole: this much of it can live before they are full. */
const LIVE_SHARE = 0.75;
/** What of the journal may wait for the store before others make room for it. */
const BACKLOG_SHARE = 0.5;

export class Shedding {
  readonly #o: SheddingOptions;
  readonly #levels: Readonly<Record<PressureReason, SheddingLevel>>;
  #level = 0;
  #limit: ShortLimit | undefined;
  #nextCheck = Number.NEGATIVE_INFINITY;

  constructor(options: SheddingOptions) {
    this.#o = options;
    this.#levels = {
      memory: new SheddingLevel(MEMORY_THRESHOLDS),
      journal: new SheddingLevel(),
      disk: new SheddingLevel(),
      store: new SheddingLevel(),
    };
  }

  /** Whose limit is short, while sessions are shed. */
  get limit(): ShortLimit | undefined {
    return this.#limit;
  }

  /** Looks at all limits, now and then. */
  async tick(now: number): Promise<void> {
    if (now < this.#nextCheck) return;
    this.#nextCheck = now + (this.#o.checkIntervalMs ?? 1000);
    await this.#measure();
    for (const [reason, used] of Object.entries(this.#readings()) as [PressureReason, number][]) {
      this.#levels[reason].update(this.#mayShed(reason) ? used : 0, now);
      this.#o.metrics.set(`${PREFIX}pressure_level`, Math.round(used * 100), { reason });
    }
    await this.#shed(now);
  }

  /**
   * The journal took no more. First what is released gives its room back, then, with `all`, every
   * session that nobody wants goes. False: nothing may be given up for it.
   */
  async makeRoom(now: number, { all }: { all: boolean }): Promise<boolean> {
    const { journal } = this.#o;
    await journal.flushReleases();
    // At the highest level all went before; who comes now is not let in.
    if (!all || this.#level === MAX_LEVEL) return true;
    await this.#measure();
    const reason = this.#journalReason();
    if (!this.#mayShed(reason)) return false;
    this.#levels[reason].update(1, now);
    await this.#shed(now);
    await journal.flushReleases();
    return true;
  }

  async #measure(): Promise<void> {
    const { journal, logger, metrics } = this.#o;
    await journal.measureCapacity().catch((error: unknown) => {
      logger.warn('the disk of file_storage cannot be measured', { error });
    });
    metrics.set(`${PREFIX}buffer_capacity_bytes`, journal.capacity);
    metrics.set(`${PREFIX}buffer_live_bytes`, journal.liveBytes);
    metrics.set(`${PREFIX}store_backlog_bytes`, this.#backlog());
  }

  #readings(): Partial<Record<PressureReason, number>> {
    const { journal, memory } = this.#o;
    const { bytes, capacity, liveBytes } = journal;
    const journalUsed = ratio(liveBytes, capacity * LIVE_SHARE);
    const isDisk = this.#journalReason() === 'disk';
    // A disk without room for one more file is full, whatever lives in the journal.
    const diskUsed = bytes >= capacity ? 1 : journalUsed;
    return {
      journal: isDisk ? ratio(liveBytes, journal.maxBytes * LIVE_SHARE) : journalUsed,
      disk: isDisk ? diskUsed : 0,
      store: ratio(this.#backlog(), capacity * BACKLOG_SHARE),
      ...(memory === undefined ? {} : { memory: memory.used }),
    };
  }

  /** What lives in the journal is held for a decision, or kept and waits for the store. */
  #backlog(): number {
    return Math.max(0, this.#o.journal.liveBytes - this.#o.sessions.heldBytes);
  }

  #journalReason(): 'journal' | 'disk' {
    return this.#o.journal.capacity < this.#o.journal.maxBytes ? 'disk' : 'journal';
  }

  #mayShed(reason: PressureReason): boolean {
    return reason === 'memory' || this.#o.onFull !== 'reject';
  }

  async #shed(now: number): Promise<void> {
    const { metrics, sessions } = this.#o;
    let worst: PressureReason = 'journal';
    for (const reason of Object.keys(this.#levels) as PressureReason[]) {
      const { level } = this.#levels[reason];
      metrics.set(`${PREFIX}shed_ratio`, 1 - keepRatioOf(level), { reason });
      if (level > this.#levels[worst].level) worst = reason;
    }
    const { level } = this.#levels[worst];
    this.#limit = level === 0 ? undefined : { reason: worst, key: this.#keyOf(worst) };
    this.#announce(level);
    const beyond = sessions.limitTo(keepRatioOf(level));
    if (beyond.length > 0 && (await this.#askOthers(beyond, level))) {
      this.#o.apply(sessions.shed(beyond, now));
    }
  }

  /** What others keep is not given up. When they cannot be asked, only where nothing else helps. */
  async #askOthers(sessionIds: readonly string[], level: number): Promise<boolean> {
    try {
      await this.#o.pull(sessionIds);
      return true;
    } catch (error) {
      if (!(error instanceof CoordinationUnavailableError)) throw error;
      return level >= MAX_LEVEL;
    }
  }

  #announce(level: number): void {
    if (level === this.#level) return;
    const { logger } = this.#o;
    const share = `${Math.round(keepRatioOf(level) * 1000) / 10} %`;
    if (level > this.#level) {
      const { key = '', reason = '' } = this.#limit ?? {};
      logger.warn('sessions are shed: a limit is too small for this load', {
        ...{ reason, limit: key, sessions_kept: share },
      });
    } else if (level > 0) logger.info('fewer sessions are shed', { sessions_kept: share });
    else logger.info('no more sessions are shed');
    this.#level = level;
  }

  #keyOf(reason: PressureReason): string {
    switch (reason) {
      case 'memory':
        return this.#o.memory?.key ?? 'processors.memory_limiter.limit_mib';
      case 'journal':
        return BUFFER;
      case 'disk':
        return 'extensions.file_storage.directory';
      case 'store':
        return `${BUFFER} (exporters.replay_store is slow or away)`;
    }
  }
}

/** A limit of nothing is always reached. */
function ratio(used: number, limit: number): number {
  return limit > 0 ? used / limit : 1;
}
