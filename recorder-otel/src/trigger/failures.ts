/** Counts and marks what fails, once: all spans around it say so, and the page's own error too. */
import type { Recording } from '../recording.js';
import { describeEvent, type PageError } from './errors.js';
import type { TriggerName } from './options.js';

export interface Failures {
  /** @param timestamp Unix milliseconds; default: now */
  notice(error: PageError, trigger?: TriggerName, timestamp?: number): void;
  /** The window was told of an error. */
  tell(event: Event, traceId: string | undefined, timestamp: number): void;
  /** Watches the page's spans; returns how to stop. */
  start(): () => void;
}

export function createFailures(recording: Recording): Failures {
  let failedTrace: string | undefined;
  const notice: Failures['notice'] = ({ type, traceId }, name = 'error', timestamp) => {
    if (traceId !== undefined && traceId === failedTrace) return;
    failedTrace = traceId;
    const of = traceId && { traceId };
    recording.activity().errorCount++;
    recording.mark('session_replay.error', { type, ...of }, timestamp);
    recording.trigger({ name, ...of });
  };
  return {
    notice,
    tell: (event, traceId, timestamp) => {
      const error = describeEvent(event, traceId);
      if (error) notice(error, 'error', timestamp);
    },
    start: () => recording.on('spanEnd', ({ error }) => error && notice(error, error.trigger)),
  };
}
