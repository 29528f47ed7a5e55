/** Which segments cover a time range: from the checkpoint at or before its start. */
import type { MergedSegment } from '../index/merge.js';
import type { Source } from './manifest.js';

export interface Selection {
  segments: MergedSegment<Source>[];
  /** No later segment can change the answer. */
  immutable: boolean;
}

/** `segments` in order and with all their parts; `ended`: nothing more is expected. */
export function selectSegments(
  segments: readonly MergedSegment<Source>[],
  range: { from: number; to: number },
  ended: boolean,
): Selection {
  const isStart = ({ segment }: MergedSegment<Source>): boolean =>
    segment.checkpoint && (segment.partIndex ?? 0) === 0;
  let start = segments.findLastIndex((s) => isStart(s) && s.segment.firstTimestamp <= range.from);
  // Before the first checkpoint there is nothing to play: begin with the first there is.
  if (start === -1) start = Math.max(0, segments.findIndex(isStart));
  const chosen = segments.slice(start).filter((s) => s.segment.firstTimestamp <= range.to);
  const last = chosen.at(-1)?.segment.index;
  const next = last === undefined ? undefined : segments.find((s) => s.segment.index > last);
  const whole =
    chosen.length > 0 &&
    chosen.every((s, i) => i === 0 || s.segment.index - chosen[i - 1]!.segment.index <= 1);
  const closed = next === undefined ? ended : next.segment.index === last! + 1;
  return { segments: chosen, immutable: whole && closed };
}
