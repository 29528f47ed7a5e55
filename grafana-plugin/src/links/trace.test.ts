import { describe, expect, it } from 'vitest';
import {
  sessionIdOf,
  sessionOfTrace,
  type TraceViewContext,
  type TraceViewSpan,
} from './trace-context';
import { spansOf } from './trace-spans';

const tags = (attributes: Record<string, unknown>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value }));

const span = (change: Partial<TraceViewSpan>): TraceViewSpan => ({
  traceID: '4bf92f3577b34da6',
  spanID: 'b7ad6b7169203331',
  operationName: 'POST /refund',
  startTime: 1_772_442_042_000_500,
  duration: 480_000,
  tags: null,
  logs: null,
  process: null,
  ...change,
});
const trace = (...spans: TraceViewSpan[]): TraceViewContext => ({
  traceID: '4bf92f3577b34da6',
  startTime: 1,
  spans,
});

describe('the session of a trace', () => {
  it('is in the attributes of a span, or of its resource, under either name', () => {
    const found = [
      span({ tags: tags({ 'session.id': 's1' }) }),
      span({ process: { tags: tags({ 'session.id': 's1' }) } }),
      span({ tags: tags({ session_id: 's1' }) }),
      span({ tags: tags({ 'session.id': '"s1"' }) }),
    ].map((one) => sessionOfTrace(trace(span({}), one))?.sessionId);
    expect(found).toEqual(['s1', 's1', 's1', 's1']);
  });

  it('is the one that most spans name, with the first of them', () => {
    const named = (id: string, startTime: number) =>
      span({ tags: tags({ 'session.id': id }), startTime });
    const found = sessionOfTrace(trace(named('a', 1), named('b', 9), named('b', 5)));
    expect(found).toMatchObject({ sessionId: 'b', span: { startTime: 5 } });
  });

  it('is none where no span names one', () => {
    expect(
      sessionOfTrace(trace(span({}), span({ tags: tags({ 'session.id': '' }) }))),
    ).toBeUndefined();
    expect(sessionOfTrace({ traceID: 'a', startTime: 0 } as TraceViewContext)).toBeUndefined();
    expect(sessionIdOf(undefined, {}, { 'session.id': [] })).toBeUndefined();
  });

  it('is the span’s own before the resource’s', () => {
    expect(sessionIdOf({ 'session.id': ['own'] }, { 'session.id': ['resource'] })).toBe('own');
  });
});

describe('spans for the player', () => {
  it('have milliseconds, whole ids, and what Tempo and Jaeger say of errors', () => {
    const [tempo, jaeger, fine] = spansOf(
      trace(
        span({
          statusCode: 2,
          statusMessage: 'card network timeout',
          kind: 'client',
          parentSpanID: '0000000000000000',
        }),
        span({
          tags: tags({ error: true, 'span.kind': 'server' }),
          references: [{ refType: 'CHILD_OF', traceID: 'a', spanID: 'b7ad' }],
        }),
        span({ statusCode: 0 }),
      ),
    );
    expect(tempo).toMatchObject({
      traceId: '00000000000000004bf92f3577b34da6',
      startTime: 1_772_442_042_000.5,
      endTime: 1_772_442_042_480.5,
      status: 'error',
      statusMessage: 'card network timeout',
      kind: 'client',
    });
    expect(tempo).not.toHaveProperty('parentSpanId');
    expect(jaeger).toMatchObject({ status: 'error', kind: 'server', parentSpanId: 'b7ad' });
    expect(fine?.status).toBe('unset');
  });

  it('tell the browser’s from a backend that the session was carried on to', () => {
    const origins = spansOf(
      trace(
        span({ kind: 'client', tags: tags({ 'session.id': 's' }) }),
        span({ kind: 'server', tags: tags({ 'session.id': 's' }) }),
        span({ kind: 'internal', process: { tags: tags({ 'browser.language': 'en' }) } }),
        span({ kind: 'internal' }),
      ),
    ).map(({ origin }) => origin);
    expect(origins).toEqual(['browser', 'backend', 'browser', 'backend']);
  });

  it('keep events, named by whichever field has the name, and no object of Grafana’s', () => {
    const logs = [
      { timestamp: 2_000, name: 'exception', fields: tags({ 'exception.type': 'TypeError' }) },
      { timestamp: 3_000, fields: tags({ event: 'retry', at: { deep: 1 } }) },
      { timestamp: 4_000, fields: null },
    ];
    const [only] = spansOf(trace(span({ logs })));
    expect(only?.events).toEqual([
      { name: 'exception', timestamp: 2, attributes: { 'exception.type': 'TypeError' } },
      { name: 'retry', timestamp: 3, attributes: { event: 'retry', at: '{"deep":1}' } },
      { name: 'event', timestamp: 4, attributes: {} },
    ]);
  });
});
