import { expect, test } from 'vitest';
import { sessionHash } from '@otel-replay/protocol';
import { sample } from './sampling.js';

const IDS = Array.from({ length: 20_000 }, (_, i) => i.toString(16).padStart(32, '0'));

const shares = (options: Parameters<typeof sample>[1]) => {
  const counts = { stream: 0, buffer: 0, off: 0 };
  for (const id of IDS) counts[sample(id, options).mode]++;
  return Object.values(counts).map((count) => count / IDS.length);
};

test('everything is streamed unless said otherwise', () => {
  expect(sample('any', {})).toEqual({ mode: 'stream', rate: 1 });
});

test('each session is streamed exactly where the processor would keep it', () => {
  for (const id of IDS) {
    const { mode } = sample(id, { sessionSampleRate: 0.1 });
    expect(mode).toBe(sessionHash(id) * 100 < 10 ? 'stream' : 'buffer');
  }
});

test.each([
  [0.1, 0.5, [0.1, 0.45, 0.45]],
  [0, 0.25, [0, 0.25, 0.75]],
  [0, 1, [0, 1, 0]],
  [0, 0, [0, 0, 1]],
  [1, 0, [1, 0, 0]],
  // Out of range: the nearest.
  [-1, 2, [0, 1, 0]],
  [NaN, 0, [1, 0, 0]],
])('sessions at %d, errors at %d', (sessionSampleRate, errorSampleRate, wanted) => {
  const found = shares({ sessionSampleRate, errorSampleRate });
  found.forEach((share, i) => expect(share).toBeCloseTo(wanted[i]!, 1.5));
  for (const id of IDS.slice(0, 50)) {
    const { mode, rate } = sample(id, { sessionSampleRate, errorSampleRate });
    if (mode !== 'off') expect(rate).toBeCloseTo(wanted[mode === 'stream' ? 0 : 1]!, 9);
  }
});

test('a higher rate only adds sessions', () => {
  for (const id of IDS.slice(0, 2000)) {
    const at = (rate: number) => sample(id, { sessionSampleRate: 0.3, errorSampleRate: rate }).mode;
    if (at(0.2) === 'buffer') expect(at(0.4)).toBe('buffer');
    if (sample(id, { sessionSampleRate: 0.1 }).mode === 'stream') expect(at(0)).toBe('stream');
  }
});
