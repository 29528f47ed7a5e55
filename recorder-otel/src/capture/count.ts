import type { SegmentHeader } from '@otel-replay/protocol';
import type { Recording } from '../recording.js';

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

/** One more of them in the open segment; returns how many there are. */
export function count(recording: Recording, field: keyof OptionalCounts): number {
  const activity = recording.activity();
  return (activity[field] = (activity[field] ?? 0) + 1);
}
