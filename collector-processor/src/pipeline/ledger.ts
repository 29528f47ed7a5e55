/**
 * The books: received (accepted) + recovered = stored + dropped (by reason) + buffered, at every
 * moment. Every segment enters once and leaves once.
 */
import type { Metrics } from '../telemetry/metrics.js';
import type { Journaled } from './journaled.js';

export type LossReason =
  'not_recorded' | 'session_cap' | 'shed' | 'deleted' | 'store_failed' | 'corrupt';

const PREFIX = 'otelcol_processor_session_replay_';

export class Ledger {
  readonly #metrics: Metrics;
  #buffered = 0;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** Segments that are neither stored nor dropped yet. */
  get buffered(): number {
    return this.#buffered;
  }

  received(outcome: 'accepted' | 'duplicate' | 'rejected', bytes: number): void {
    this.#metrics.add(`${PREFIX}segments_received`, 1, { outcome });
    this.#metrics.add(`${PREFIX}segment_bytes_received`, bytes, { outcome });
    if (outcome === 'accepted') this.#change(1);
  }

  /** An earlier run's segment that was found in the journal. */
  recovered(): void {
    this.#metrics.add(`${PREFIX}segments_recovered`, 1);
    this.#change(1);
  }

  stored(records: readonly Journaled[], store: string): void {
    for (const record of records) {
      if (record.kind !== 'segment') continue;
      this.#metrics.add(`${PREFIX}segments_stored`, 1, { store });
      this.#metrics.add(`${PREFIX}segment_bytes_stored`, record.payloadBytes, { store });
      this.#change(-1);
    }
  }

  dropped(records: readonly Journaled[], reason: LossReason): void {
    this.droppedSegments(records.filter((r) => r.kind === 'segment').length, reason);
  }

  droppedSegments(count: number, reason: LossReason): void {
    if (count === 0) return;
    this.#metrics.add(`${PREFIX}segments_dropped`, count, { reason });
    this.#change(-count);
  }

  #change(by: number): void {
    this.#buffered += by;
    this.#metrics.set(`${PREFIX}segments_buffered`, this.#buffered);
  }
}
