import { momentary } from './momentary.js';
import type { Policy } from './policy.js';

export interface LatencyOptions {
  /** Both inclusive. */
  thresholdMs: number;
  upperThresholdMs?: number;
}

/**
 * Keeps a session for a while around each slow span, of the page or of a backend. (tail_sampling
 * takes the time from the first start to the last end of a trace; here spans are never held, so
 * that it is each span's own.)
 */
export function latency(name: string, options: LatencyOptions): Policy {
  const { thresholdMs, upperThresholdMs = Number.POSITIVE_INFINITY } = options;
  if (!(thresholdMs <= upperThresholdMs)) {
    throw new RangeError(
      `threshold_ms ${thresholdMs} of policy "${name}" is above upper_threshold_ms ${upperThresholdMs}; swap them`,
    );
  }
  return {
    name,
    type: 'latency',
    role: 'keep',
    spanInterests: [{ slowSpanMs: thresholdMs }],
    evaluate(event) {
      if (event.kind !== 'signal' || event.signal.kind !== 'slow_span') return undefined;
      const { durationMs = 0 } = event.signal;
      if (durationMs < thresholdMs || durationMs > upperThresholdMs) return undefined;
      return momentary(`a span took ${Math.round(durationMs)} ms`, event.signal);
    },
  };
}
