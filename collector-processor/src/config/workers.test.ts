import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { EMBEDDED_CONFIG, parseConfig, printConfig, workerCount, type Config } from './index.js';

const load = (yaml: string): Config =>
  parseConfig(
    [
      { file: 'base.yaml', text: EMBEDDED_CONFIG },
      { file: 'over.yaml', text: yaml },
    ],
    {},
  );
const countOf = (yaml: string): number => workerCount(load(yaml).service.workers);

describe('service.workers', () => {
  it('is one process unless said otherwise', () => {
    expect(countOf('')).toBe(1);
    expect(countOf('service: { workers: 3 }')).toBe(3);
    expect(countOf('service: { workers: auto }')).toBe(availableParallelism());
    expect(printConfig(load('service: { workers: auto }'))).toMatch(/^ {2}workers: auto$/m);
  });

  it.each(['0', '-1', '65', '1.5', 'two', '"2"', 'true'])('refuses %s by name', (value) => {
    expect(() => load(`service: { workers: ${value} }`)).toThrow(
      /^over\.yaml:1: service\.workers: must be a whole number from 1 to 64, or auto \(is .*\)$/,
    );
  });

  it('wants a buffer that can be shared', () => {
    const over = (size: string): string =>
      `service: { workers: 4 }\nprocessors: { session_replay: { buffer: { max_size: ${size} } } }`;
    expect(() => load(over('63MiB'))).toThrow(
      'over.yaml:2: processors.session_replay.buffer.max_size: 63MiB is shared by 4 workers; give at least 64MiB, or set service.workers lower',
    );
    expect(countOf(over('64MiB'))).toBe(4);
  });
});
