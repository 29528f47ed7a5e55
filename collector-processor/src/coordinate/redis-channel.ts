/** The channel on which instances tell each other their news; nobody hears what they said themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Erasure, SharedDecision } from './index.js';
import { RedisConnection, type RedisServerOptions } from './redis-connection.js';
import { parseMessage, type Message } from './redis-format.js';

export type News = SharedDecision | Erasure | { sessionId: string; watched: true };

export interface RedisChannelDeps {
  /** Of the channel. */
  channel: string;
  metrics: Metrics;
  logger: Logger;
  /** Each time the connection stands and the channel is heard again. */
  onSubscribed(): void;
  onDecision(shared: SharedDecision): void;
  onWatch(sessionId: string): void;
  onErased(erasure: Erasure): void;
}

export class RedisChannel {
  readonly #id = randomUUID();
  readonly #deps: RedisChannelDeps;
  readonly #connection: RedisConnection;

  constructor(options: RedisServerOptions, deps: RedisChannelDeps) {
    this.#deps = deps;
    this.#connection = new RedisConnection(options, {
      name: 'subscription',
      logger: deps.logger,
      metrics: deps.metrics,
      onUp: () => void this.#subscribe().then((done) => done && deps.onSubscribed()),
      onMessage: (text) => this.#heard(text),
    });
  }

  /** See {@link RedisConnection.start}. */
  start(): Promise<void> {
    return this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  /** Through the caller's connection: one that subscribes can say nothing. */
  async tell(redis: Redis, news: News): Promise<void> {
    const message: Message = { from: this.#id, ...news };
    await redis.publish(this.#deps.channel, JSON.stringify(message));
  }

  /** A connection that died in silence is noticed by subscribing once more. */
  async check(): Promise<void> {
    if (this.#connection.isUp) await this.#subscribe();
  }

  /** Resolves to whether it is subscribed. */
  async #subscribe(): Promise<boolean> {
    try {
      await this.#connection.run((redis) => redis.subscribe(this.#deps.channel));
      return true;
    } catch (error) {
      this.#deps.logger.warn('not subscribed to decisions; they are pulled', { error });
      return false;
    }
  }

  #heard(text: string): void {
    const message = parseMessage(text);
    const outcome =
      message === undefined ? 'malformed' : message.from === this.#id ? 'own' : 'applied';
    this.#deps.metrics.add('otelcol_processor_session_replay_coordination_messages', 1, {
      outcome,
    });
    if (message === undefined || outcome === 'own') return;
    if ('subject' in message) {
      this.#deps.onErased({ subject: message.subject, time: message.time });
      return;
    }
    const { sessionId } = message;
    if ('watched' in message) this.#deps.onWatch(sessionId);
    else this.#deps.onDecision({ sessionId, decision: message.decision });
  }
}
