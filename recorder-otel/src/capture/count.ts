import type { Recording } from '../recording.js';
import type { OptionalCounts } from '../segment/activity.js';

/** One more of them in the open segment; returns how many there are. */
export function count(recording: Recording, field: keyof OptionalCounts): number {
  const activity = recording.activity();
  return (activity[field] = (activity[field] ?? 0) + 1);
}
