import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { browserTimeOf, focusedSpan, marksOf } from './focus';
import {
  SESSION_ID,
  T0,
  TRACE_ID,
  frame,
  jaeger,
  kv,
  tempo,
  typed,
  zipkin,
} from './frames.fixture';
import { readTraces } from './read-traces';

const nodeGraph = frame({ id: ['1'], title: ['shop'] }, { name: 'Nodes' });

function only(frames: Parameters<typeof readTraces>[0]) {
  const [trace, ...others] = readTraces(frames);
  expect(others).toEqual([]);
  expect(trace).toBeDefined();
  return trace!;
}

describe('frames of a trace', () => {
  it.each([
    ['Tempo', tempo()],
    ['Jaeger', jaeger()],
    ['Zipkin', zipkin()],
  ])('%s: the trace, its session and its spans', (_, given) => {
    const trace = only([nodeGraph, given]);
    expect(trace.traceId).toBe(TRACE_ID);
    expect(trace.sessionId).toBe(SESSION_ID);
    const [browser, backend] = trace.spans;
    expect(browser).toMatchObject({
      spanId: '00f067aa0ba902b7',
      serviceName: 'shop-web',
      kind: 'client',
      status: 'unset',
      origin: 'browser',
      startTime: T0,
    });
    expect(browser).not.toHaveProperty('parentSpanId');
    expect(browser!.endTime - browser!.startTime).toBeCloseTo(120, -1);
    expect(backend).toMatchObject({
      spanId: '53995c3f42cd8ad8',
      parentSpanId: '00f067aa0ba902b7',
      kind: 'server',
      status: 'error',
      origin: 'backend',
    });
    expect(backend!.events.map(({ timestamp }) => timestamp)).toEqual([T0 + 60]);
    expect(trace.errors).toEqual([backend]);
  });

  it('Tempo: what failed in its own words, and which document was recorded', () => {
    const trace = only([tempo()]);
    expect(trace.recordingId).toBe('a'.repeat(32));
    expect(trace.errors[0]).toMatchObject({ statusMessage: 'Payment provider timed out' });
    expect(trace.errors[0]?.events[0]).toMatchObject({
      name: 'exception',
      attributes: { 'exception.message': 'timed out' },
    });
  });

  it('Jaeger: the names of events and of failures are among the tags', () => {
    const [failed] = only([jaeger()]).errors;
    expect(failed).toMatchObject({ statusMessage: 'boom', events: [{ name: 'retry' }] });
  });

  it('Zipkin: so are those of its annotations', () => {
    expect(only([zipkin()]).errors[0]?.events).toMatchObject([{ name: 'retry' }]);
  });

  it('is found wherever it lies among frames of other kinds', () => {
    expect(readTraces([])).toEqual([]);
    expect(readTraces([nodeGraph, frame({ Time: [T0], Value: [1] })])).toEqual([]);
    expect(only([nodeGraph, frame({}), tempo(), nodeGraph]).spans).toHaveLength(2);
  });
});

describe('older Grafanas', () => {
  it('root spans have an empty parent', () => {
    const [root] = only([tempo({ parentSpanID: ['', '00f067aa0ba902b7'] })]).spans;
    expect(root).not.toHaveProperty('parentSpanId');
  });

  it.each([
    ['message', tempo],
    ['event', jaeger],
  ] as const)('events have their name in the field %s, and microseconds', (key, shape) => {
    const logs = [null, [{ timestamp: (T0 + 5) * 1000, fields: kv({ [key]: 'cache miss' }) }]];
    const [, span] = only([shape({ logs })]).spans;
    expect(span?.events).toMatchObject([{ name: 'cache miss', timestamp: T0 + 5 }]);
  });

  it.each([
    ['milliseconds', 1],
    ['microseconds', 1e3],
    ['nanoseconds', 1e6],
  ])('times in %s', (_, units) => {
    const startTime = [T0 * units, (T0 + 30) * units];
    const duration = [120 * units, 80 * units];
    const spans = only([tempo({ startTime, duration })]).spans;
    expect(spans.map((span) => [span.startTime, span.endTime])).toEqual([
      [expect.closeTo(T0, 0), expect.closeTo(T0 + 120, 0)],
      [expect.closeTo(T0 + 30, 0), expect.closeTo(T0 + 110, 0)],
    ]);
  });

  it('nanoseconds as text, and lists as text', () => {
    const tags = [JSON.stringify(kv({ 'session.id': 's-1' })), '[broken'];
    const startTime = [`${T0}000000`, `${T0 + 30}000000`];
    const trace = only([tempo({ startTime, tags, duration: ['1000000', 0] })]);
    expect(trace.sessionId).toBe('s-1');
    const [first] = trace.spans;
    expect(first).toMatchObject({
      startTime: expect.closeTo(T0, 2),
      endTime: expect.closeTo(T0 + 1, 2),
    });
  });

  it.each([
    ['error: true', typed({ error: true })],
    ['error: "true"', typed({ error: 'true' })],
    ['error: a message', typed({ error: 'connection refused' })],
    ['otel.status_code', typed({ 'otel.status_code': 'ERROR' })],
  ])('a failure is told by the tag %s', (_, tag) => {
    const { errors } = only([jaeger({ tags: [null, tag] })]);
    expect(errors.map(({ serviceName }) => serviceName)).toEqual(['shop-api']);
  });

  it('and by an exception, whatever the status says', () => {
    const logs = [null, [{ timestamp: T0, fields: kv({ 'exception.type': 'Error' }) }]];
    expect(only([tempo({ statusCode: [0, 0], logs })]).errors).toHaveLength(1);
    expect(only([tempo({ statusCode: [0, 0], logs: [null, null] })]).errors).toEqual([]);
    expect(only([jaeger({ tags: [null, typed({ error: false })] })]).errors).toEqual([]);
  });
});

describe('the session', () => {
  it.each([
    ['the tag session_id', { tags: [kv({ session_id: 's-2' }), null] }, 's-2'],
    [
      'the resource',
      { tags: [null, null], serviceTags: [kv({ 'session.id': 's-3' }), null] },
      's-3',
    ],
    ['span before resource', { serviceTags: [kv({ 'session.id': 's-3' }), null] }, SESSION_ID],
    ['no one', { tags: [null, null] }, undefined],
    ['no one who has nothing to say', { tags: [kv({ 'session.id': '' }), null] }, undefined],
    ['no number', { tags: [kv({ 'session.id': 7 }), null] }, undefined],
  ])('is told by %s', (_, over, sessionId) => {
    expect(only([tempo(over)]).sessionId).toBe(sessionId);
  });

  it('is the one that most spans name', () => {
    const tags = ['s-1', 's-2', 's-2'].map((id) => kv({ 'session.id': id }));
    const three = tempo({
      traceID: Array(3).fill('1'),
      spanID: ['1', '2', '3'],
      startTime: [T0, T0, T0],
      tags,
    });
    expect(only([three]).sessionId).toBe('s-2');
  });
});

describe('several traces', () => {
  const second = tempo({ traceID: ['2', '2'], startTime: [T0 - 500, T0 - 400] });

  it('are told apart, in order, in one frame or in several', () => {
    const ids = readTraces([tempo(), second]).map(({ traceId }) => traceId);
    expect(ids).toEqual(['2'.padStart(32, '0'), TRACE_ID]);
    const mixed = tempo({ traceID: ['4bf92f3577b34da6', '2'] });
    expect(readTraces([mixed]).map(({ spans }) => spans.length)).toEqual([1, 1]);
  });

  it('count a span once that two frames hold', () => {
    expect(only([tempo(), tempo()]).spans).toHaveLength(2);
  });
});

describe('what a frame may not do', () => {
  it('broken rows are passed over', () => {
    const trace = only([
      tempo({
        traceID: ['4bf92f3577b34da6', null],
        startTime: [T0, 'yesterday'],
        duration: [Number.NaN, -5],
      }),
    ]);
    expect(trace.spans).toHaveLength(1);
    expect(trace.spans[0]?.endTime).toBe(T0);
    expect(readTraces([tempo({ startTime: [0, -1] })])).toEqual([]);
    expect(readTraces([tempo({ spanID: ['x'.repeat(300), ''] })])).toEqual([]);
  });

  it('names of attributes reach no prototype', () => {
    const tags = [kv({}).concat({ key: '__proto__', value: { polluted: true } }), null];
    only([tempo({ tags })]);
    expect(Object(1)).not.toHaveProperty('polluted');
  });

  it('a hundred thousand spans are cut, and long texts too', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => at);
    const huge = frame({
      traceID: many.map(() => '1'),
      spanID: many.map(String),
      startTime: many.map((at) => T0 + at),
      tags: many.map(() => kv({ text: 'x'.repeat(20_000) })),
    });
    const { spans } = only([huge]);
    expect(spans).toHaveLength(5000);
    expect(String(spans[0]?.attributes['text'])).toHaveLength(8192);
  });

  it('anything at all in any cell makes no reader throw', () => {
    const cell = fc.oneof(fc.anything({ withBigInt: true, withDate: true }), fc.constant(T0));
    const names = ['traceID', 'spanID', 'parentSpanID', 'startTime', 'duration', 'logs', 'tags'];
    const columns = fc.tuple(...names.map(() => fc.array(cell, { maxLength: 3 })));
    fc.assert(
      fc.property(columns, (values) => {
        const given = frame(Object.fromEntries(names.map((name, at) => [name, values[at]!])));
        for (const trace of readTraces([given])) {
          expect(trace.spans.length).toBeGreaterThan(0);
          marksOf([trace], 0);
        }
      }),
    );
  });
});

describe('where it opens, and what it marks', () => {
  const backendId = '53995c3f42cd8ad8';

  it('the named span, else what failed first, else the first', () => {
    const trace = only([tempo()]);
    expect(focusedSpan(trace)?.spanId).toBe(backendId);
    expect(focusedSpan(trace, 'F067AA0BA902B7')?.spanId).toBe('00f067aa0ba902b7');
    expect(focusedSpan(trace, 'unknown')?.spanId).toBe(backendId);
    const clean = only([tempo({ statusCode: [0, 0], logs: [null, null] })]);
    expect(focusedSpan(clean)?.spanId).toBe('00f067aa0ba902b7');
  });

  it('by the clock of the browser, also when the backend’s is wrong', () => {
    const wrong = 3_600_000;
    const trace = only([tempo({ startTime: [T0, T0 + wrong] })]);
    // In the middle of the browser's span, which is all that is known.
    expect(browserTimeOf(trace, trace.errors[0]!)).toBeCloseTo(T0 + (120.5 - 80) / 2, 1);
  });

  it('and not at all where no span of the browser tells its clock', () => {
    const backend = tempo({ tags: [null, null], serviceTags: [null, null] });
    const trace = only([backend]);
    expect(browserTimeOf(trace, trace.spans[0]!)).toBeUndefined();
  });

  it('one mark for a failure, and one for each event', () => {
    const logs = [
      [{ timestamp: T0 + 1, name: 'cart changed', fields: [] }],
      [{ timestamp: T0 + 60, name: 'exception', fields: kv({ 'exception.message': 'timed out' }) }],
    ];
    const marks = marksOf(readTraces([tempo({ statusCode: [2, 2], logs })]), 0);
    expect(marks.map(({ kind, label, time }) => ({ kind, label, time }))).toEqual([
      { kind: 'error', label: 'shop-api: timed out', time: T0 + 30.25 },
      { kind: 'event', label: 'cart changed (shop-web)', time: T0 + 1 },
    ]);
    expect(new Set(marks.map(({ id }) => id)).size).toBe(marks.length);
  });
});
