/** What stands behind the receiver. */
import type { CutResult } from '../otlp/types.js';

export interface AcceptResult {
  /** Segments the sink itself refused for good; the receiver adds the `rejected` of the cut. */
  rejectedSegments: number;
  errorMessage: string;
}

/** Thrown by a sink that cannot take anything now: answered with 503/429 and Retry-After. */
export class OverloadedError extends Error {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.name = 'OverloadedError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Takes what the receiver read. Resolves when everything accepted would survive a kill -9. */
export interface Sink {
  accept(
    cut: CutResult,
    request: { signal: 'traces' | 'logs'; receivedTime: number },
  ): Promise<AcceptResult>;
}
