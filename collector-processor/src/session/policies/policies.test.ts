import type { SegmentHeader } from '@otel-replay/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alwaysSample,
  and,
  browserTrigger,
  drop,
  ignore,
  latency,
  newMemory,
  numericAttribute,
  probabilistic,
  rateLimiting,
  statusCode,
  stringAttribute,
  verdictsOf,
  type Policy,
  type PolicyEvent,
  type PolicySignal,
  type PolicyVerdict,
} from './index.js';

const segment = (header: Partial<SegmentHeader> = {}, sessionId = 's'): PolicyEvent => ({
  kind: 'segment',
  sessionId,
  header: {
    ...{ errorCount: 0, clickCount: 0, rageClickCount: 0, droppedEvents: 0, ...header },
  } as SegmentHeader,
});
const failure = (signal: Partial<PolicySignal> = {}, sessionId = 's'): PolicyEvent => ({
  kind: 'signal',
  sessionId,
  signal: { kind: 'error_span', timestamp: 1, origin: 'backend', ...signal },
});

/** One session and what a policy says of its events. */
function session(policy: Policy): (event: PolicyEvent, now?: number) => PolicyVerdict | undefined {
  const memory = newMemory();
  return (event, now = 0) => policy.evaluate(event, { now, memory });
}

const errors = (): Policy => statusCode('errors');
const user = (...values: string[]): Policy => stringAttribute('user', { key: 'user.id', values });
const angry = (): Policy =>
  numericAttribute('angry', { key: 'session_replay.rage_click_count', minValue: 1 });

describe('browser_trigger', () => {
  const held = 'the browser sent what it had held back';

  it.each([
    [{ mode: 'stream' }, undefined],
    [{ mode: 'stream', trigger: 'rage_click' }, 'the browser noticed: rage_click'],
    [{ mode: 'buffer', trigger: 'manual' }, 'the browser noticed: manual'],
    [{ mode: 'buffer' }, held],
    [{ mode: 'stream', trigger: 'x'.repeat(5000) }, `the browser noticed: ${'x'.repeat(120)}`],
  ] as const)('of %j says %s', (header, reason) => {
    const judge = session(browserTrigger('p'));
    const verdict = reason === undefined ? undefined : { reason, wholeSession: false };
    expect(judge(segment(header))).toEqual(verdict);
    expect(judge(failure())).toBeUndefined();
  });
});

describe('string_attribute', () => {
  it.each([
    ['service.name', { serviceName: 'shop' }],
    ['browser.document.url.full', { url: 'shop' }],
    ['user.id', { userId: 'shop' }],
    ['user.hash', { userHash: 'shop' }],
    ['session_replay.masking', { masking: 'shop' }],
    ['session_replay.trigger', { trigger: 'shop' }],
  ] as const)('reads %s', (key, header) => {
    const judge = session(stringAttribute('p', { key, values: ['x', 'shop'] }));
    expect(judge(segment({ userId: 'else', url: 'else' }))).toBeUndefined();
    expect(judge(failure({ serviceName: 'shop' }))).toBeUndefined();
    expect(judge(segment(header))).toEqual({
      reason: `${key} is shop`,
      wholeSession: key !== 'session_replay.trigger',
    });
  });

  it('compares whole values, or matches expressions anywhere', () => {
    const url = 'https://shop.example/checkout?step=2';
    const says = (values: string[], enabledRegexMatching: boolean): boolean =>
      session(
        stringAttribute('p', { key: 'browser.document.url.full', values, enabledRegexMatching }),
      )(segment({ url })) !== undefined;
    expect(says(['/checkout'], false)).toBe(false);
    expect(says(['/checkout'], true)).toBe(true);
    expect(says(['^/checkout', 'step=\\d$'], true)).toBe(true);
    expect(says(['^/checkout'], true)).toBe(false);
    expect(says([url], false)).toBe(true);
  });
});

describe('numeric_attribute', () => {
  it.each([
    ['session_replay.error_count', 'errorCount'],
    ['session_replay.click_count', 'clickCount'],
    ['session_replay.rage_click_count', 'rageClickCount'],
    ['session_replay.request_count', 'requestCount'],
    ['session_replay.failed_request_count', 'failedRequestCount'],
    ['session_replay.console_error_count', 'consoleErrorCount'],
    ['session_replay.dead_click_count', 'deadClickCount'],
    ['session_replay.long_task_count', 'longTaskCount'],
    ['session_replay.custom_event_count', 'customEventCount'],
    ['session_replay.dropped_events', 'droppedEvents'],
  ] as const)('reads %s, both ends inclusive', (key, field) => {
    const judge = session(numericAttribute('p', { key, minValue: 2, maxValue: 3 }));
    const wanted = [0, 1, 2, 3, 4].filter((n) => judge(segment({ [field]: n })) !== undefined);
    expect(wanted).toEqual([2, 3]);
    expect(judge(segment({ [field]: 2 }))).toEqual({ reason: `${key} is 2`, wholeSession: false });
  });
});

describe('attributes of spans', () => {
  const of = (key: string, value: string | number): PolicyEvent =>
    failure({
      kind: 'attribute',
      name: 'GET /',
      traceId: 't',
      spanId: 'p',
      attribute: { key, value },
    });
  const trigger = { wholeSession: false, traceId: 't', spanId: 'p' };

  it('are asked for and judged like those of segments, around each span', () => {
    const gold = stringAttribute('p', { key: 'user.tier', values: ['gold'] });
    expect(session(gold)(of('user.tier', 'gold'))).toEqual({
      ...{ reason: 'user.tier is gold: GET /', ...trigger },
    });
    expect(session(gold)(of('user.tier', 'silver'))).toBeUndefined();
    expect(session(gold)(of('user.level', 'gold'))).toBeUndefined();
    expect(session(gold)(failure())).toBeUndefined();
    const large = numericAttribute('p', { key: 'cart.total', minValue: 10.5, maxValue: 20 });
    expect(session(large)(of('cart.total', 10.5))).toEqual({
      ...{ reason: 'cart.total is 10.5: GET /', ...trigger },
    });
    for (const value of [10, 20.1, Number.NaN, '15']) {
      expect(session(large)(of('cart.total', value))).toBeUndefined();
    }
  });
});

describe('latency', () => {
  it('wants sessions around spans that took long enough, and not too long', () => {
    const judge = session(latency('p', { thresholdMs: 500, upperThresholdMs: 900 }));
    const slow = (durationMs: number): PolicyEvent => failure({ kind: 'slow_span', durationMs });
    const wanted = [499.999, 500, 900, 900.001].filter((ms) => judge(slow(ms)) !== undefined);
    expect(wanted).toEqual([500, 900]);
    expect(session(latency('p', { thresholdMs: 500 }))(slow(1e9))).toBeDefined();
    expect(judge(failure())).toBeUndefined();
    expect(judge(failure({ kind: 'slow_span', durationMs: 612.4, name: 'GET /' }))).toEqual({
      ...{ reason: 'a span took 612 ms: GET /', wholeSession: false },
    });
    expect(errors().evaluate(slow(700), { now: 0, memory: newMemory() })).toBeUndefined();
    expect(() => latency('p', { thresholdMs: 2, upperThresholdMs: 1 })).toThrow(/swap/);
  });
});

describe('and', () => {
  it('wants a session when all have held, in any order, and names what held', () => {
    const trigger = failure({ name: 'POST /order', traceId: 't', spanId: 'p' });
    const expected = {
      reason: 'errors: a span ended with status ERROR: POST /order; user: user.id is ann',
      wholeSession: false,
      ...{ traceId: 't', spanId: 'p' },
    };
    for (const events of [
      [trigger, segment({ userId: 'ann' })],
      [segment({ userId: 'ann' }), trigger],
    ]) {
      const judge = session(and('both', [errors(), user('ann')]));
      expect(judge(events[0]!)).toBeUndefined();
      expect(judge(events[1]!)).toEqual(expected);
    }
  });

  it('extends for a while after each trigger only, not with every segment', () => {
    const judge = session(and('both', [errors(), user('ann')]));
    judge(segment({ userId: 'ann' }));
    expect(judge(failure())).toBeDefined();
    expect(judge(segment({ userId: 'ann' }))).toBeUndefined();
    expect(judge(failure())).toMatchObject({ wholeSession: false });
  });

  it('wants the whole session when all that it asks is true of the whole session', () => {
    const judge = session(and('both', [alwaysSample('all'), user('ann')]));
    expect(judge(segment())).toBeUndefined();
    expect(judge(segment({ userId: 'ann' }))).toMatchObject({ wholeSession: true });
  });

  it('remembers per session', () => {
    const policy = and('both', [errors(), user('ann')]);
    const [one, other] = [session(policy), session(policy)];
    one(failure());
    expect(other(segment({ userId: 'ann' }))).toBeUndefined();
    expect(one(segment({ userId: 'ann' }))).toBeDefined();
  });
});

describe('rate_limiting', () => {
  it('grants so many a second by the clock it is given, one answer per session', () => {
    const policy = rateLimiting('cap', { sessionsPerSecond: 2 });
    const sessions = Array.from({ length: 6 }, () => session(policy));
    const granted = (now: number): number[] =>
      sessions.flatMap((judge, i) => (judge(segment(), now) === undefined ? [] : [i]));
    expect(granted(1000)).toEqual([0, 1]);
    expect(granted(9000)).toEqual([0, 1]);
    const late = Array.from({ length: 4 }, () => session(policy));
    expect(late.map((judge) => judge(segment(), 9000) !== undefined)).toEqual([
      ...[true, true, false, false],
    ]);
    expect(session(policy)(segment(), 9499)).toBeUndefined();
    expect(session(policy)(segment(), 9500)).toBeDefined();
    expect(session(policy)(segment(), 1000), 'an arrival of an earlier run').toBeUndefined();
    expect(session(policy)(segment(), 10_000), 'it took nothing').toBeDefined();
  });

  it('takes at least one, also below one a second', () => {
    const policy = rateLimiting('cap', { sessionsPerSecond: 0.1 });
    const at = [0, 9999, 10_000].map((now) => session(policy)(segment(), now) !== undefined);
    expect(at).toEqual([true, false, true]);
    expect(() => rateLimiting('cap', { sessionsPerSecond: 0 })).toThrow(/more than 0/);
  });

  it('caps what the others of an `and` want, wherever it stands, and nothing else', () => {
    const policy = and('capped', [rateLimiting('cap', { sessionsPerSecond: 1 }), errors()]);
    for (let i = 0; i < 5; i++) expect(session(policy)(segment(), 0)).toBeUndefined();
    const [first, second] = [session(policy), session(policy)];
    expect(first(failure(), 0)).toMatchObject({ wholeSession: false });
    expect(second(failure(), 0)).toBeUndefined();
    expect(first(failure(), 10)).toBeDefined();
    expect(second(failure(), 60_000), 'refused for good').toBeUndefined();
  });

  it('never grants more than its rate and one burst', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 20, noNaN: true }),
        fc.array(fc.nat(3000), { maxLength: 80 }),
        (sessionsPerSecond, pauses) => {
          const policy = rateLimiting('cap', { sessionsPerSecond });
          let [now, granted] = [0, 0];
          for (const pause of pauses) {
            now += pause;
            if (session(policy)(segment(), now) !== undefined) granted++;
          }
          const most = Math.max(1, sessionsPerSecond) + (now / 1000) * sessionsPerSecond;
          expect(granted).toBeLessThanOrEqual(most + 1e-6);
        },
      ),
    );
  });
});

describe('ignore', () => {
  const fits = (options: Parameters<typeof ignore>[1], signal: Partial<PolicySignal>): boolean =>
    session(ignore('i', options))(failure(signal)) !== undefined;

  it('fits signals by all of its keys', () => {
    const range = { from: 400, to: 499 };
    const codes = [399, 400, 499, 500].filter((httpStatusCode) =>
      fits({ httpStatusCode: range }, { httpStatusCode }),
    );
    expect(codes).toEqual([400, 499]);
    expect(fits({ httpStatusCode: range }, {})).toBe(false);
    expect(fits({ origin: 'backend' }, {})).toBe(true);
    expect(fits({ origin: 'browser' }, {})).toBe(false);
    expect(fits({ serviceName: 'a' }, { serviceName: 'a' })).toBe(true);
    expect(fits({ serviceName: 'a' }, { serviceName: 'b' })).toBe(false);
    expect(fits({ kind: 'exception' }, {})).toBe(false);
    expect(fits({ spanKind: 'client' }, { spanKind: 'client' })).toBe(true);
    expect(fits({ spanKind: 'client' }, { spanKind: 'server' })).toBe(false);
    expect(fits({ spanKind: 'client' }, {})).toBe(false);
    expect(fits({ name: 'GET /health' }, { name: 'GET /health' })).toBe(true);
    expect(fits({ name: 'GET /health', origin: 'browser' }, { name: 'GET /health' })).toBe(false);
    expect(session(ignore('i', { origin: 'browser' }))(segment())).toBeUndefined();
  });
});

describe('policies together', () => {
  const NOT_FOUND = { from: 404, to: 404 };
  const POLICIES: readonly Policy[] = [
    errors(),
    angry(),
    probabilistic('some', { samplingPercentage: 20 }),
    and('both', [errors(), user('ann', 'bob'), angry()]),
    drop('robots', [user('robot')]),
    drop('quiet robots', [user('bob'), probabilistic('p', { samplingPercentage: 50 })]),
    ignore('404', { httpStatusCode: NOT_FOUND }),
  ];
  const anyEvent = fc.oneof(
    fc
      .record({
        userId: fc.constantFrom('ann', 'bob', 'robot', 'eve'),
        rageClickCount: fc.nat(1),
      })
      .map((header) => segment(header)),
    fc
      .record({
        kind: fc.constantFrom('error_span', 'rage_click'),
        httpStatusCode: fc.constantFrom(404, 500),
      })
      .map((signal) => failure(signal)),
  );

  /** Names of the policies that want the session, of all its events. */
  function wanting(policies: readonly Policy[], events: readonly PolicyEvent[]): Set<string> {
    const verdicts = verdictsOf(policies);
    const memory = newMemory();
    return new Set(
      events.flatMap((event) => verdicts(event, { now: 1, memory }).map((w) => w.policy.name)),
    );
  }

  it('say the same in whatever order they are listed', () => {
    const order = fc.shuffledSubarray([...POLICIES], { minLength: POLICIES.length });
    fc.assert(
      fc.property(fc.array(anyEvent), order, (events, shuffled) => {
        expect(wanting(shuffled, events)).toEqual(wanting(POLICIES, events));
      }),
    );
  });

  it('want the same sessions in whatever order events come, as long as none is dropped', () => {
    const keeping = POLICIES.filter(({ role }) => role !== 'drop');
    const twoOrders = fc
      .array(anyEvent, { maxLength: 12 })
      .chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
      );
    fc.assert(
      fc.property(twoOrders, ([events, shuffled]) => {
        expect(wanting(keeping, shuffled)).toEqual(wanting(keeping, events));
      }),
      { numRuns: 300 },
    );
  });

  it('want nothing from the event on that completes a drop, and as ever before it', () => {
    const without = POLICIES.filter(({ role }) => role !== 'drop');
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (before, after) => {
        const known = before.filter((e) => e.kind === 'signal' || e.header.userId === 'ann');
        const events = [...known, segment({ userId: 'robot', rageClickCount: 1 }), ...after];
        expect(wanting(POLICIES, events)).toEqual(wanting(without, known));
      }),
      { numRuns: 300 },
    );
  });

  it('count an ignored signal for none of them, not even for a sub-policy', () => {
    const notFound = failure({ httpStatusCode: 404 });
    const ann = segment({ userId: 'ann', rageClickCount: 1 });
    const policies = POLICIES.filter(({ name }) => name !== 'some');
    expect(wanting(policies, [notFound, ann])).toEqual(new Set(['angry']));
    expect(wanting(policies, [failure(), ann])).toEqual(new Set(['errors', 'angry', 'both']));
  });
});
