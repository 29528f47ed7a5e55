import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listPath, readFilters, SPANS, toQuery, type Filters, type Since } from './filters.js';

const NONE: Filters = { text: '', onlyErrors: false, since: undefined, service: undefined };
const NOW = 1_772_442_000_000;

it('are the address of the list', () => {
  const filters = fc.record({
    text: fc.string(),
    onlyErrors: fc.boolean(),
    since: fc.constantFrom(undefined, ...(Object.keys(SPANS) as Since[])),
    service: fc.option(fc.string(), { nil: undefined }),
  });
  fc.assert(
    fc.property(filters, (given) => {
      const { search } = new URL(listPath(given), 'http://localhost');
      expect(readFilters(new URLSearchParams(search))).toEqual(given);
    }),
  );
  expect(listPath(NONE)).toBe('/');
});

it('ignore a time that is none', () => {
  expect(readFilters(new URLSearchParams('since=toString'))).toEqual(NONE);
});

it('are asked for as the replay API takes them', () => {
  expect(toQuery(NONE, NOW)).toEqual({ limit: 50 });
  expect(toQuery({ text: 'ann', onlyErrors: true, since: '24h', service: 'shop' }, NOW)).toEqual({
    limit: 50,
    user: 'ann',
    error: true,
    from: NOW - 86_400_000,
    service: 'shop',
  });
  expect(toQuery({ ...NONE, text: 'shop.example/cart' }, NOW).url).toBe('shop.example/cart');
  expect(toQuery({ ...NONE, text: 'ann@shop.example' }, NOW).user).toBe('ann@shop.example');
});
