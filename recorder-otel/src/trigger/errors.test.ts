import { describe, expect, it } from 'vitest';
import { createErrorReader } from './errors.js';
import type { EndedSpan } from './spans.js';

const CLIENT = 2;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const timings = [{ name: 'fetchStart' }, { name: 'responseEnd' }];

function span(more: Partial<EndedSpan>): EndedSpan {
  return { spanContext: () => ({ traceId, spanId: '00f067aa0ba902b7' }), kind: 0, ...more };
}

const request = (code: number | undefined, more: Partial<EndedSpan> = {}): EndedSpan =>
  span({
    kind: CLIENT,
    status: { code: 0 },
    ...more,
    attributes: {
      'url.full': 'https://shop.example/',
      ...(code !== undefined && { 'http.response.status_code': code }),
      ...more.attributes,
    },
  });

const outcome = (...spans: EndedSpan[]): string | undefined => {
  const read = createErrorReader();
  return spans.map((each) => read(each)?.trigger).at(-1);
};

describe('the error of a span', () => {
  it.each<[string, EndedSpan, string | undefined]>([
    ['fine', span({ status: { code: 1 } }), undefined],
    ['without a status', span({}), undefined],
    ['failed', span({ status: { code: 2 } }), 'error'],
    ['with an exception that was handled', span({ events: [{ name: 'exception' }] }), 'error'],
    ['answered', request(200), undefined],
    ['answered, and failed all the same', request(200, { status: { code: 2 } }), 'error'],
    ['refused', request(404, { status: { code: 2 } }), undefined],
    ['answered with 5xx, status unset', request(503), 'failed_request'],
    ['without an answer, fetch', request(0, { events: timings }), 'failed_request'],
    [
      'without an answer, XHR',
      request(undefined, { status: { code: 2 }, attributes: { 'error.type': 'error' } }),
      'failed_request',
    ],
    ['given up, XHR', request(undefined, { events: [{ name: 'abort' }] }), undefined],
    ['given up, as said', request(0, { attributes: { 'error.type': 'AbortError' } }), undefined],
    [
      'timed out, as said',
      request(0, { attributes: { 'error.type': 'TimeoutError' } }),
      'failed_request',
    ],
    [
      'answered with 5xx, older names',
      span({ kind: CLIENT, attributes: { 'http.status_code': 500 } }),
      'failed_request',
    ],
    [
      'given up, older names',
      span({
        kind: CLIENT,
        attributes: { 'http.status_code': 0, 'http.status_text': 'The user aborted a request.' },
      }),
      undefined,
    ],
    [
      'a server span, which no page has',
      span({ kind: 1, attributes: { 'http.response.status_code': 0 } }),
      undefined,
    ],
  ])('%s', (_name, given, expected) => {
    expect(outcome(given)).toBe(expected);
  });

  it('knows a request that was given up by the timings that others have', () => {
    expect(outcome(request(200, { events: timings }), request(0))).toBeUndefined();
    expect(outcome(request(200), request(0))).toBe('failed_request');
  });

  it('names types, never text', () => {
    const read = createErrorReader();
    const thrown = (type: unknown): unknown =>
      read(span({ events: [{ name: 'exception', attributes: { 'exception.type': type } }] }))?.type;
    expect(thrown('RangeError')).toBe('RangeError');
    expect(thrown('shop.CartError')).toBe('shop.CartError');
    for (const text of ['of Ann Smith', '', 'x'.repeat(200), 5, undefined]) {
      expect(thrown(text)).toBe('Error');
    }
  });
});
