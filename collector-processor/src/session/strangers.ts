/** What policies remember of sessions of which there are only signals here; the oldest goes. */
import type { SessionMemory } from './policies/policy.js';
import { isBlank, newMemory } from './policies/verdicts.js';

const MAX_REMEMBERED = 10_000;

export class Strangers {
  readonly #memories = new Map<string, SessionMemory>();

  /** Lets `evaluate` use and change the memory of a session. */
  recall<T>(sessionId: string, evaluate: (memory: SessionMemory) => T): T {
    const memory = this.#memories.get(sessionId) ?? newMemory();
    const result = evaluate(memory);
    if (!isBlank(memory) && !this.#memories.has(sessionId)) {
      this.#memories.set(sessionId, memory);
      if (this.#memories.size > MAX_REMEMBERED) {
        this.#memories.delete(this.#memories.keys().next().value!);
      }
    }
    return result;
  }

  /** Hands the memory over: the session is known now, or gone. */
  take(sessionId: string): SessionMemory | undefined {
    const memory = this.#memories.get(sessionId);
    this.#memories.delete(sessionId);
    return memory;
  }
}
