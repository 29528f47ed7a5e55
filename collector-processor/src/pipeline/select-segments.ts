/** Which segments cover a time range: from the checkpoint at or before its start, if one is wanted. */
import type { EventRange } from '../api/reader.js';
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
  range: EventRange,
  ended: boolean,
): Selection {
  const start = range.checkpoints === 'none' ? 0 : startOf(segments, range.from);
  const from = range.checkpoints === 'none' ? range.from : -Infinity;
  const chosen = segments
    .slice(start)
    .filter(({ segment }) => from <= segment.firstTimestamp && segment.firstTimestamp <= range.to);
  const first = chosen[0]?.segment.index;
  const begins = range.checkpoints !== 'none' || isAfterAnother(segments, first);
  return { segments: chosen, immutable: begins && isClosed(segments, chosen, ended) };
}

function startOf(segments: readonly MergedSegment<Source>[], from: number): number {
  const isStart = ({ segment }: MergedSegment<Source>): boolean =>
    segment.checkpoint && (segment.partIndex ?? 0) === 0;
  const start = segments.findLastIndex((s) => isStart(s) && s.segment.firstTimestamp <= from);
  // Before the first checkpoint there is nothing to play: begin with the first there is.
  return start === -1 ? Math.max(0, segments.findIndex(isStart)) : start;
}

/** Nothing that comes late can be among those that were chosen. */
function isClosed(
  segments: readonly MergedSegment<Source>[],
  chosen: readonly MergedSegment<Source>[],
  ended: boolean,
): boolean {
  const last = chosen.at(-1)?.segment.index;
  if (last === undefined) return false;
  const isWhole = chosen.every(
    (s, i) => i === 0 || s.segment.index - chosen[i - 1]!.segment.index <= 1,
  );
  const next = segments.find((s) => s.segment.index > last);
  return isWhole && (next === undefined ? ended : next.segment.index === last + 1);
}

function isAfterAnother(segments: readonly MergedSegment<Source>[], index?: number): boolean {
  return index === 0 || segments.some(({ segment }) => segment.index + 1 === index);
}
