/** From what was asked for to a session and a place in it. */
import { ReplaySourceError, type ReplaySource } from '../client/source.js';
import type { Place } from '../plan/session-plan.js';
import { NoSnapshotError } from './failure.js';
import { SessionModel } from './session-model.js';

/** What to open; the most exact of what is given decides where. */
export interface OpenRequest {
  sessionId?: string;
  /** Opens the first session of this trace, two seconds before the trace began. */
  traceId?: string;
  recordingId?: string;
  /** Unix milliseconds. */
  time?: number;
}

/** What leads to a trace is part of it. */
const TRACE_LEAD_IN_MS = 2000;

/** Throws ReplaySourceError; TypeError when neither session nor trace is named. */
export async function openSession(
  source: ReplaySource,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<{ model: SessionModel; wanted: Wanted }> {
  let { sessionId, recordingId, time } = request;
  if (sessionId === undefined) {
    if (request.traceId === undefined) throw new TypeError('open() needs a session or a trace id');
    const lookup = await source.findTrace(request.traceId, signal);
    const first = lookup.sessions[0];
    if (first === undefined) {
      throw new ReplaySourceError('no_replay', 'No session of this trace is recorded.', {
        reason: 'never_recorded',
      });
    }
    sessionId = first.sessionId;
    recordingId ??= first.recordingId;
    time ??= first.timestamp - TRACE_LEAD_IN_MS;
  }
  const model = new SessionModel(await source.manifest(sessionId, signal));
  signal.throwIfAborted();
  const trace = model.session.traces.find((t) => t.traceId === request.traceId);
  time ??= trace === undefined ? model.plan.from : trace.timestamp - TRACE_LEAD_IN_MS;
  return { model, wanted: { time, recordingId: recordingId ?? trace?.recordingId } };
}

export interface Wanted {
  time: number;
  recordingId: string | undefined;
}

/**
 * What to show, and whether that is only the nearest to a moment of which nothing is recorded.
 * Throws {@link NoSnapshotError} when nothing of the session can be played.
 */
export function placeOf(
  { plan, session }: SessionModel,
  { time, recordingId }: Wanted,
): { place: Place; isInHole: boolean } {
  const recording = session.recordings.find((r) => r.recordingId === recordingId);
  const wanted = Math.min(Math.max(time, recording?.firstTimestamp ?? plan.from), plan.to);
  const place = plan.at(wanted, recordingId);
  if (place === undefined) throw new NoSnapshotError();
  return { place, isInHole: plan.isEmptyAt(wanted) };
}
