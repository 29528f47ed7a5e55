import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  duration,
  endpoint,
  formatDuration,
  formatEndpoint,
  formatSize,
  parseDuration,
  size,
} from './scalars.js';

describe('duration', () => {
  it.each([
    ['300ms', 300],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['0', 0],
    ['500us', 0.5],
  ])('reads %s', (text, ms) => {
    expect(z.decode(duration(), text)).toBe(ms);
  });

  it.each(['30', '1d', '-1s', '', 's', '1 s'])('refuses "%s"', (text) => {
    expect(duration().safeParse(text).success).toBe(false);
  });

  it('reads what it prints', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('size', () => {
  it.each([
    [20971520, 20971520],
    ['8MiB', 8388608],
    ['2GiB', 2147483648],
    ['500MB', 500_000_000],
    ['100_000', 100_000],
    ['1.5KiB', 1536],
  ])('reads %s', (text, bytes) => {
    expect(z.decode(size(), text)).toBe(bytes);
  });

  it.each(['8 mb', '-1', 'MiB', '8MB/s', 1.5])('refuses %s', (text) => {
    expect(size().safeParse(text).success).toBe(false);
  });

  it('reads what it prints', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => {
        expect(z.decode(size(), formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('endpoint', () => {
  it.each([
    ['localhost:4318', 'localhost', 4318],
    ['[::1]:0', '::1', 0],
    [':4318', '0.0.0.0', 4318],
  ])('reads %s', (text, host, port) => {
    expect(z.decode(endpoint(), text)).toEqual({ host, port });
  });

  it.each(['4318', 'localhost', 'localhost:70000', 'http://localhost:1', '::1:80'])(
    'refuses %s',
    (text) => {
      expect(endpoint().safeParse(text).success).toBe(false);
    },
  );

  it('prints IPv6 in brackets', () => {
    expect(formatEndpoint({ host: '::1', port: 80 })).toBe('[::1]:80');
  });
});
