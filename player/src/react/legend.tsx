/** What shapes and colours of the time line mean; who cannot see them has the lists. */
import type { ReactElement, ReactNode } from 'react';
import type { MarkKind, Mark } from '../engine/timeline/marks.js';
import { MARK_LOOKS } from './mark-kinds.js';
import { MarkGlyph } from './timeline/mark-glyph.js';

const DRAWN = (Object.keys(MARK_LOOKS) as MarkKind[]).filter(
  (kind) => MARK_LOOKS[kind].lane !== undefined,
);

const BANDS: readonly (readonly [sample: string, name: string, meaning: string])[] = [
  ['changes', 'Grey strip', 'How much of the page changed'],
  ['actions', 'Coloured strip', 'How much the person did'],
  ['idle', 'Fine lines', 'Nobody was active'],
  ['hole', 'Stripes', 'Nothing is recorded'],
  ['page', 'Outlined bars', 'Pages and tabs; the one on the stage is filled'],
  ['browser', 'Upper lane', 'Spans of the browser'],
  ['backend', 'Lower lane', 'Spans of backends'],
  ['failed', 'Red in a lane', 'Spans that failed'],
];

export function MarkLegend({ marks }: { marks: readonly Mark[] }): ReactElement {
  return (
    <ul className="replay-legend" data-testid="legend">
      {DRAWN.map((kind) => {
        const { name, meaning } = MARK_LOOKS[kind];
        const count = marks.filter((mark) => mark.kind === kind).length;
        return (
          <Entry key={kind} name={name} meaning={meaning} count={count}>
            <MarkGlyph kind={kind} />
          </Entry>
        );
      })}
      <Entry name="A number" meaning="As many marks, drawn as the heaviest of them">
        <b className="replay-mark-count">3</b>
      </Entry>
    </ul>
  );
}

export function BandLegend(): ReactElement {
  return (
    <ul className="replay-legend" data-wide>
      {BANDS.map(([sample, name, meaning]) => (
        <Entry key={sample} name={name} meaning={meaning}>
          <i className="replay-legend-band" data-sample={sample} />
        </Entry>
      ))}
    </ul>
  );
}

function Entry(props: {
  name: string;
  meaning: string;
  /** In this session. */
  count?: number;
  /** Drawn as on the time line. */
  children: ReactNode;
}): ReactElement {
  return (
    <li data-none={props.count === 0 || undefined}>
      <span className="replay-legend-sample" aria-hidden="true">
        {props.children}
      </span>
      <span>
        <strong>{props.name}</strong>
        {props.count === undefined || props.count === 0 ? null : (
          <span className="replay-legend-count"> {props.count.toLocaleString()}</span>
        )}
        <span className="replay-legend-meaning">{props.meaning}</span>
      </span>
    </li>
  );
}
