/** Copies the address of the moment that is on the stage. */
import { ClipboardButton } from '@grafana/ui';
import type { Store } from '@otel-replay/player';

interface Props {
  clock: Store<number>;
  /** @param time Unix milliseconds */
  addressOf: (time: number) => string;
}

export function CopyMoment({ clock, addressOf }: Props) {
  return (
    <ClipboardButton
      variant="secondary"
      size="sm"
      icon="link"
      tooltip="Copy a link to this moment"
      getText={() => addressOf(clock.getSnapshot())}
    >
      Copy link
    </ClipboardButton>
  );
}
