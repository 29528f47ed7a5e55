import type { PolicySignal, PolicyVerdict } from './policy.js';

/** A verdict on one signal: it keeps the session for the configured time, and names the signal. */
export function momentary(reason: string, signal: PolicySignal): PolicyVerdict {
  const verdict: PolicyVerdict = {
    reason: signal.name === undefined ? reason : `${reason}: ${signal.name}`,
    wholeSession: false,
  };
  if (signal.traceId !== undefined) verdict.traceId = signal.traceId;
  if (signal.spanId !== undefined) verdict.spanId = signal.spanId;
  return verdict;
}
