import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGuard } from '../guard.js';
import { watchTimer } from './freeze.js';

let stop: () => void;
const late = vi.fn<(startTime: number, durationMs: number) => void>();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
  late.mockClear();
  stop = watchTimer(createGuard(), late);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** The page does nothing else for so long, and then ticks; both clocks go on. */
function busy(ms: number): void {
  const now = performance.now() + ms + 1000;
  vi.setSystemTime(Date.now() + ms);
  vi.spyOn(performance, 'now').mockReturnValueOnce(now);
}

it('says nothing of a page that answers', () => {
  vi.advanceTimersByTime(60_000);
  expect(late).not.toHaveBeenCalled();
});

it('tells how long a page did not answer', () => {
  const now = performance.now();
  busy(7000);
  vi.advanceTimersByTime(1000);
  expect(late).toHaveBeenCalledTimes(1);
  const [startTime, durationMs] = late.mock.calls[0]!;
  expect(startTime).toBe(now + 1000);
  expect(durationMs).toBe(7000);
});

it('takes a computer that slept for no freeze', () => {
  // While it sleeps only the wall clock goes on.
  vi.setSystemTime(Date.now() + 20_000);
  vi.advanceTimersByTime(1000);
  expect(late).not.toHaveBeenCalled();
});
