/**
 * Why sessions were not kept, for whoever asks another instance than the one that saw it. Told in
 * batches, asked only where nothing else is known of a session.
 */
import {
  CoordinationUnavailableError,
  isPlain,
  type Coordinator,
  type Outcome,
} from '../coordinate/index.js';
import type { Logger } from '../telemetry/logger.js';

export interface OutcomesOptions {
  coordinator: Coordinator;
  logger: Logger;
}

const TELL_INTERVAL_MS = 1000;
/** While the coordination store is away; beyond, the oldest goes. */
const MAX_UNTOLD = 10_000;

export class Outcomes {
  readonly #o: OutcomesOptions;
  #untold = new Map<string, Outcome>();
  #toldAt = 0;
  #telling: Promise<void> | undefined;

  constructor(options: OutcomesOptions) {
    this.#o = options;
  }

  note(sessionId: string, outcome: Outcome): void {
    if (!this.#o.coordinator.isShared) return;
    const known = this.#untold.get(sessionId);
    if (known !== undefined && isPlain(outcome)) return;
    this.#untold.set(sessionId, outcome);
    if (this.#untold.size > MAX_UNTOLD) this.#untold.delete(this.#untold.keys().next().value!);
  }

  /** Tells what is due. */
  tick(now: number): void {
    if (this.#untold.size === 0 || now - this.#toldAt < TELL_INTERVAL_MS) return;
    this.#toldAt = now;
    void this.flush();
  }

  /** Tells everything; what cannot be told now is told later. */
  flush(): Promise<void> {
    this.#telling ??= this.#tell().finally(() => (this.#telling = undefined));
    return this.#telling;
  }

  /** What others know; undefined also while they cannot be asked. */
  async find(sessionId: string): Promise<Outcome | undefined> {
    return this.#ask(async (coordinator) => (await coordinator.outcomes([sessionId]))[0]);
  }

  /** As {@link find}: the session that others say the trace belongs to. */
  async sessionOf(traceId: string): Promise<string | undefined> {
    return this.#ask(async (coordinator) => (await coordinator.sessionsOf([traceId]))[0]);
  }

  async #tell(): Promise<void> {
    const told = this.#untold;
    if (told.size === 0) return;
    this.#untold = new Map();
    try {
      const all = [...told].map(([sessionId, outcome]) => ({ sessionId, outcome }));
      await this.#o.coordinator.tellOutcomes(all);
    } catch (error) {
      const since = this.#untold;
      this.#untold = new Map();
      for (const [id, outcome] of [...told, ...since]) this.note(id, outcome);
      this.#failed(error);
    }
  }

  async #ask<T>(question: (coordinator: Coordinator) => Promise<T>): Promise<T | undefined> {
    const { coordinator } = this.#o;
    if (!coordinator.isShared) return undefined;
    try {
      return await question(coordinator);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** That the coordination store is away was logged when it went. */
  #failed(error: unknown): void {
    if (error instanceof CoordinationUnavailableError) return;
    this.#o.logger.error('why sessions were not kept could not be shared', { error });
  }
}
