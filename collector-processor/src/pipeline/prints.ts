/**
 * Recognises spans and signals that were taken before, by what their header says: a retried
 * request carries the same spans at the same times.
 */
import type { SignalHeader, SpansHeader } from '@otel-replay/protocol';

export class Fingerprints {
  readonly #sessions = new Map<string, Set<string>>();

  /** False when it was noted before. */
  note(sessionId: string, header: SpansHeader | SignalHeader): boolean {
    const print = fingerprint(header);
    let prints = this.#sessions.get(sessionId);
    if (prints === undefined) this.#sessions.set(sessionId, (prints = new Set()));
    if (prints.has(print)) return false;
    prints.add(print);
    return true;
  }

  /** The record was not taken after all. */
  unnote(sessionId: string, header: SpansHeader | SignalHeader): void {
    this.#sessions.get(sessionId)?.delete(fingerprint(header));
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}

function fingerprint(header: SpansHeader | SignalHeader): string {
  return JSON.stringify({ ...header, sessionId: undefined, receivedTime: undefined });
}
