/**
 * Optional: carries the session's id in the W3C trace state of the page's spans, as
 * `sr=<session.id>` (wire contract, section 2). Backends hand a trace state on unasked and export
 * it with each of their spans, so that an error five services deep names the session by itself.
 */
import {
  createTraceState,
  isSpanContextValid,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type SpanKind,
  type TraceState,
} from '@opentelemetry/api';
import type { RecordedSession } from './baggage.js';

/**
 * What is used of an SDK's `SamplingResult` (2.x and 3.x): 0 drops, 1 records, 2 samples. What else
 * it has, such as attributes, is handed on.
 */
export interface SamplingResultLike {
  decision: 0 | 1 | 2;
  traceState?: TraceState;
}

/** What is used of an SDK's `Sampler` (2.x and 3.x). */
export interface SamplerLike {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResultLike;
  toString(): string;
}

const KEY = 'sr';
/** A value as W3C Trace Context, section 3.3.1.3.2, has it: anything else would break the header. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Samples what the parent samples, and everything without one: the SDK's own default. */
const PARENT_BASED: SamplerLike = {
  shouldSample(context) {
    const parent = trace.getSpanContext(context);
    const isUnsampled =
      parent !== undefined &&
      isSpanContextValid(parent) &&
      (parent.traceFlags & TraceFlags.SAMPLED) === 0;
    return { decision: isUnsampled ? 0 : 2 };
  },
  toString: () => 'ParentBased',
};

/**
 * A sampler that decides as `sampler` does and adds the session to the trace state while the page
 * is recorded. Requests to other origins that get trace headers then carry `tracestate`, which
 * those origins must allow by CORS. A session id that is no trace state value (a comma, an equals
 * sign, beyond ASCII, over 256 characters) is left out.
 * @param session the `SessionReplaySpanProcessor`
 * @param sampler default: what the parent samples, and everything without one
 */
export function sessionSampler(
  session: RecordedSession,
  sampler: SamplerLike = PARENT_BASED,
): SamplerLike {
  return {
    shouldSample(context, ...about) {
      const result = sampler.shouldSample(context, ...about);
      const { recordingId, sessionId } = session;
      if (recordingId === undefined || sessionId === undefined || !VALUE.test(sessionId)) {
        return result;
      }
      const parent = trace.getSpanContext(context);
      const inherited = parent && isSpanContextValid(parent) ? parent.traceState : undefined;
      const before = result.traceState ?? inherited ?? createTraceState();
      return { ...result, traceState: before.set(KEY, sessionId) };
    },
    toString: () => `SessionTraceState{${String(sampler)}}`,
  };
}
