/** What custom events say on the time line. Recordings may be anyone's: nothing of them is taken on trust. */
import type { CustomEvents } from '@otel-replay/protocol';
import { amountOf, attributesOf, textOf, type Attributes } from './records.js';

/** What a mark is of; `storm` and `restraint` are the recorder's own. */
export type MarkKind =
  | 'error'
  | 'failed_request'
  | 'console_error'
  | 'rage_click'
  | 'dead_click'
  | 'freeze'
  | 'long_task'
  | 'click'
  | 'input'
  | 'navigation'
  | 'visibility'
  | 'event'
  | 'feature_flag'
  | 'web_vital'
  | 'storm'
  | 'restraint';

export interface CustomMark {
  kind: MarkKind;
  label: string;
  traceId?: string;
  /** Unix milliseconds, where it is not the event's own time. */
  time?: number;
  /** rrweb's id of the element it is about. */
  elementId?: number;
  attributes?: Attributes;
}

type Payload = Record<string, unknown>;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const MARKS: Partial<Record<keyof CustomEvents, (payload: Payload) => CustomMark | undefined>> = {
  'session_replay.error': ({ type, traceId }) => error(textOf(type, 200) ?? 'Error', traceId),
  'session_replay.backend_error': ({ traceId, url }) => ({
    ...error('Failed on its server', traceId),
    ...withAttributes({ url }),
  }),
  'session_replay.rage_click': (payload) => ({
    ...at(payload),
    kind: 'rage_click',
    label: 'Rage click',
  }),
  'session_replay.dead_click': (payload) => ({
    ...at(payload),
    kind: 'dead_click',
    label: 'Dead click',
  }),
  'session_replay.navigation': ({ url }) =>
    typeof url === 'string' ? { kind: 'navigation', label: url.slice(0, 2000) } : undefined,
  'session_replay.visibility': ({ state }) => ({
    kind: 'visibility',
    label: state === 'hidden' ? 'Page hidden' : 'Page visible',
  }),
  'session_replay.freeze': (payload) => ({
    ...begun(payload),
    kind: 'freeze',
    label: `No answer${lasting(payload)}`,
  }),
  'session_replay.long_task': (payload) => ({
    ...begun(payload),
    kind: 'long_task',
    label: `Busy${lasting(payload)}`,
    ...withAttributes({
      'blocking ms': payload['blockingMs'],
      script: (payload['script'] as Payload | null | undefined)?.['url'],
      'script ms': (payload['script'] as Payload | null | undefined)?.['durationMs'],
    }),
  }),
  'session_replay.web_vital': (payload) => vital(payload),
  'session_replay.event': ({ name, attributes }) => {
    if (typeof name !== 'string') return undefined;
    const flat = attributesOf(attributes);
    return { kind: 'event', label: name.slice(0, 200), ...(flat && { attributes: flat }) };
  },
  'session_replay.feature_flag': (payload) => {
    const key = textOf(payload['feature_flag.key'], 200);
    const variant = textOf(payload['feature_flag.result.variant'], 200);
    if (key === undefined) return undefined;
    const attributes = { key, variant: variant ?? '' };
    return { kind: 'feature_flag', label: `${key} = ${variant ?? '?'}`, attributes };
  },
  'session_replay.storm': ({ changes }) => ({
    kind: 'storm',
    label: `${amountOf(changes) ?? 'Many'} changes at once: only their result is recorded`,
  }),
  'session_replay.restraint': ({ level, share }) => ({
    kind: 'restraint',
    label: RESTRAINT[amountOf(level) ?? 0] ?? 'Recording holds back',
    ...withAttributes({ level, share }),
  }),
};

const RESTRAINT = [
  'All is recorded again',
  'Recording holds back: no pointer moves',
  'Recording holds back: no pointer moves, no changes of attributes',
  'Recording holds back: no changes of the page',
];

export function customMark(tag: unknown, payload: Payload): CustomMark | undefined {
  const known = typeof tag === 'string' && Object.hasOwn(MARKS, tag);
  return known ? MARKS[tag as keyof CustomEvents]?.(payload) : undefined;
}

function error(label: string, traceId: unknown): CustomMark {
  return { kind: 'error', label, ...(typeof traceId === 'string' && { traceId }) };
}

function at({ id }: Payload): Pick<CustomMark, 'elementId'> {
  return typeof id === 'number' ? { elementId: id } : {};
}

function begun({ start }: Payload): Pick<CustomMark, 'time'> {
  return Number.isFinite(start) ? { time: Number(start) } : {};
}

function lasting({ durationMs }: Payload): string {
  const ms = amountOf(durationMs);
  return ms === undefined ? '' : ` for ${ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms)}`;
}

function vital(payload: Payload): CustomMark | undefined {
  const name = textOf(payload['name'], 20);
  const value = amountOf(payload['value']);
  if (name === undefined || value === undefined) return undefined;
  const rating = textOf(payload['rating'], 30) ?? '';
  const amount = name === 'CLS' ? value.toFixed(3) : `${Math.round(value)} ms`;
  return {
    ...at(payload),
    kind: 'web_vital',
    label: `${name} ${amount}${rating === '' ? '' : `, ${rating.replace('-', ' ')}`}`,
    attributes: { name, value, rating },
  };
}

function withAttributes(given: Payload): Pick<CustomMark, 'attributes'> {
  const attributes = attributesOf(given);
  return attributes === undefined ? {} : { attributes };
}
