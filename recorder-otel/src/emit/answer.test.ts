import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { classify } from './answer.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('Fri, 20 Nov 2026 10:00:00 GMT') });
});
afterEach(() => {
  vi.useRealTimers();
});

const body = (...bytes: number[]): ArrayBuffer => new Uint8Array(bytes).buffer;

test.each([
  [undefined, 0],
  ['7', 7000],
  ['0', 0],
  ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
  ['Fri, 20 Nov 2026 09:00:00 GMT', -3_600_000],
  ['soon', 0],
])('Retry-After %s', (retryAfter, afterMs) => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    expect(classify('u', status, retryAfter)).toEqual({ outcome: 'later', afterMs });
  }
});

test.each([400, 413, 422])('%d may be the fault of one segment', (status) => {
  expect(classify('u', status)).toEqual({ outcome: 'unfit' });
});

test.each([401, 403, 404, 415])('%d is said with the address', (status) => {
  expect(classify('https://o/v1/traces', status)).toEqual({
    outcome: 'rejected',
    reason: `https://o/v1/traces answered ${status}`,
  });
});

test.each([
  ['nothing', body(), 0],
  ['300 spans and a message', body(10, 6, 8, 0xac, 0x02, 18, 1, 65), 300],
  ['a warning without refusals', body(10, 3, 18, 1, 65), 0],
  ['JSON', new TextEncoder().encode('{"partialSuccess":{}}').buffer, 0],
  ['a truncated message', body(10, 2, 8), 0],
] as const)('accepted with %s', (_name, answer, refused) => {
  expect(classify('u', 200, null, answer)).toEqual({ outcome: 'delivered', refused });
});
