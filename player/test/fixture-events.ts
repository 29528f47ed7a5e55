/** What the recorder noted besides the DOM in fixtures/session.replay, as the wire contract has it. */
import type { CustomEvents, ReplayEvent } from '@otel-replay/protocol';
import { FIXTURE } from './fixture-spans.js';

function custom<Tag extends keyof CustomEvents>(
  offsetMs: number,
  tag: Tag,
  payload: CustomEvents[Tag],
): ReplayEvent {
  return { type: 5, timestamp: FIXTURE.start + offsetMs, data: { tag, payload } };
}

function request(
  endMs: number,
  durationMs: number,
  method: string,
  path: string,
  status: number,
  more: Partial<CustomEvents['session_replay.request']> = {},
): ReplayEvent {
  const hex = endMs.toString(16).padStart(16, '0');
  return custom(endMs, 'session_replay.request', {
    method,
    url: `https://ops.example.com${path}`,
    status,
    start: FIXTURE.start + endMs - durationMs,
    durationMs,
    traceId: hex + hex,
    spanId: hex,
    ...more,
  });
}

const vital = (
  offsetMs: number,
  name: CustomEvents['session_replay.web_vital']['name'],
  value: number,
  rating: CustomEvents['session_replay.web_vital']['rating'],
): ReplayEvent => custom(offsetMs, 'session_replay.web_vital', { name, value, rating });

const flag = (offsetMs: number, key: string, variant: string): ReplayEvent =>
  custom(offsetMs, 'session_replay.feature_flag', {
    'feature_flag.key': key,
    'feature_flag.result.variant': variant,
  });

const { start, traceId, browserSpanId } = FIXTURE;

export const FIRST_PAGE_EVENTS: ReplayEvent[] = [
  flag(400, 'new-refund-dialog', 'on'),
  flag(410, 'beta-search', 'control'),
  request(1800, 220, 'GET', '/api/orders', 200, { responseBytes: 18_432 }),
  request(2300, 1640, 'GET', '/api/customers', 200, { responseBytes: 240_112 }),
  custom(2600, 'session_replay.console', { level: 'info', text: '**** *** ******' }),
  custom(9400, 'session_replay.long_task', {
    start: start + 9200,
    durationMs: 180,
    blockingMs: 130,
    script: { url: 'https://ops.example.com/assets/app.js', durationMs: 150 },
  }),
  custom(18_000, 'session_replay.event', {
    name: 'filter_changed',
    attributes: { field: 'status', values: ['open', 'held'], count: 2 },
  }),
  request(21_000, 90, 'GET', '/api/orders/4700/history', 404, { responseBytes: 58 }),
  custom(30_100, 'session_replay.console', { level: 'warn', text: 'list re-rendered 412 times' }),
  flag(31_000, 'new-refund-dialog', 'on'),
  custom(42_200, 'session_replay.console', {
    level: 'error',
    text: 'Refund failed: card network timeout (request 7f31)',
    dropped: 3,
  }),
  custom(FIXTURE.errorOffsetMs, 'session_replay.error', { type: 'TypeError', traceId }),
  request(42_480, 480, 'POST', '/orders/4711/refund', 500, {
    failed: true,
    traceId,
    spanId: browserSpanId,
    requestBytes: 96,
    responseBytes: 41,
  }),
  custom(47_000, 'session_replay.dead_click', { x: 640, y: 300 }),
  custom(52_000, 'session_replay.rage_click', { x: 640, y: 300 }),
  custom(58_500, 'session_replay.event', {
    name: 'refund_abandoned',
    attributes: { order: '4711' },
  }),
  custom(60_000, 'session_replay.navigation', { url: 'https://ops.example.com/orders/4711' }),
  request(61_200, 2300, 'GET', '/api/orders/4711', 0, { aborted: true }),
  custom(68_000, 'session_replay.freeze', { start: start + 62_900, durationMs: 5100 }),
  vital(74_000, 'LCP', 1840, 'good'),
  vital(74_000, 'INP', 320, 'needs-improvement'),
  vital(74_010, 'CLS', 0.31, 'poor'),
  custom(74_020, 'session_replay.visibility', { state: 'hidden' }),
];

export const SECOND_PAGE_EVENTS: ReplayEvent[] = [
  custom(84_000, 'session_replay.console', { level: 'debug', text: 'cart hydrated' }),
  custom(90_000, 'session_replay.event', { name: 'added_to_cart', attributes: { quantity: 2 } }),
  vital(110_000, 'LCP', 2900, 'needs-improvement'),
];
