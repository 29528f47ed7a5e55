/** Moments on the time line, problems above the rest. For pointers: the lists have them for keys. */
import { memo, type ReactElement } from 'react';
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import { beforeMark } from '../moments.js';
import { clusters, percent } from './axis.js';
import { MarkGlyph } from './mark-glyph.js';

interface MarkLanesProps {
  playback: Playback;
  state: PlaybackState;
  /** Of the time line, CSS pixels. */
  width: number;
}

/** Glyphs are 12 wide. */
const CLUSTER_PX = 11;
const LANES = ['problems', 'events'] as const;

export const MarkLanes = memo(function MarkLanes(props: MarkLanesProps): ReactElement {
  const { playback, state, width } = props;
  const gapMs = width === 0 ? 0 : ((state.to - state.from) / width) * CLUSTER_PX;
  return (
    <div className="replay-marks" aria-hidden="true">
      {LANES.map((lane) => (
        <div key={lane} className="replay-mark-lane" data-lane={lane}>
          {clusters(state.marks, lane, gapMs).map(({ mark, marks, time }) => (
            <span
              key={mark.id}
              className="replay-mark"
              data-testid="marker"
              data-kind={mark.kind}
              data-count={marks.length}
              data-approximate={mark.approximate}
              style={{ left: percent(time, state) }}
              onClick={() => void playback.seek(beforeMark(mark))}
              onPointerEnter={() => void playback.prefetch(beforeMark(mark))}
            >
              <MarkGlyph kind={mark.kind} />
              {marks.length > 1 && mark.kind !== 'click' ? (
                <b className="replay-mark-count">{marks.length > 99 ? '99+' : marks.length}</b>
              ) : null}
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}, sameMarks);

function sameMarks(a: MarkLanesProps, b: MarkLanesProps): boolean {
  return (
    a.width === b.width &&
    a.playback === b.playback &&
    a.state.marks === b.state.marks &&
    a.state.from === b.state.from &&
    a.state.to === b.state.to
  );
}
