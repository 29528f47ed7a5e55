/** What happened since the last segment, for the header: lists without opening the payload. */
import type { SegmentHeader } from '@otel-replay/protocol';
import { LIMITS } from '@otel-replay/protocol/limits';

/** Counts that begin with the first of their kind. */
export type OptionalCounts = Pick<
  SegmentHeader,
  | 'requestCount'
  | 'failedRequestCount'
  | 'consoleErrorCount'
  | 'deadClickCount'
  | 'longTaskCount'
  | 'customEventCount'
>;

export interface SegmentActivity extends OptionalCounts {
  /** Trace id to the first span id seen of it; a link needs both. */
  traces: Map<string, string>;
  droppedTraceIds: number;
  errorCount: number;
  clickCount: number;
  rageClickCount: number;
  droppedEvents: number;
}

export function noActivity(): SegmentActivity {
  return {
    traces: new Map(),
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
  };
}

export function addTrace(activity: SegmentActivity, traceId: string, spanId: string): void {
  const { traces } = activity;
  if (traces.has(traceId)) return;
  if (traces.size < LIMITS.TRACE_IDS) traces.set(traceId, spanId);
  else activity.droppedTraceIds++;
}
