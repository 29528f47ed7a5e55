/**
 * Coordination through Redis or Valkey. Correctness never hangs on a message: joins write before
 * they read, decisions are pulled before anything is evicted; pub/sub only makes it fast. While the
 * store is away calls fail at once, and what was to be told is kept here and told on return.
 */
import type { Decision } from '@otel-replay/protocol';
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type {
  Coordinator,
  Erasure,
  JoinedSignal,
  Outcome,
  SharedDecision,
  SharedOutcome,
  Sighting,
  TraceLink,
  TraceSignal,
} from './index.js';
import { RedisChannel } from './redis-channel.js';
import {
  readDecisions,
  readErased,
  readOutcomes,
  readWatched,
  writeDecision,
  writeEndings,
  writeErasure,
  writeOutcomes,
  writeSightings,
  writeWatch,
} from './redis-commands.js';
import type { RedisServerOptions } from './redis-connection.js';
import { redisKeys, type RedisKeys } from './redis-format.js';
import { batches, RedisStore } from './redis-store.js';
import { RedisTraces } from './redis-traces.js';
import { Untold } from './untold.js';

export interface RedisCoordinatorOptions extends RedisServerOptions {
  /** Of every key and of the channel; instances with the same one share. Default `session_replay:`. */
  keyPrefix?: string;
  /** How long a decision is remembered after its end; default 10 min. */
  decisionTtlMs?: number;
  /** How long a trace's session or signals are remembered; default 2 min. */
  traceTtlMs?: number;
  /** How often both connections are tried and what is untold is told; default 5 s. */
  heartbeatIntervalMs?: number;
  /** Decisions, links and traces with signals that may wait for the store, each; default 100,000. */
  maxUntold?: number;
}

export interface RedisCoordinatorDeps {
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
}

const PREFIX = 'otelcol_processor_session_replay_coordination_';

/** Throws at `start`, see {@link Coordinator}; needs Redis 7.0 or later, or Valkey. */
export function createRedisCoordinator(
  options: RedisCoordinatorOptions,
  deps: RedisCoordinatorDeps,
): Coordinator {
  return new RedisCoordinator(options, deps);
}

class RedisCoordinator implements Coordinator {
  readonly name = 'redis';
  readonly isShared = true;
  readonly #keys: RedisKeys;
  readonly #decisionTtlMs: number;
  readonly #heartbeatIntervalMs: number;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #store: RedisStore;
  readonly #channel: RedisChannel;
  readonly #traces: RedisTraces;
  readonly #untold: Untold;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #decisionListener: ((shared: SharedDecision) => void) | undefined;
  #joinListener: ((joined: JoinedSignal) => void) | undefined;
  #watchListener: ((sessionId: string) => void) | undefined;
  #erasureListener: ((erasure: Erasure) => void) | undefined;
  #recoveryListener: (() => void) | undefined;

  constructor(options: RedisCoordinatorOptions, deps: RedisCoordinatorDeps) {
    const { keyPrefix = 'session_replay:', database = 0 } = options;
    const { traceTtlMs = 120_000, maxUntold = 100_000 } = options;
    const { clock, logger, metrics } = deps;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#keys = redisKeys(keyPrefix, database);
    this.#decisionTtlMs = options.decisionTtlMs ?? 600_000;
    this.#heartbeatIntervalMs = options.heartbeatIntervalMs ?? 5000;
    this.#untold = new Untold({
      decisionTtlMs: this.#decisionTtlMs,
      traceTtlMs,
      maxEntries: maxUntold,
      onDiscarded: (kind) => metrics.add(`${PREFIX}discarded`, 1, { kind }),
    });
    this.#store = new RedisStore(options, {
      ...{ logger, metrics },
      onUp: () => void this.#tellAll().then(() => this.#recoveryListener?.()),
      onDown: () => this.#untold.lostStore(clock.now()),
    });
    this.#channel = new RedisChannel(options, {
      ...{ logger, metrics, channel: this.#keys.channel },
      onSubscribed: () => this.#recoveryListener?.(),
      onDecision: (shared) => {
        this.#untold.toldDecision(shared.sessionId, shared.decision, clock.now());
        this.#decisionListener?.(shared);
      },
      onWatch: (sessionId) => this.#watchListener?.(sessionId),
      onErased: (erasure) => this.#erasureListener?.(erasure),
    });
    this.#traces = new RedisTraces({
      ...{ clock, traceTtlMs, keys: this.#keys, store: this.#store, untold: this.#untold },
      onJoined: (joined) => this.#joinListener?.(joined),
    });
  }

  get isAvailable(): boolean {
    return this.#store.isUp;
  }

  async start(): Promise<void> {
    for (const connection of ['commands', 'subscription']) {
      this.#metrics.set(`${PREFIX}up`, 0, { connection });
    }
    await this.#store.start();
    await this.#channel.start();
    this.#timer = setInterval(() => void this.#beat(), this.#heartbeatIntervalMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tellAll();
    this.#channel.stop();
    this.#store.stop();
  }

  async publish(sessionId: string, decision: Decision): Promise<void> {
    const news = this.#untold.addDecision(sessionId, decision, this.#clock.now());
    if (news === undefined) return;
    await this.#store.run('publish', (redis) => this.#tellDecision(redis, sessionId, news));
  }

  async decisions(sessionIds: readonly string[]): Promise<(Decision | undefined)[]> {
    return this.#store.run('decisions', async (redis) => {
      const answers = batches(sessionIds).map((ids) => readDecisions(redis, this.#keys, ids));
      const found = (await Promise.all(answers)).flat();
      const now = this.#clock.now();
      found.forEach((decision, i) => {
        if (decision !== undefined) this.#untold.toldDecision(sessionIds[i]!, decision, now);
      });
      return found;
    });
  }

  linkTraces(links: readonly TraceLink[]): Promise<void> {
    return this.#traces.link(links);
  }

  markSignals(signals: readonly TraceSignal[]): Promise<void> {
    return this.#traces.mark(signals);
  }

  async seen(sightings: readonly Sighting[], ttlMs: number): Promise<string[]> {
    return this.#store.runBatches('seen', sightings, (redis, some) =>
      writeSightings(redis, this.#keys, some, ttlMs),
    );
  }

  async end(endings: readonly Sighting[], ttlMs: number): Promise<(number | undefined)[]> {
    return this.#store.runBatches('end', endings, (redis, some) =>
      writeEndings(redis, this.#keys, some, ttlMs),
    );
  }

  async tellOutcomes(outcomes: readonly SharedOutcome[]): Promise<void> {
    await this.#store.run('tell_outcomes', (redis) =>
      Promise.all(batches(outcomes).map((some) => writeOutcomes(redis, this.#keys, some))),
    );
  }

  async outcomes(sessionIds: readonly string[]): Promise<(Outcome | undefined)[]> {
    return this.#store.runBatches('outcomes', sessionIds, (redis, some) =>
      readOutcomes(redis, this.#keys, some),
    );
  }

  sessionsOf(traceIds: readonly string[]): Promise<(string | undefined)[]> {
    return this.#traces.sessionsOf(traceIds);
  }

  async watch(sessionId: string): Promise<void> {
    await this.#store.run('watch', async (redis) => {
      await writeWatch(redis, this.#keys, sessionId);
      await this.#channel.tell(redis, { sessionId, watched: true });
    });
  }

  async watched(sessionIds: readonly string[]): Promise<string[]> {
    return this.#store.runBatches('watched', sessionIds, (redis, some) =>
      readWatched(redis, this.#keys, some),
    );
  }

  onWatch(listener: (sessionId: string) => void): void {
    this.#watchListener = listener;
  }

  async erase(erasure: Erasure): Promise<void> {
    this.#untold.addErasure(erasure, this.#clock.now());
    await this.#store.run('erase', (redis) => this.#tellErasure(redis, erasure));
  }

  async erased(subjects: readonly string[]): Promise<(number | undefined)[]> {
    return this.#store.runBatches('erased', subjects, (redis, some) =>
      readErased(redis, this.#keys, some),
    );
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

  onRecovered(listener: () => void): void {
    this.#recoveryListener = listener;
  }

  async #tellDecision(redis: Redis, sessionId: string, decision: Decision): Promise<void> {
    const now = this.#clock.now();
    const ttlMs = Math.max(decision.keepUntil - now, 0) + this.#decisionTtlMs;
    const merged = await writeDecision(redis, this.#keys, sessionId, decision, Math.ceil(ttlMs));
    this.#untold.toldDecision(sessionId, merged, now);
    await this.#channel.tell(redis, { sessionId, decision: merged });
  }

  async #tellErasure(redis: Redis, erasure: Erasure): Promise<void> {
    await writeErasure(redis, this.#keys, erasure);
    this.#untold.toldErasure(erasure);
    await this.#channel.tell(redis, erasure);
  }

  async #beat(): Promise<void> {
    await this.#channel.check();
    if (!this.#store.isUp) return this.#countUntold();
    await this.#store.ping();
    await this.#tellAll();
  }

  #tellAll(): Promise<void> {
    this.#telling ??= this.#tellUntold()
      .catch((error: unknown) => {
        this.#logger.warn('what others should know waits for the coordination store', { error });
      })
      .finally(() => {
        this.#telling = undefined;
        this.#countUntold();
      });
    return this.#telling;
  }

  async #tellUntold(): Promise<void> {
    if (!this.#store.isUp) return;
    const decisions = [...this.#untold.untoldDecisions(this.#clock.now())];
    for (const batch of batches(decisions)) {
      await this.#store.run('publish', (redis) =>
        Promise.all(batch.map(([id, decision]) => this.#tellDecision(redis, id, decision))),
      );
    }
    for (const erasure of [...this.#untold.untoldErasures(this.#clock.now())]) {
      await this.#store.run('erase', (redis) => this.#tellErasure(redis, erasure));
    }
    await this.#traces.tellUntold();
  }

  #countUntold(): void {
    for (const [kind, count] of Object.entries(this.#untold.counts(this.#clock.now()))) {
      this.#metrics.set(`${PREFIX}untold`, count, { kind });
    }
  }
}
