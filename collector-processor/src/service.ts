/** Assembles the process from its configuration; starts everything in order, stops it in reverse. */
import { systemClock } from './clock.js';
import { workerCount, type Config, type ConfigFile } from './config/index.js';
import type { Component } from './component.js';
import { createComponents, type Lent } from './components.js';
import { createSupervision } from './supervision.js';
import { Health } from './telemetry/health.js';
import type { Logger } from './telemetry/logger.js';
import { Metrics } from './telemetry/metrics.js';

export interface Service {
  /** Throws what the first component that cannot start throws; the others are stopped again. */
  start(): Promise<void>;
  /** Takes nothing new, finishes what is under way within `deadlineMs`, writes what is open. */
  stop(deadlineMs: number): Promise<void>;
  /** Ports that are listened on, by what listens: `otlp`, `replay_api`, `health_check`, `metrics`. */
  readonly ports: Readonly<Record<string, number>>;
  readonly metrics: Metrics;
  readonly health: Health;
}

export interface ServiceDeps {
  logger: Logger;
  /** What the configuration was read from; workers read the same. Needed for more than one. */
  files?: readonly ConfigFile[];
  /** What a worker's supervisor hosts. */
  lent?: Lent;
}

/** The whole, in health: ready when everything is. */
const SERVICE = 'service';

export function createService(config: Config, deps: ServiceDeps): Service {
  return new ComponentService(config, deps);
}

class ComponentService implements Service {
  readonly metrics = new Metrics();
  readonly health = new Health();
  readonly #logger: Logger;
  readonly #components: AsyncGenerator<Component>;
  readonly #started: Component[] = [];
  readonly #ports: Record<string, number> = {};
  /** Start and stop never overlap: a signal may come while the journal is still being read. */
  #queue: Promise<unknown> = Promise.resolve();
  #stopAsked = false;

  constructor(config: Config, { files = [], lent = {}, logger }: ServiceDeps) {
    this.#logger = logger;
    const deps = { logger, metrics: this.metrics, health: this.health, clock: systemClock };
    this.#components =
      workerCount(config.service.workers) === 1
        ? createComponents(config, { ...deps, lent })
        : createSupervision(config, { ...deps, files });
  }

  get ports(): Readonly<Record<string, number>> {
    return this.#ports;
  }

  start(): Promise<void> {
    this.health.set(SERVICE, 'starting');
    return this.#inTurn(() => this.#startAll());
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopAsked = true;
    this.#started.at(-1)?.cancelStart?.();
    return this.#inTurn(() => this.#stopAll(deadlineMs));
  }

  async #startAll(): Promise<void> {
    try {
      for await (const component of this.#components) {
        // From now on it is stopped, whether it could start or not.
        this.#started.push(component);
        this.health.set(component.name, 'starting');
        const port = await component.start();
        this.health.set(component.name, 'ok');
        if (typeof port === 'number') this.#ports[component.name] = port;
        else Object.assign(this.#ports, port);
        this.#logger.debug('started', { component: component.name });
        if (this.#stopAsked) return;
      }
      this.health.set(SERVICE, 'ok');
    } catch (error) {
      this.health.set(SERVICE, 'failed');
      await this.#stopAll(0);
      throw error;
    }
  }

  async #stopAll(deadlineMs: number): Promise<void> {
    this.health.set(SERVICE, 'stopping');
    const errors: unknown[] = [];
    const end = performance.now() + deadlineMs;
    for (const component of this.#started.splice(0).reverse()) {
      this.health.set(component.name, 'stopping');
      try {
        await component.stop(Math.max(0, end - performance.now()));
        this.health.set(component.name, 'stopped');
        this.#logger.debug('stopped', { component: component.name });
      } catch (error) {
        // The others must still write what they hold.
        this.health.set(component.name, 'failed');
        this.#logger.error('a component could not stop', { component: component.name, error });
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be stopped');
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
