import { expect, it } from 'vitest';
import { stripUrl } from '../record/url.js';
import { taskOf } from './busy.js';

const told = (entry: object): ReturnType<typeof taskOf> => {
  const all = { startTime: 1000, duration: 900.4, ...entry };
  const task = taskOf(all as PerformanceEntry, { sanitizeUrl: stripUrl });
  if (task) expect(task.start).toBe(Math.round(performance.timeOrigin + 1000));
  return task && { ...task, start: 0 };
};
const script = (sourceURL: string, duration: number, pauseDuration = 0): object => ({
  sourceURL,
  duration,
  pauseDuration,
});

it('tells how long a task took', () => {
  expect(told({})).toEqual({ start: 0, durationMs: 900 });
});

it('names the longest script of a frame, without its query', () => {
  const scripts = [
    script('https://cdn.example/a.js', 20),
    script('https://cdn.example/b.js?key=secret', 800.2),
  ];
  expect(told({ blockingDuration: 850.2, scripts })).toEqual({
    start: 0,
    durationMs: 900,
    blockingMs: 850,
    script: { url: 'https://cdn.example/b.js', durationMs: 800 },
  });
});

it('takes a dialog or a frame that waited for no work', () => {
  expect(told({ blockingDuration: 0, scripts: [] })).toBeUndefined();
  expect(told({ blockingDuration: 850, scripts: [script('', 900, 850)] })).toBeUndefined();
});
