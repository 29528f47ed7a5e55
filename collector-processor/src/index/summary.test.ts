import type { Signal } from '@otel-replay/protocol';
import { expect, it } from 'vitest';
import { makeBlock } from './contract.js';
import { summarize } from './summary.js';

const traceId = (digit: string): string => digit.repeat(32);

function errorCount(recorded: number, signals: Partial<Signal>[]): number | undefined {
  const block = makeBlock({ first: 0, count: 1, errorCount: recorded });
  for (const more of signals) {
    const signal = {
      kind: 'error_span' as const,
      timestamp: 1,
      origin: 'backend' as const,
      sessionId: 's1',
      ...more,
    };
    const entry = { offset: 0, length: 1, firstTimestamp: 1, lastTimestamp: 1 };
    block.footer.entries.push({ kind: 'signal', ...entry, signal });
  }
  return summarize('s1', undefined, [block])?.errorCount;
}

it('counts a failure once, however many spans of its trace say so', () => {
  const failed = [
    { traceId: traceId('a'), spanId: '1', origin: 'browser' as const },
    { traceId: traceId('a'), spanId: '2' },
    { traceId: traceId('a'), spanId: '3', kind: 'exception' as const },
    { traceId: traceId('a'), spanId: '3', kind: 'http_5xx' as const },
  ];
  expect(errorCount(1, failed)).toBe(1);
});

it('does not count what the page asked for in vain', () => {
  const refused = { traceId: traceId('a'), origin: 'browser' as const, httpStatusCode: 404 };
  expect(errorCount(0, [refused])).toBe(0);
  expect(errorCount(0, [{ ...refused, httpStatusCode: 503 }])).toBe(1);
  expect(errorCount(0, [{ ...refused, origin: 'backend' }])).toBe(1);
});

it('adds errors that only the page or only a backend saw', () => {
  expect(errorCount(3, [{ traceId: traceId('a'), origin: 'browser' }])).toBe(3);
  expect(errorCount(2, [{ traceId: traceId('a') }, { traceId: traceId('b') }])).toBe(4);
});
