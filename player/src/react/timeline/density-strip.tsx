/** How much happened: changes of the page behind, what the person did before it. */
import { memo, type ReactElement } from 'react';
import type { Density } from '../../engine/timeline/density.js';
import { outline } from './axis.js';

export const DensityStrip = memo(function DensityStrip({
  density: { changes, actions },
}: {
  density: Density;
}): ReactElement {
  const count = Math.max(1, changes.length);
  return (
    <svg
      className="replay-density"
      viewBox={`0 0 ${count} 1`}
      preserveAspectRatio="none"
      aria-hidden="true"
      data-testid="density"
    >
      <path className="replay-density-changes" d={outline(changes, Math.max(...changes, 0))} />
      <path className="replay-density-actions" d={outline(actions, Math.max(...actions, 0))} />
    </svg>
  );
});
