import '../grafana-data.fixture';
import { describe, expect, it, vi } from 'vitest';
import { rangeOf, rangeSearch, readFilters, requestOf } from './filters';
import { countText, durationText, pageText } from './format';
import { readPage, sessionPath, tracePath } from './paths';
import { neighboursOf } from './use-neighbours';

vi.mock('@grafana/runtime', () => import('../runtime.fixture'));

const APP = '/a/otelreplay-sessionreplay-app';

describe('addresses', () => {
  it.each(['s1', 'a/b', 'ä ö?&#', '..', '100%'])('lead to session %j and back', (sessionId) => {
    const moment = {
      time: 1_772_442_042_000,
      traceId: 'a'.repeat(32),
      spanId: 'b7ad',
      datasourceUid: 'my replays',
      traceSourceUid: 'tempo',
    };
    const { pathname, search } = new URL(sessionPath(sessionId, moment), 'http://grafana');
    // A path of dots is resolved by browsers: such an id leads to the list.
    const expected =
      sessionId === '..' ? { page: 'sessions' } : { page: 'session', sessionId, moment };
    expect(readPage(pathname, search)).toEqual(expected);
  });

  it('lead to the session of a trace', () => {
    const { pathname, search } = new URL(
      tracePath('ABC', { traceSourceUid: 't' }),
      'http://grafana',
    );
    expect(readPage(pathname, search)).toMatchObject({
      page: 'trace',
      traceId: 'abc',
      moment: { traceSourceUid: 't' },
    });
  });

  it.each([
    [APP, { page: 'sessions' }],
    [`${APP}/`, { page: 'sessions' }],
    [`/grafana${APP}/sessions`, { page: 'sessions' }],
    [`${APP}/nothing`, { page: 'unknown' }],
    [`${APP}/sessions/a/b`, { page: 'unknown' }],
    [`${APP}/sessions/%E0%A4%A`, { page: 'unknown' }],
  ])('%s', (pathname, page) => {
    expect(readPage(pathname, '')).toEqual(page);
  });

  it('leave a time out that is none', () => {
    expect(sessionPath('s', { time: Number.NaN })).toBe(`${APP}/sessions/s`);
    expect(readPage(`${APP}/sessions/s`, '?t=soon')).toMatchObject({ moment: { time: undefined } });
  });
});

describe('filters', () => {
  it('are those of the address', () => {
    const filters = readFilters(
      '?q=ada&service=shop&errors=without&from=1772442000000&to=1772445600000',
    );
    expect(requestOf(filters, rangeOf(filters))).toEqual({
      from: 1_772_442_000_000,
      to: 1_772_445_600_000,
      text: 'ada',
      services: ['shop'],
      error: false,
    });
    expect(rangeSearch(rangeOf(filters))).toEqual({ from: '1772442000000', to: '1772445600000' });
  });

  it.each(['', '?from=yesterday&to=now', '?from=now-1h', '?errors=some'])(
    'are the default where %j is nonsense',
    (search) => {
      const filters = readFilters(search);
      expect(filters).toMatchObject({ from: 'now-24h', to: 'now', errors: undefined });
      expect(rangeSearch(rangeOf(filters))).toEqual({ from: 'now-24h', to: 'now' });
    },
  );
});

it('finds the sessions before and after', () => {
  const sessions = [5, 1, 3, 9].map((at) => ({ sessionId: `s${at}`, firstTimestamp: at }));
  const around = (at: number) =>
    neighboursOf(sessions, { sessionId: `s${at}`, firstTimestamp: at });
  expect(around(3)).toEqual({ older: 's1', newer: 's5' });
  expect(around(1)).toEqual({ newer: 's3' });
  expect(around(9)).toEqual({ older: 's5' });
  expect(around(4)).toEqual({ older: 's3', newer: 's5' });
});

it('writes times and addresses as people read them', () => {
  expect([0, 59_400, 61_000, 3_722_000, -5].map(durationText)).toEqual([
    '0:00',
    '0:59',
    '1:01',
    '1:02:02',
    '0:00',
  ]);
  expect(pageText('https://shop.example/cart?a=1#b')).toBe('shop.example/cart');
  expect(pageText('https://shop.example/')).toBe('shop.example');
  expect(pageText('no address')).toBe('no address');
  expect([countText(1, 'page'), countText(2, 'page')]).toEqual(['1 page', '2 pages']);
});
