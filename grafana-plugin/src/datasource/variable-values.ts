/** Values of dashboard variables. */
import type { MetricFindValue, ScopedVars, TimeRange } from '@grafana/data';
import type { ReplaySource, SessionSummary } from '@otel-replay/player';
import { interpolate } from './interpolate';
import { listSessions } from './list-sessions';
import { MAX_LIMIT, type ReplayVariableQuery } from './types';

/** A drop-down is no list to read through. */
const MAX_SESSIONS = 200;

export async function findVariableValues(
  source: ReplaySource,
  asked: ReplayVariableQuery,
  context: { range?: TimeRange; scopedVars?: ScopedVars },
): Promise<MetricFindValue[]> {
  const { values = 'sessions' } = asked;
  const { user, url, service } = asked;
  const { query, services } = interpolate(
    { refId: 'Variable', user, url, service },
    context.scopedVars,
  );
  const { sessions } = await listSessions(source, {
    // A variable that is not refreshed with the time range is asked without one.
    from: context.range?.from.valueOf() ?? 0,
    to: context.range?.to.valueOf() ?? Date.now(),
    services,
    user: query.user,
    url: query.url,
    limit: values === 'sessions' ? MAX_SESSIONS : MAX_LIMIT,
  });
  if (values === 'sessions') {
    return sessions.map((one) => ({ text: labelOf(one), value: one.sessionId }));
  }
  const names =
    values === 'services'
      ? sessions.flatMap((one) => one.serviceNames)
      : sessions.flatMap((one) => one.userId ?? one.userHash ?? []);
  return [...new Set(names)].sort().map((text) => ({ text, value: text }));
}

function labelOf({ sessionId, userId, userHash, firstTimestamp }: SessionSummary): string {
  const when = new Date(firstTimestamp).toISOString().slice(0, 16).replace('T', ' ');
  return `${userId ?? userHash ?? sessionId.slice(0, 8)} · ${when}`;
}
