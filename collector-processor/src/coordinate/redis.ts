/**
 * Coordination through Redis or Valkey. Correctness never hangs on a message: joins write before
 * they read, decisions are pulled before anything is evicted; pub/sub only makes it fast. While the
 * store is away calls fail at once, and what was to be told is kept here and told on return.
 */
import { randomUUID } from 'node:crypto';
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
import {
  readDecisions,
  readErased,
  readOutcomes,
  readSessionsOf,
  readWatched,
  writeDecision,
  writeEndings,
  writeErasure,
  writeLinks,
  writeOutcomes,
  writeSightings,
  writeSignals,
  writeWatch,
} from './redis-commands.js';
import { RedisConnection, type RedisServerOptions } from './redis-connection.js';
import { parseMessage, redisKeys, type Message, type RedisKeys } from './redis-format.js';
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

type Operation =
  | 'publish'
  | 'decisions'
  | 'link_traces'
  | 'mark_signals'
  | 'seen'
  | 'end'
  | 'tell_outcomes'
  | 'outcomes'
  | 'sessions_of'
  | 'watch'
  | 'watched'
  | 'erase'
  | 'erased';

/** Keys of one batch: long enough to be cheap, short enough not to hold up the others. */
const BATCH = 500;
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
  readonly #id = randomUUID();
  readonly #keys: RedisKeys;
  readonly #decisionTtlMs: number;
  readonly #traceTtlMs: number;
  readonly #heartbeatIntervalMs: number;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #commands: RedisConnection;
  readonly #subscription: RedisConnection;
  readonly #untold: Untold;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #decisionListener: ((shared: SharedDecision) => void) | undefined;
  #joinListener: ((joined: JoinedSignal) => void) | undefined;
  #watchListener: ((sessionId: string) => void) | undefined;
  #erasureListener: ((erasure: Erasure) => void) | undefined;
  #recoveryListener: (() => void) | undefined;

  constructor(options: RedisCoordinatorOptions, deps: RedisCoordinatorDeps) {
    const { keyPrefix = 'session_replay:', database = 0, maxUntold = 100_000 } = options;
    const { clock, logger, metrics } = deps;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#keys = redisKeys(keyPrefix, database);
    this.#decisionTtlMs = options.decisionTtlMs ?? 600_000;
    this.#traceTtlMs = options.traceTtlMs ?? 120_000;
    this.#heartbeatIntervalMs = options.heartbeatIntervalMs ?? 5000;
    this.#untold = new Untold({
      decisionTtlMs: this.#decisionTtlMs,
      traceTtlMs: this.#traceTtlMs,
      maxEntries: maxUntold,
      onDiscarded: (kind) => metrics.add(`${PREFIX}discarded`, 1, { kind }),
    });
    this.#commands = this.#connection('commands', options, {
      onUp: () => void this.#tellAll().then(() => this.#recoveryListener?.()),
      onDown: () => this.#untold.lostStore(clock.now()),
    });
    this.#subscription = this.#connection('subscription', options, {
      onUp: () => void this.#subscribe().then((done) => done && this.#recoveryListener?.()),
      onMessage: (text) => this.#heard(text),
    });
  }

  get isAvailable(): boolean {
    return this.#commands.isUp;
  }

  async start(): Promise<void> {
    for (const connection of ['commands', 'subscription']) {
      this.#metrics.set(`${PREFIX}up`, 0, { connection });
    }
    await this.#commands.start();
    await this.#subscription.start();
    this.#timer = setInterval(() => void this.#beat(), this.#heartbeatIntervalMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tellAll();
    this.#subscription.stop();
    this.#commands.stop();
  }

  async publish(sessionId: string, decision: Decision): Promise<void> {
    const news = this.#untold.addDecision(sessionId, decision, this.#clock.now());
    if (news === undefined) return;
    await this.#run('publish', (redis) => this.#tellDecision(redis, sessionId, news));
  }

  async decisions(sessionIds: readonly string[]): Promise<(Decision | undefined)[]> {
    return this.#run('decisions', async (redis) => {
      const batches = chunks(sessionIds).map((ids) => readDecisions(redis, this.#keys, ids));
      const found = (await Promise.all(batches)).flat();
      const now = this.#clock.now();
      found.forEach((decision, i) => {
        if (decision !== undefined) this.#untold.toldDecision(sessionIds[i]!, decision, now);
      });
      return found;
    });
  }

  async linkTraces(links: readonly TraceLink[]): Promise<void> {
    const news = this.#untold.newLinks(links, this.#clock.now());
    if (news.length === 0) return;
    try {
      await this.#run('link_traces', (redis) => this.#tellLinks(redis, news));
    } catch (error) {
      this.#untold.addLinks(news);
      throw error;
    }
  }

  async markSignals(signals: readonly TraceSignal[]): Promise<void> {
    try {
      await this.#run('mark_signals', (redis) => this.#tellSignals(redis, signals));
    } catch (error) {
      this.#untold.addSignals(signals);
      throw error;
    }
  }

  async seen(sightings: readonly Sighting[], ttlMs: number): Promise<string[]> {
    return this.#run('seen', async (redis) => {
      const batches = chunks(sightings).map((s) => writeSightings(redis, this.#keys, s, ttlMs));
      return (await Promise.all(batches)).flat();
    });
  }

  async end(endings: readonly Sighting[], ttlMs: number): Promise<(number | undefined)[]> {
    return this.#run('end', async (redis) => {
      const batches = chunks(endings).map((some) => writeEndings(redis, this.#keys, some, ttlMs));
      return (await Promise.all(batches)).flat();
    });
  }

  async tellOutcomes(outcomes: readonly SharedOutcome[]): Promise<void> {
    await this.#run('tell_outcomes', (redis) =>
      Promise.all(chunks(outcomes).map((some) => writeOutcomes(redis, this.#keys, some))),
    );
  }

  async outcomes(sessionIds: readonly string[]): Promise<(Outcome | undefined)[]> {
    return this.#run('outcomes', async (redis) => {
      const batches = chunks(sessionIds).map((ids) => readOutcomes(redis, this.#keys, ids));
      return (await Promise.all(batches)).flat();
    });
  }

  async sessionsOf(traceIds: readonly string[]): Promise<(string | undefined)[]> {
    return this.#run('sessions_of', async (redis) => {
      const batches = chunks(traceIds).map((ids) => readSessionsOf(redis, this.#keys, ids));
      return (await Promise.all(batches)).flat();
    });
  }

  async watch(sessionId: string): Promise<void> {
    await this.#run('watch', async (redis) => {
      await writeWatch(redis, this.#keys, sessionId);
      await this.#tellOthers(redis, { from: this.#id, sessionId, watched: true });
    });
  }

  async watched(sessionIds: readonly string[]): Promise<string[]> {
    return this.#run('watched', async (redis) => {
      const batches = chunks(sessionIds).map((ids) => readWatched(redis, this.#keys, ids));
      return (await Promise.all(batches)).flat();
    });
  }

  onWatch(listener: (sessionId: string) => void): void {
    this.#watchListener = listener;
  }

  async erase(erasure: Erasure): Promise<void> {
    this.#untold.addErasure(erasure, this.#clock.now());
    await this.#run('erase', (redis) => this.#tellErasure(redis, erasure));
  }

  async erased(subjects: readonly string[]): Promise<(number | undefined)[]> {
    return this.#run('erased', async (redis) => {
      const batches = chunks(subjects).map((some) => readErased(redis, this.#keys, some));
      return (await Promise.all(batches)).flat();
    });
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

  #connection(
    name: string,
    options: RedisServerOptions,
    on: { onUp: () => void; onDown?: () => void; onMessage?: (text: string) => void },
  ): RedisConnection {
    const up = (value: number): void =>
      this.#metrics.set(`${PREFIX}up`, value, { connection: name });
    return new RedisConnection(options, {
      ...{ name, logger: this.#logger },
      ...(on.onMessage === undefined ? {} : { onMessage: on.onMessage }),
      onUp: () => {
        up(1);
        on.onUp();
      },
      onDown: () => {
        up(0);
        on.onDown?.();
      },
    });
  }

  async #run<T>(operation: Operation, work: (redis: Redis) => Promise<T>): Promise<T> {
    let outcome = 'failed';
    try {
      const result = await this.#commands.run(work);
      outcome = 'ok';
      return result;
    } finally {
      this.#metrics.add(`${PREFIX}operations`, 1, { operation, outcome });
    }
  }

  async #tellDecision(redis: Redis, sessionId: string, decision: Decision): Promise<void> {
    const now = this.#clock.now();
    const ttlMs = Math.max(decision.keepUntil - now, 0) + this.#decisionTtlMs;
    const merged = await writeDecision(redis, this.#keys, sessionId, decision, Math.ceil(ttlMs));
    this.#untold.toldDecision(sessionId, merged, now);
    await this.#tellOthers(redis, { from: this.#id, sessionId, decision: merged });
  }

  async #tellOthers(redis: Redis, message: Message): Promise<void> {
    await redis.publish(this.#keys.channel, JSON.stringify(message));
  }

  async #tellErasure(redis: Redis, erasure: Erasure): Promise<void> {
    await writeErasure(redis, this.#keys, erasure);
    this.#untold.toldErasure(erasure);
    await this.#tellOthers(redis, { from: this.#id, ...erasure });
  }

  async #tellLinks(redis: Redis, links: readonly TraceLink[]): Promise<void> {
    for (const batch of chunks(links)) {
      const joined = await writeLinks(redis, this.#keys, batch, this.#traceTtlMs);
      this.#untold.toldLinks(batch, this.#clock.now());
      for (const join of joined) this.#joinListener?.(join);
    }
  }

  async #tellSignals(redis: Redis, signals: readonly TraceSignal[]): Promise<void> {
    for (const batch of chunks(signals)) {
      const joined = await writeSignals(redis, this.#keys, batch, this.#traceTtlMs);
      this.#untold.toldSignals(batch, this.#clock.now());
      for (const join of joined) this.#joinListener?.(join);
    }
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    const outcome =
      message === undefined ? 'malformed' : message.from === this.#id ? 'own' : 'applied';
    this.#metrics.add(`${PREFIX}messages`, 1, { outcome });
    if (message === undefined || outcome === 'own') return;
    if ('subject' in message) {
      this.#erasureListener?.({ subject: message.subject, time: message.time });
      return;
    }
    const { sessionId } = message;
    if ('watched' in message) {
      this.#watchListener?.(sessionId);
      return;
    }
    const { decision } = message;
    this.#untold.toldDecision(sessionId, decision, this.#clock.now());
    this.#decisionListener?.({ sessionId, decision });
  }

  /** Resolves to whether it is subscribed. */
  async #subscribe(): Promise<boolean> {
    try {
      await this.#subscription.run((redis) => redis.subscribe(this.#keys.channel));
      return true;
    } catch (error) {
      this.#logger.warn('not subscribed to decisions; they are pulled', { error });
      return false;
    }
  }

  /** A connection that died in silence is noticed by asking. */
  async #beat(): Promise<void> {
    if (this.#subscription.isUp) await this.#subscribe();
    if (!this.#commands.isUp) return this.#countUntold();
    await this.#commands.run((redis) => redis.ping()).catch(() => undefined);
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
    if (!this.#commands.isUp) return;
    const decisions = [...this.#untold.untoldDecisions(this.#clock.now())];
    for (const batch of chunks(decisions)) {
      await this.#run('publish', (redis) =>
        Promise.all(batch.map(([id, decision]) => this.#tellDecision(redis, id, decision))),
      );
    }
    for (const erasure of [...this.#untold.untoldErasures(this.#clock.now())]) {
      await this.#run('erase', (redis) => this.#tellErasure(redis, erasure));
    }
    for (let links; (links = this.#untold.takeLinks(BATCH)).length > 0;) {
      await this.linkTraces(links);
    }
    for (let signals; (signals = this.#untold.takeSignals(BATCH)).length > 0;) {
      await this.markSignals(signals);
    }
  }

  #countUntold(): void {
    for (const [kind, count] of Object.entries(this.#untold.counts(this.#clock.now()))) {
      this.#metrics.set(`${PREFIX}untold`, count, { kind });
    }
  }
}

function chunks<T>(items: readonly T[]): (readonly T[])[] {
  const out: (readonly T[])[] = [];
  for (let i = 0; i < items.length; i += BATCH) out.push(items.slice(i, i + BATCH));
  return out;
}
