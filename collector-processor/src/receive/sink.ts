/** What stands behind the receiver. */
import type { CutResult } from '../otlp/types.js';

export interface AcceptResult {
  /** Segments the sink itself refused for good; the receiver adds the `rejected` of the cut. */
  rejectedSegments: number;
  errorMessage: string;
}

/** What is short when a request is refused; names it in metrics. */
export type Shortage = 'memory' | 'in_flight' | 'journal' | 'disk' | 'queue' | 'stopping' | 'other';

/** Thrown by a sink that cannot take anything now: answered with 503 and Retry-After. */
export class OverloadedError extends Error {
  readonly retryAfterSeconds: number;
  readonly shortage: Shortage;

  constructor(message: string, retryAfterSeconds: number, shortage: Shortage = 'other') {
    super(message);
    this.name = 'OverloadedError';
    this.retryAfterSeconds = retryAfterSeconds;
    this.shortage = shortage;
  }
}

/** Asked before a body is read. */
export interface MemoryGate {
  /** Throws {@link OverloadedError} when a request that announces `bytes` must not be read now. */
  admit(bytes: number): void;
  /** Counts bytes of bodies being read or worked on; negative when they are done. */
  note(bytes: number): void;
}

/** Takes what the receiver read. Resolves when everything accepted would survive a kill -9. */
export interface Sink {
  accept(
    cut: CutResult,
    request: { signal: 'traces' | 'logs'; receivedTime: number },
  ): Promise<AcceptResult>;
}
