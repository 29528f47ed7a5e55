/** Errors, clicks and pages as a list; the keyboard's way to what the markers show. */
import { useMemo, useState, type ReactElement } from 'react';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import type { MarkKind } from '../engine/timeline/marks.js';
import { clockText, pathText } from './format.js';
import { useClock } from './hooks.js';
import { Icon, type IconName } from './icons.js';
import { beforeMark } from './timeline.js';

const ICONS: Record<MarkKind, IconName> = {
  error: 'error',
  click: 'click',
  rage_click: 'rage',
  dead_click: 'click',
  freeze: 'clock',
  event: 'flag',
  navigation: 'page',
};

const FILTERS: { name: string; kinds: readonly MarkKind[] }[] = [
  { name: 'Everything', kinds: Object.keys(ICONS) as MarkKind[] },
  { name: 'Errors', kinds: ['error', 'freeze'] },
  { name: 'Clicks', kinds: ['click', 'rage_click', 'dead_click'] },
  { name: 'Pages', kinds: ['navigation'] },
];

const MAX_ROWS = 500;

export function MomentList({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement {
  const [filter, setFilter] = useState(0);
  const kinds = FILTERS[filter]?.kinds;
  const marks = useMemo(
    () => state.marks.filter((mark) => kinds?.includes(mark.kind)),
    [state.marks, kinds],
  );
  const time = useClock(playback.clock, 250);
  const last = marks.findLastIndex((mark) => beforeMark(mark) <= time + 50);
  return (
    <div className="replay-spans">
      <div className="replay-spans-head">
        <div className="replay-segmented" role="group" aria-label="Which moments">
          {FILTERS.map(({ name }, at) => (
            <button
              key={name}
              type="button"
              aria-pressed={at === filter}
              onClick={() => setFilter(at)}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      <div className="replay-scroll" tabIndex={0} role="region" aria-label="Moments">
        {marks.length === 0 ? (
          <p className="replay-empty">None in what is known of this session.</p>
        ) : null}
        <ul className="replay-moments">
          {marks.slice(0, MAX_ROWS).map((mark, at) => (
            <li key={mark.id} data-current={at === last || undefined}>
              <button
                type="button"
                className="replay-moment"
                data-testid="moment-row"
                data-kind={mark.kind}
                onClick={() => void playback.seek(beforeMark(mark))}
              >
                <span className="replay-moment-icon" data-kind={mark.kind}>
                  <Icon name={ICONS[mark.kind]} />
                </span>
                <span className="replay-moment-label" title={mark.label}>
                  {mark.kind === 'navigation' ? pathText(mark.label) : mark.label}
                </span>
                <span className="replay-moment-time">
                  {mark.approximate === true ? '~' : ''}
                  {clockText(mark.time - state.from)}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {marks.length > MAX_ROWS ? (
          <p className="replay-empty">The first {MAX_ROWS} are listed.</p>
        ) : null}
      </div>
    </div>
  );
}
