/** What custom events say on the time line. Recordings may be anyone's: nothing of them is taken on trust. */
import type { CustomEvents } from '@otel-replay/protocol';

export type MarkKind =
  'error' | 'click' | 'rage_click' | 'dead_click' | 'navigation' | 'freeze' | 'event';

export interface CustomMark {
  kind: MarkKind;
  label: string;
  traceId?: string;
  /** Unix milliseconds, where it is not the event's own time. */
  time?: number;
  /** Says more than another mark of the same failure. */
  better?: true;
}

type Payload = Record<string, unknown>;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const MARKS: Partial<Record<keyof CustomEvents, (payload: Payload) => CustomMark | undefined>> = {
  'session_replay.error': ({ type, traceId }) => error(text(type) ?? 'Error', traceId),
  'session_replay.backend_error': ({ traceId }) => error('Failed on its server', traceId),
  'session_replay.request': ({ failed, method, url, status, traceId }) =>
    failed === true
      ? { ...error(requestLabel(method, url, status), traceId), better: true }
      : undefined,
  'session_replay.rage_click': () => ({ kind: 'rage_click', label: 'Rage click' }),
  'session_replay.dead_click': () => ({ kind: 'dead_click', label: 'Dead click' }),
  'session_replay.navigation': ({ url }) =>
    typeof url === 'string' ? { kind: 'navigation', label: url } : undefined,
  'session_replay.freeze': ({ start, durationMs }) => ({
    kind: 'freeze',
    label: Number.isFinite(durationMs)
      ? `No answer for ${(Number(durationMs) / 1000).toFixed(1)} s`
      : 'No answer',
    ...(Number.isFinite(start) && { time: Number(start) }),
  }),
  'session_replay.event': ({ name }) =>
    typeof name === 'string' ? { kind: 'event', label: name } : undefined,
};

export function customMark(tag: unknown, payload: Payload): CustomMark | undefined {
  const known = typeof tag === 'string' && Object.hasOwn(MARKS, tag);
  return known ? MARKS[tag as keyof CustomEvents]?.(payload) : undefined;
}

function error(label: string, traceId: unknown): CustomMark {
  return { kind: 'error', label, ...(typeof traceId === 'string' && { traceId }) };
}

/** `GET /api/cart 503` */
function requestLabel(method: unknown, url: unknown, status: unknown): string {
  const path = (text(url) ?? '').replace(/^[a-z]+:\/\/[^/]*/i, '');
  const answer = typeof status === 'number' && status > 0 ? String(status) : 'failed';
  return [text(method), path, answer].filter((part) => part !== undefined && part !== '').join(' ');
}
