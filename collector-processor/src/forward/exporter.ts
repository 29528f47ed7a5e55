/** Where everything goes that is not replay. */
import type { OtlpContentType } from '../otlp/types.js';

export interface ExportRequest {
  signal: 'traces' | 'logs';
  contentType: OtlpContentType;
  /** An OTLP export request. Kept until it is delivered or on disk: hand over what nobody changes. */
  body: Uint8Array;
  /** Spans or log records in it, for metrics. */
  itemCount: number;
}

/**
 * How a request left the caller's hands. `refused`: the next hop will never take it (a permanent
 * error, counted and logged), so there is no point in sending it again.
 */
export type ExportOutcome = 'delivered' | 'persisted' | 'refused';

export interface Exporter {
  readonly name: string;
  /** Why the next hop took nothing lately; undefined: it did, or nothing was sent. */
  readonly trouble?: string | undefined;
  start(): Promise<void>;
  /** Sends what it can until the deadline and leaves the rest on disk. */
  stop(deadlineMs?: number): Promise<void>;
  /**
   * Resolves when the request is delivered or would survive a kill -9.
   * Throws OverloadedError when it can be neither now: the sender must keep it.
   */
  enqueue(request: ExportRequest): Promise<ExportOutcome>;
}

/** For pipelines that only keep replays and look for signals. */
export const nopExporter: Exporter = {
  name: 'nop',
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  enqueue: () => Promise.resolve('delivered'),
};
