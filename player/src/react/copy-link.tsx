import { useState, type ReactElement } from 'react';
import type { Playback } from '../engine/playback/playback.js';
import { Icon } from './icons.js';

const SHOWN_MS = 2000;

export function CopyLink({
  playback,
  linkAt,
}: {
  playback: Playback;
  linkAt: (time: number) => string;
}): ReactElement {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(linkAt(Math.round(playback.clock.getSnapshot())));
      setOutcome('copied');
    } catch {
      setOutcome('failed'); // No permission, or not a secure context.
    }
    setTimeout(() => setOutcome(undefined), SHOWN_MS);
  };
  return (
    <>
      <button
        type="button"
        className="replay-icon-button"
        data-rank="3"
        aria-label="Copy link to this moment"
        title="Copy link to this moment"
        data-outcome={outcome}
        onClick={() => void copy()}
      >
        <Icon name={outcome === 'copied' ? 'check' : outcome === 'failed' ? 'close' : 'link'} />
      </button>
      <span className="replay-hidden" role="status">
        {outcome === 'copied'
          ? 'Link copied'
          : outcome === 'failed'
            ? 'The browser refused to copy'
            : ''}
      </span>
    </>
  );
}
