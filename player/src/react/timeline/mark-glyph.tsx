/** The shape of a kind of moment, 12 by 12: told apart without colours. */
import type { ReactElement, ReactNode } from 'react';
import type { MarkKind } from '../../engine/timeline/marks.js';
import { MARK_LOOKS } from '../mark-kinds.js';

const SHAPES: Readonly<Record<MarkKind, ReactNode>> = {
  error: <path d="M6 .8 11.600 11H.4z" />,
  failed_request: <path d="M6 .3 11.700 6 6 11.700.3 6z" />,
  console_error: <path d="M1 1.500h10v9H1zM3.500 4l2 2-2 2" className="replay-glyph-open" />,
  rage_click: (
    <path d="m6 0 1.500 3.300L11 2 9.200 5.200 12 7.500 8.500 8 8.600 12 6 9.300 3.400 12l.1-4L0 7.500l2.800-2.300L1 2l3.500 1.300z" />
  ),
  dead_click: (
    <path d="M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM2.500 2.500l7 7" className="replay-glyph-open" />
  ),
  freeze: <path d="M2 1h3v10H2zM7 1h3v10H7z" />,
  long_task: <path d="M.5 4.500h11v3H.5z" />,
  navigation: <path d="M2 .5h5.500L10 3v8.500H2z" />,
  event: (
    <path d="m6 .3 1.700 3.600 4 .5-2.900 2.700.7 4L6 9.200 2.500 11.100l.7-4L.3 4.400l4-.5z" />
  ),
  feature_flag: <path d="M2 0h1.500v12H2zM3.500.8H11L9 3.600l2 2.800H3.500z" />,
  web_vital: <path d="M1 9.500a5 5 0 1 1 10 0M6 8.500l2.300-3.300" className="replay-glyph-open" />,
  click: <circle cx="6" cy="6" r="3" />,
  input: <path d="M1 3.500h10v5H1z" />,
  visibility: <circle cx="6" cy="6" r="2" />,
  storm: <circle cx="6" cy="6" r="2" />,
  restraint: <circle cx="6" cy="6" r="2" />,
};

export function MarkGlyph({ kind }: { kind: MarkKind }): ReactElement {
  return (
    <svg
      className="replay-glyph"
      data-tone={MARK_LOOKS[kind].tone}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[kind]}
    </svg>
  );
}
