/** Reads a session's live stream for as long as there is one, and comes back when it breaks off. */
import type { LiveCursor, LiveEvent } from '@otel-replay/protocol';
import { isAbort, ReplaySourceError, type ReplaySource } from '../client/source.js';

/**
 * * `open`: what comes is told
 * * `interrupted`: it is tried again
 * * `over`: the session has ended for good, is gone, or the source refuses
 */
export type LiveFeedStatus = 'open' | 'interrupted' | 'over';

export interface LiveFeedOptions {
  source: ReplaySource;
  sessionId: string;
  /** What is known at the moment. */
  cursor: () => LiveCursor;
  onEvent: (event: LiveEvent) => void;
  onStatus: (status: LiveFeedStatus) => void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** Resolves when it is over or `signal` is aborted. */
export async function followSession(options: LiveFeedOptions, signal: AbortSignal): Promise<void> {
  const { onStatus } = options;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const outcome = await followOnce(options, signal);
    if (signal.aborted) return;
    if (outcome === 'over') return onStatus('over');
    if (outcome === 'broke_off') attempt = 0;
    onStatus('interrupted');
    await pause(Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS), signal);
  }
}

/** `broke_off`: it stood, and ended; `failed`: it could not be opened. */
async function followOnce(
  { source, sessionId, cursor, onEvent, onStatus }: LiveFeedOptions,
  signal: AbortSignal,
): Promise<'over' | 'broke_off' | 'failed'> {
  let stood = false;
  try {
    for await (const event of source.live?.({ sessionId, after: cursor() }, signal) ?? []) {
      if (signal.aborted) return 'broke_off';
      if (!stood) onStatus('open');
      stood = true;
      onEvent(event);
      if (event.type === 'gone') return 'over';
    }
    // A stream that says nothing at all has nothing to say any more.
    return stood ? 'broke_off' : 'over';
  } catch (error) {
    if (isAbort(error)) return 'broke_off';
    const mayWork =
      error instanceof ReplaySourceError &&
      (error.kind === 'unreachable' || error.kind === 'server' || error.kind === 'corrupt');
    if (!mayWork) return 'over';
    return stood ? 'broke_off' : 'failed';
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
