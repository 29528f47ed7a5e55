import { describe, expect, it } from 'vitest';
import { TraceJoin } from './trace-join.js';

const waiter = (name: string, bytes = 10): { name: string; bytes: number } => ({ name, bytes });

describe('the join of traces and sessions', () => {
  it('hands what waited for a trace to the session it turns out to belong to', () => {
    const join = new TraceJoin<{ name: string; bytes: number }>();
    join.wait({ traceId: 't1' }, waiter('a'), 0);
    join.wait({ traceId: 't2' }, waiter('b'), 0);
    join.wait({ sessionId: 's' }, waiter('c'), 0);
    expect(join.isWaiting('t1')).toBe(true);
    expect(join.link('t1', 's')).toBe(true);
    expect(join.link('t1', 's')).toBe(false);
    expect(join.sessionOf('t1')).toBe('s');
    expect(join.take('s').map((w) => w.name)).toEqual(['c', 'a']);
    expect(join.take('s')).toEqual([]);
    expect(join.waitingBytes).toBe(10);
  });

  it('lets go of what waited too long, or of the oldest when there is too much', () => {
    const join = new TraceJoin<{ name: string; bytes: number }>({
      waitMs: 100,
      maxWaitingBytes: 25,
    });
    join.wait({ traceId: 't1' }, waiter('a'), 0);
    join.wait({ traceId: 't1' }, waiter('b'), 50);
    expect(join.wait({ traceId: 't2' }, waiter('c'), 60).map((w) => w.name)).toEqual(['a']);
    join.link('t2', 's');
    expect(join.expire(149)).toEqual([]);
    expect(join.expire(150).map((w) => w.name)).toEqual(['b']);
    expect(join.isWaiting('t1')).toBe(false);
    expect(join.expire(160).map((w) => w.name)).toEqual(['c']);
    expect(join.take('s')).toEqual([]);
    expect(join.waitingBytes).toBe(0);
  });

  it('counts what is shared until its time is over, taken or not', () => {
    const join = new TraceJoin<{ bytes: number; shared: boolean }>({ waitMs: 100 });
    join.wait({ traceId: 't1' }, { bytes: 10, shared: true }, 0);
    join.wait({ traceId: 't2' }, { bytes: 10, shared: true }, 0);
    join.link('t1', 's');
    expect(join.take('s')).toHaveLength(1);
    expect(join.expire(99)).toEqual([]);
    expect(join.waitingBytes).toBe(20);
    expect(join.expire(100)).toHaveLength(1);
    expect(join.waitingBytes).toBe(0);
  });

  it('remembers a bounded number of traces', () => {
    const join = new TraceJoin({ maxTraces: 100 });
    for (let i = 0; i < 1000; i++) join.link(`t${i}`, 's');
    expect(join.sessionOf('t899')).toBeUndefined();
    expect(join.sessionOf('t900')).toBe('s');
    join.forgetSession('s');
    expect(join.sessionOf('t999')).toBeUndefined();
  });

  it('stays bounded over millions of waiters', () => {
    const join = new TraceJoin({ waitMs: 10 });
    for (let i = 0; i < 20_000; i++) {
      join.wait({ traceId: `t${i}` }, waiter('x'), i);
      join.expire(i);
    }
    expect(join.waitingBytes).toBe(100);
  });
});
