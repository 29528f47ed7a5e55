import type { CustomEvents } from '@otel-replay/protocol';
import { expect, it } from 'vitest';
import { createGuard } from '../guard.js';
import type { Recording } from '../recording.js';
import { noActivity } from '../segment/activity.js';
import { createErrorReader } from '../trigger/errors.js';
import type { EndedSpan } from '../trigger/spans.js';
import { recordRequests, traceOf } from './network.js';
import { createHub } from './occurrences.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

function record(spans: readonly EndedSpan[]) {
  const hub = createHub(createGuard());
  const activity = noActivity();
  const requests: CustomEvents['session_replay.request'][] = [];
  const traces: string[] = [];
  const recording: Pick<Recording, 'on' | 'activity' | 'sanitizeUrl' | 'trace' | 'mark'> = {
    on: hub.on,
    activity: () => activity,
    sanitizeUrl: (url) => url.replace(/\?.*/, ''),
    trace: (id) => void traces.push(id),
    mark: (_tag, payload) => void requests.push(payload as (typeof requests)[number]),
  };
  recordRequests(recording as Recording);
  const errorOf = createErrorReader();
  for (const span of spans) hub.tell('spanEnd', { span, error: errorOf(span) });
  return { requests, traces, activity };
}

const span = (attributes: Record<string, unknown>, more: Partial<EndedSpan> = {}): EndedSpan => ({
  spanContext: () => ({ traceId, spanId }),
  kind: 2,
  startTime: [1_700_000_000, 250_000_000],
  endTime: [1_700_000_000, 750_900_000],
  attributes,
  ...more,
});

it('reads both generations of names', () => {
  const told = {
    method: 'GET',
    url: 'https://shop.example/a',
    status: 200,
    start: 1_700_000_000_250,
    durationMs: 501,
    responseBytes: 42,
    traceId,
    spanId,
  };
  const { requests } = record([
    span({
      'http.request.method': 'GET',
      'url.full': 'https://shop.example/a?b=c',
      'http.response.status_code': 200,
      'http.response.body.size': 42,
    }),
    span({
      'http.method': 'GET',
      'http.url': 'https://shop.example/a?b=c',
      'http.status_code': 200,
      'http.response_content_length': 42,
    }),
  ]);
  expect(requests).toEqual([told, told]);
});

it('leaves out what is no request, and what is no method or size', () => {
  const url = { 'url.full': 'https://shop.example/' };
  const { requests } = record([
    span(url, { kind: 0 }),
    span({}),
    span({ ...url, 'http.request.method': 'a secret', 'http.response.body.size': 'secret' }),
  ]);
  expect(requests).toHaveLength(1);
  expect(JSON.stringify(requests)).not.toContain('secret');
});

it('counts what is too much for one segment', () => {
  const many = Array.from({ length: 300 }, () =>
    span({ 'url.full': '/', 'http.response.status_code': 500 }),
  );
  const { requests, activity } = record(many);
  expect(requests).toHaveLength(200);
  expect(activity).toMatchObject({ requestCount: 300, failedRequestCount: 300 });
});

it('links the trace that a server answered with', () => {
  const other = '0af7651916cd43dd8448eb211c80319c';
  const header = (value: unknown): EndedSpan =>
    span({ 'url.full': '/', 'http.response.header.traceresponse': value });
  expect(record([header([`00-${other}-${spanId}-01`])]).traces).toEqual([other]);
  expect(record([header('secret'), header([]), span({ 'url.full': '/' })]).traces).toEqual([]);
});

it('takes a trace context as servers write it, and nothing else', () => {
  expect(traceOf(`00-${traceId}-${spanId}-01`)).toEqual([traceId, spanId]);
  expect(traceOf(` 00-${traceId}-${spanId}-00 `)).toEqual([traceId, spanId]);
  for (const wrong of [
    undefined,
    '',
    traceId,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-01-secret`,
    `ff-${traceId}-${spanId}`,
  ]) {
    expect(traceOf(wrong), wrong).toBeUndefined();
  }
});
