/** With the real SDK: what it asks a sampler, and what it does with the answer. */
import { createTraceState, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { sessionSampler, type SamplerLike } from './tracestate.js';

const SESSION = { sessionId: '3f2b', recordingId: 'r' as string | undefined };

function start(session: Partial<typeof SESSION>, parent: Context, inner?: SamplerLike) {
  const sampler = sessionSampler({ ...SESSION, ...session }, inner);
  const tracer = new TracerProvider({ sampler }).getTracer('test');
  return tracer.startSpan('GET', {}, parent).spanContext();
}

function remote(traceFlags: number, state?: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  });
}

const stateOf = (...args: Parameters<typeof start>): string =>
  start(...args).traceState?.serialize() ?? '';

describe('the session sampler', () => {
  it('names the session, before what others put there', () => {
    expect(stateOf({}, ROOT_CONTEXT)).toBe('sr=3f2b');
    expect(stateOf({}, remote(1, 'vendor=1,sr=old'))).toBe('sr=3f2b,vendor=1');
    const inner: SamplerLike = {
      shouldSample: () => ({
        ...{ decision: 2, traceState: createTraceState('ot=th:0') },
        ...{ attributes: { kept: 'as it was' } },
      }),
    };
    expect(stateOf({}, remote(1, 'vendor=1'), inner)).toBe('sr=3f2b,ot=th:0');
    const result = sessionSampler(SESSION, inner).shouldSample(ROOT_CONTEXT, '', '', 0, {}, []);
    expect(result).toMatchObject({ decision: 2, attributes: { kept: 'as it was' } });
  });

  it('decides as the sampler it wraps, or as the parent', () => {
    const flags = (parent: Context, inner?: SamplerLike): number =>
      start({}, parent, inner).traceFlags;
    expect([flags(ROOT_CONTEXT), flags(remote(1)), flags(remote(0))]).toEqual([1, 1, 0]);
    expect(flags(remote(1), new AlwaysOffSampler())).toBe(0);
    expect(stateOf({}, remote(0))).toBe('sr=3f2b');
    expect(String(sessionSampler(SESSION, new AlwaysOffSampler()))).toBe(
      'SessionTraceState{AlwaysOffSampler}',
    );
  });

  it('says nothing of a session that is not recorded', () => {
    expect(stateOf({ recordingId: undefined }, ROOT_CONTEXT)).toBe('');
    expect(stateOf({ recordingId: undefined }, remote(1, 'vendor=1'))).toBe('vendor=1');
  });

  it.each(['a,b', 'a=b', 'ä', 'line\nbreak', 'blank ', '', 'x'.repeat(257)])(
    'leaves out %j, which would break the header',
    (sessionId) => {
      expect(stateOf({ sessionId }, ROOT_CONTEXT)).toBe('');
      expect(stateOf({ sessionId: 'user-1 @ 2' }, ROOT_CONTEXT)).toBe('sr=user-1 @ 2');
    },
  );
});
