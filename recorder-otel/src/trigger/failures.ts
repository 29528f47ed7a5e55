/** Counts and marks what fails, once: all spans around it say so, and the page's own error too. */
import type { Recording } from '../recording.js';
import { watchErrors, type PageError } from './errors.js';
import type { TriggerName } from './options.js';

export interface Failures {
  notice(error: PageError, trigger?: TriggerName): void;
  /** Watches the page and its spans; returns how to stop. */
  start(): () => void;
}

export function createFailures(recording: Recording): Failures {
  let failedTrace: string | undefined;
  const notice = ({ type, traceId }: PageError, name: TriggerName = 'error'): void => {
    if (traceId !== undefined && traceId === failedTrace) return;
    failedTrace = traceId;
    const of = traceId && { traceId };
    recording.activity().errorCount++;
    recording.mark('session_replay.error', { type, ...of });
    recording.trigger({ name, ...of });
  };
  return {
    notice,
    start: () => {
      const ends = [
        watchErrors(recording.guard, notice),
        recording.on('spanEnd', ({ error }) => error && notice(error, error.trigger)),
      ];
      return () => ends.forEach((end) => end());
    },
  };
}
