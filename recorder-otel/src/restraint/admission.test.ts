import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAdmission, type Admission } from './admission.js';
import type { RestraintLevel } from './meter.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup(level: RestraintLevel = 0): {
  admission: Admission;
  storms: number[];
  calms: () => number;
  send: (count: number, type?: MutationRecordType) => number;
} {
  const storms: number[] = [];
  let calmCount = 0;
  const admission = createAdmission({
    meter: { level },
    onStorm: (changes) => storms.push(changes),
    onCalm: () => calmCount++,
  });
  const send = (count: number, type: MutationRecordType = 'childList'): number => {
    const records = new Array<MutationRecord>(count).fill({ type } as MutationRecord);
    const held = admission.filter(records);
    return admission.allows(held.length) ? held.length : 0;
  };
  return { admission, storms, calms: () => calmCount, send };
}

test('a storm is left out and ends with one checkpoint when it is calm', () => {
  const { send, storms, calms } = setup();
  expect(send(10_000)).toBe(10_000);
  expect(send(10_001)).toBe(0);
  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(400);
    expect(send(3)).toBe(0);
  }
  expect(calms()).toBe(0);
  vi.advanceTimersByTime(500);
  expect([storms, calms()]).toEqual([[10_001], 1]);
  expect(send(3)).toBe(3);
  vi.advanceTimersByTime(10_000);
  expect(calms()).toBe(1);
});

test('a storm that does not end is shown anew every few seconds', () => {
  const { send, storms, calms } = setup();
  send(20_000);
  for (let ms = 0; ms < 60_000; ms += 100) {
    vi.advanceTimersByTime(100);
    send(20_000);
  }
  expect(calms()).toBeGreaterThanOrEqual(10);
  expect(calms()).toBeLessThanOrEqual(13);
  expect(storms.length).toBe(calms() + 1);
});

test('nothing comes after stop', () => {
  const { admission, send, calms } = setup();
  send(20_000);
  admission.stop();
  vi.advanceTimersByTime(60_000);
  expect(calms()).toBe(0);
});

test.each([
  [0, 5, 5, 0],
  [1, 5, 5, 250],
  [2, 0, 5, 250],
  [3, 0, 0, 250],
] as const)('at level %i: %i attributes, %i others of 5, %i ms later', (level, a, others, ms) => {
  const { admission, send } = setup(level);
  expect([send(5, 'attributes'), send(5), admission.delayMs()]).toEqual([a, others, ms]);
});
