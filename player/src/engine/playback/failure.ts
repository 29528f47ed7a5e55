/** What went wrong, in words for the person watching. */
import { ReplaySourceError } from '../client/source.js';
import { TooLargeError } from '../plan/too-large.js';
import type { PlaybackError } from './state.js';

/** The session holds segments, but no checkpoint to start from. */
export class NoSnapshotError extends Error {
  override readonly name = 'NoSnapshotError';

  constructor() {
    super(
      'Nothing of this session can be drawn: the picture of the page that everything else builds on is missing. ' +
        'It was lost on the way, or it is still to come; try again in a few seconds.',
    );
  }
}

/** True for what may well work when it is tried again. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof ReplaySourceError && (error.kind === 'unreachable' || error.kind === 'server')
  );
}

export function playbackError(error: unknown): PlaybackError {
  if (error instanceof ReplaySourceError) {
    const { kind, reason, message, problem } = error;
    if (reason === undefined) return { kind, message };
    const { droppedBy, limit, policies } = problem ?? {};
    return {
      ...{ kind, reason, message },
      ...(policies === undefined ? {} : { policies }),
      ...(droppedBy === undefined ? {} : { droppedBy }),
      ...(limit === undefined ? {} : { limit }),
    };
  }
  if (error instanceof TooLargeError) return { kind: 'too_large', message: error.message };
  if (error instanceof NoSnapshotError) return { kind: 'no_snapshot', message: error.message };
  return { kind: 'internal', message: error instanceof Error ? error.message : String(error) };
}
