import { useMemo } from 'react';
import type { PlaybackState } from '../engine/playback/state.js';
import type { Mark } from '../engine/timeline/marks.js';
import { clockSkewOf, mergeSpans } from '../engine/timeline/spans.js';
import type { ReplayPlayerProps, Span } from './player-props.js';

const NO_SPANS: readonly Span[] = [];
const NO_MARKS: readonly Mark[] = [];

/** The state as views see it: with the spans and moments that the host adds. */
export function useHostsKnowledge(
  state: PlaybackState,
  { extraSpans = NO_SPANS, extraMarks = NO_MARKS }: ReplayPlayerProps,
): PlaybackState {
  const { session } = state;
  const skewMs = session === undefined ? 0 : clockSkewOf(session);
  const spans = useMemo(
    () => mergeSpans(state.spans, extraSpans, skewMs),
    [state.spans, extraSpans, skewMs],
  );
  const marks = useMemo(
    () =>
      extraMarks.length === 0
        ? state.marks
        : [...state.marks, ...extraMarks].sort((a, b) => a.time - b.time),
    [state.marks, extraMarks],
  );
  return useMemo(() => ({ ...state, spans, marks }), [state, spans, marks]);
}
