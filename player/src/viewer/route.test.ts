import { expect, it } from 'vitest';
import { parseRoute, sessionPath, tracePath } from './route.js';

it('reads what it writes', () => {
  expect(parseRoute(tracePath('abc'), '')).toEqual({ page: 'trace', traceId: 'abc' });
  const [path = '', query] = sessionPath('a/b?c', 1234.4).split('?');
  expect(parseRoute(path, `?${query}`)).toEqual({
    page: 'session',
    sessionId: 'a/b?c',
    time: 1234,
  });
  expect(parseRoute('/sessions/x', '?t=soon')).toEqual({
    page: 'session',
    sessionId: 'x',
    time: undefined,
  });
  expect(parseRoute('/', '?q=a')).toMatchObject({ page: 'list' });
});

it.each(['/traces/', '/traces/a/b', '/other/x', '/sessions/%E0%A4%A'])(
  'does not know %s',
  (path) => {
    expect(parseRoute(path, '')).toEqual({ page: 'unknown' });
  },
);
