/** What can be pressed, and what the time line shows. */
import type { ReactElement } from 'react';
import type { Mark } from '../engine/timeline/marks.js';
import { Icon } from './icons.js';
import { KEYS } from './keyboard.js';
import { BandLegend, MarkLegend } from './legend.js';
import { Popover } from './popover.js';

export interface KeyHelpProps {
  marks: readonly Mark[];
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
}

export function KeyHelp({ marks, isOpen, onOpen }: KeyHelpProps): ReactElement {
  return (
    <Popover
      label="Marks and keys"
      title="Marks and keys (?)"
      button={<Icon name="help" />}
      isOpen={isOpen}
      onOpen={onOpen}
    >
      <div className="replay-help">
        <section>
          <h2>Marks</h2>
          <MarkLegend marks={marks} />
        </section>
        <section>
          <h2>Keys</h2>
          <dl className="replay-keys" data-testid="key-help">
            {KEYS.map(({ keys, what }) => (
              <div key={what}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h2>Above and below them</h2>
          <BandLegend />
        </section>
      </div>
    </Popover>
  );
}
