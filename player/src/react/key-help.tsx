/** All keys of the player. */
import type { ReactElement } from 'react';
import { Icon } from './icons.js';
import { KEYS } from './keyboard.js';
import { Popover } from './popover.js';

export interface KeyHelpProps {
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
}

export function KeyHelp({ isOpen, onOpen }: KeyHelpProps): ReactElement {
  return (
    <Popover
      label="Keys"
      title="Keys (?)"
      button={<Icon name="help" />}
      isOpen={isOpen}
      onOpen={onOpen}
    >
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
    </Popover>
  );
}
