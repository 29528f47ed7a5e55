import { describe, expect, it } from 'vitest';
import { span } from '../../../test/recordings.js';
import { failuresOf } from './failures.js';
import type { Mark } from './marks.js';
import type { RequestRecord } from './records.js';
import { requestsOf } from './requests.js';
import { alignSpans, mergeSpans } from './spans.js';

const exception = (message: string, timestamp = 50) => ({
  name: 'exception',
  timestamp,
  attributes: { 'exception.type': 'E', 'exception.message': message, 'exception.stacktrace': 'at' },
});
const mark = (change: Partial<Mark>): Mark => ({
  ...{ id: 'm', kind: 'error', time: 100, label: 'failed' },
  ...change,
});

describe('failures', () => {
  it('take message and stack from the trace, of the span that is named', () => {
    const spans = alignSpans(
      [
        span({ spanId: 'a', startTime: 0, events: [exception('outer')] }),
        span({ spanId: 'b', startTime: 10, serviceName: 'api', events: [exception('cause')] }),
      ],
      0,
    );
    expect(failuresOf([mark({ traceId: 't', spanId: 'a' })], spans)).toMatchObject([
      { title: 'failed', message: 'E: outer', stack: 'at', spanId: 'a' },
    ]);
    // Without a span the cause tells more than what wraps it.
    expect(failuresOf([mark({ traceId: 't' })], spans)).toMatchObject([
      { message: 'E: cause', serviceName: 'api', spanId: 'b' },
    ]);
  });

  it('list exceptions that no mark tells of, once for nested spans', () => {
    const spans = alignSpans(
      [
        span({ traceId: 'u', spanId: 'a', events: [exception('boom')] }),
        span({ traceId: 'u', spanId: 'b', events: [exception('boom')] }),
        span({ traceId: 'v', spanId: 'c', events: [{ ...exception('x'), name: 'log' }] }),
      ],
      0,
    );
    const rows = failuresOf(
      [mark({ kind: 'click' }), mark({ kind: 'failed_request', time: 9 })],
      spans,
    );
    expect(rows.map((r) => [r.time, r.kind, r.title])).toEqual([
      [9, 'failed_request', 'failed'],
      [50, 'error', 'E: boom'],
    ]);
  });
});

describe('requests', () => {
  const record: RequestRecord = {
    ...{ id: 'r', start: 5, durationMs: 9, method: 'GET', url: 'https://a.example/x', status: 200 },
    ...{ failed: false, aborted: false, traceId: 't', spanId: 'a' },
  };

  it('come from spans before anything is read, and from both once', () => {
    const spans = alignSpans(
      [
        span({
          ...{ spanId: 'a', name: 'GET', kind: 'client', startTime: 4, endTime: 30 },
          attributes: { 'http.method': 'GET', 'http.url': 'https://a.example/x' },
        }),
        span({ spanId: 'b', name: 'POST /y', kind: 'client', status: 'error', startTime: 2 }),
        span({ spanId: 'c', name: 'GET /server', kind: 'client', origin: 'backend' }),
        span({ spanId: 'd', name: 'click' }),
      ],
      0,
    );
    expect(requestsOf([], spans).map((r) => [r.method, r.url, r.status, r.failed])).toEqual([
      ['POST', '/y', undefined, true],
      ['GET', 'https://a.example/x', undefined, false],
    ]);
    const both = requestsOf([record], spans);
    expect(both.map((r) => r.status)).toEqual([undefined, 200]);
    expect(both[1]?.span?.spanId).toBe('a');
  });
});

describe('spans of the host', () => {
  it('join those of the session, on its clock', () => {
    const browser = span({ spanId: 'b', startTime: 1000, endTime: 1500, attributes: { own: 1 } });
    const backend = span({
      ...{ spanId: 's', parentSpanId: 'b', origin: 'backend', startTime: 4100, endTime: 4400 },
    });
    const own = alignSpans([browser], 0);
    expect(mergeSpans(own, [], 0)).toBe(own);
    const merged = mergeSpans(own, [backend, { ...browser, attributes: { host: 2 } }], 0);
    expect(merged.map((s) => [s.spanId, s.startTime, s.shiftMs])).toEqual([
      ['b', 1000, 0],
      ['s', 1100, -3000],
    ]);
    expect(merged[0]?.attributes).toEqual({ host: 2, own: 1 });
    // What is merged again stays where it is.
    expect(mergeSpans(merged, [backend], 0).map((s) => s.startTime)).toEqual([1000, 1100]);
  });
});
