/** Puts a text on the clipboard, and says whether that worked. */
import { useState, type ReactElement } from 'react';
import { Icon } from './icons.js';

export function CopyButton({
  text,
  label = 'Copy',
  isSmall,
}: {
  text: string | undefined;
  label?: string;
  isSmall?: true;
}): ReactElement {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text ?? '');
      setOutcome('copied');
    } catch {
      setOutcome('failed'); // No permission, or not a secure context.
    }
    setTimeout(() => setOutcome(undefined), 2000);
  };
  const said = { copied: 'Copied', failed: 'The browser refused to copy' };
  return (
    <>
      <button
        type="button"
        className={isSmall === true ? 'replay-icon-button' : 'replay-button'}
        data-primary={isSmall === true ? undefined : true}
        disabled={text === undefined}
        {...(isSmall === true ? { 'aria-label': label, title: label } : {})}
        onClick={() => void copy()}
      >
        <Icon name={outcome === 'copied' ? 'check' : 'copy'} />
        {isSmall === true ? null : outcome === undefined ? label : said[outcome]}
      </button>
      <span className="replay-hidden" role="status">
        {outcome === undefined ? '' : said[outcome]}
      </span>
    </>
  );
}
