import type { SegmentHeader } from '@otel-replay/protocol';
import type { Policy } from './policy.js';

/** A page decides how long its attributes are. */
const MAX_SHOWN = 120;

/**
 * Keeps what a browser found worth keeping: a session for a while after each segment that names a
 * trigger (an error, a rage click, a freeze, a call of the page's own), and whatever a recorder sends
 * that holds everything back until then. The decision about that is made already.
 */
export function browserTrigger(name: string): Policy {
  return {
    name,
    type: 'browser_trigger',
    role: 'keep',
    evaluate(event) {
      if (event.kind !== 'segment') return undefined;
      const reason = reasonOf(event.header);
      return reason === undefined ? undefined : { reason, wholeSession: false };
    },
  };
}

function reasonOf({ mode, trigger }: SegmentHeader): string | undefined {
  if (trigger !== undefined) return `the browser noticed: ${trigger.slice(0, MAX_SHOWN)}`;
  return mode === 'buffer' ? 'the browser sent what it had held back' : undefined;
}
