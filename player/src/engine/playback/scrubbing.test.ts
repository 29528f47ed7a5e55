import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Scrubbing } from './scrubbing.js';

let sought: number[];
/** Ends the seek that is under way. */
let arrive: () => void;
let scrubbing: Scrubbing;
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sought = [];
  scrubbing = new Scrubbing((time) => {
    sought.push(time);
    return new Promise((resolve) => (arrive = resolve));
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it('leaves out what came and went while a seek was under way', async () => {
  for (const time of [9, 1, 8, 5]) scrubbing.to(time);
  expect([sought, scrubbing.waiting]).toEqual([[9], 5]);
  arrive();
  await settled();
  expect([sought, scrubbing.waiting]).toEqual([[9, 5], undefined]);
  arrive();
  await settled();
  scrubbing.to(7);
  expect(sought).toEqual([9, 5, 7]);
});

it('does not wait long for a place it leaves', async () => {
  scrubbing.to(9);
  scrubbing.to(5);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sought).toEqual([9, 5]);
});

it('does not go where nobody wants to be any more', async () => {
  scrubbing.to(9);
  scrubbing.to(5);
  scrubbing.forget();
  arrive();
  await vi.advanceTimersByTimeAsync(1000);
  expect(sought).toEqual([9]);
  scrubbing.to(4);
  expect(sought).toEqual([9, 4]);
});

it('goes on after a seek that failed', async () => {
  const failing = new Scrubbing((time) => {
    sought.push(time);
    return Promise.reject(new Error('gone'));
  });
  failing.to(9);
  failing.to(5);
  await settled();
  expect(sought).toEqual([9, 5]);
});
