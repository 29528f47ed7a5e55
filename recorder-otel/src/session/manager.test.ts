import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSessionManager, type SessionManager } from './manager.js';
import { sessionRules, type SessionOptions } from './options.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ID = /^[0-9a-f]{32}$/;

/** `localStorage` as all tabs share it. */
function storage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  } as Storage;
}

let now = 0;
beforeEach(() => {
  now = 1_000 * DAY;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  vi.stubGlobal('localStorage', storage());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const open = (options?: SessionOptions): SessionManager =>
  createSessionManager(sessionRules(options));

function touch(session: SessionManager): string {
  session.touch(now);
  return session.sessionId()!;
}

test('a session ends after idle time, and the next begins with activity only', () => {
  const session = open();
  expect(session.sessionId()).toBeUndefined();
  const first = touch(session);
  now += 29 * MINUTE;
  expect(touch(session)).toBe(first);
  now += 31 * MINUTE;
  expect(session.sessionId()).toBeUndefined();
  const second = touch(session);
  expect(second).not.toBe(first);
  expect(second).toMatch(ID);
  expect(session.previousId()).toBe(first);
});

test('a session is no longer than it may be, however active', () => {
  const session = open({ maxDurationMs: 60 * MINUTE });
  const first = touch(session);
  for (let minute = 1; minute < 60; minute++) {
    now += MINUTE;
    expect(touch(session)).toBe(first);
  }
  now += MINUTE;
  expect(touch(session)).not.toBe(first);
});

test('tabs and page loads share it; last activity survives the page', () => {
  const first = open();
  const id = touch(first);
  now += 10 * MINUTE;
  expect(touch(open())).toBe(id);
  now += 25 * MINUTE; // Idle here, but not in the other tab.
  expect(first.sessionId()).toBeUndefined();
  first.adopt();
  expect(first.sessionId()).toBe(id);
  now += 3 * 60 * MINUTE;
  expect(touch(open())).not.toBe(id);
});

describe('once its last page is closed', () => {
  test('a page opened within five minutes continues it, a later one does not', () => {
    const page = open();
    const id = touch(page);
    now += 20 * MINUTE;
    page.leave();
    now += 4 * MINUTE;
    const next = open();
    expect(touch(next)).toBe(id);
    next.leave();
    now += 6 * MINUTE;
    const late = open();
    expect(touch(late)).not.toBe(id);
    expect(late.previousId()).toBe(id);
  });

  test('another open page objects, and the session goes on', () => {
    const stays = open();
    const goes = open();
    const id = touch(stays);
    touch(goes);
    goes.leave();
    stays.adopt(); // What the storage event does.
    now += 20 * MINUTE;
    expect(touch(open())).toBe(id);
  });

  test('a page that comes back later follows the session that began meanwhile', () => {
    const away = open();
    const before = touch(away);
    away.leave();
    now += 6 * MINUTE;
    const after = touch(open());
    expect(after).not.toBe(before);
    now += MINUTE;
    expect(touch(away)).toBe(after);
  });
});

test('tabs that wake at the same moment begin one session', () => {
  const [a, b] = [open(), open()];
  const before = touch(a);
  touch(b);
  now += 60 * MINUTE;
  // Each process has its own copy of the storage, and the other's write has not come yet.
  const copies = [storage(), storage()];
  const stored = localStorage.getItem('otel-session')!;
  for (const copy of copies) copy.setItem('otel-session', stored);
  vi.stubGlobal('localStorage', copies[0]);
  const woken = touch(a);
  now += 7;
  vi.stubGlobal('localStorage', copies[1]);
  expect(touch(b)).toBe(woken);
  expect(woken).not.toBe(before);
  expect(b.previousId()).toBe(before);
});

test('tabs that are opened at the same moment soon agree, whoever wrote last', () => {
  const copies = [storage(), storage()];
  const pages = copies.map((copy) => {
    vi.stubGlobal('localStorage', copy);
    const page = open();
    touch(page);
    return page;
  });
  const ids = pages.map((page) => page.sessionId()!);
  for (const last of copies) {
    // Both now see what was written last, and so hear of the other's.
    for (const page of pages) {
      vi.stubGlobal('localStorage', last);
      page.adopt();
    }
  }
  expect(new Set(pages.map((page) => page.sessionId()))).toEqual(new Set([ids.sort().at(-1)]));
});

test('a copied profile does not begin with the session of its original', () => {
  touch(open());
  now += DAY;
  const image = localStorage.getItem('otel-session')!;
  const ids = [1, 2].map(() => {
    localStorage.setItem('otel-session', image);
    return touch(open());
  });
  expect(new Set(ids).size).toBe(2);
});

test('the session before is named across page loads, for a week', () => {
  const first = touch(open());
  now += 6 * DAY;
  const page = open();
  const second = touch(page);
  expect(page.previousId()).toBe(first);
  expect(open().previousId()).toBeUndefined();
  const other = open();
  expect(touch(other)).toBe(second);
  expect(other.previousId()).toBe(first);
  now += 8 * DAY;
  const late = open();
  touch(late);
  expect(late.previousId()).toBeUndefined();
});

test('a page that nobody touched prolongs nothing and begins with a pause', () => {
  const page = open();
  page.touch(0);
  expect(page.sessionId()).toMatch(ID);
  expect(now - page.activeAt()).toBe(5 * MINUTE);
  const id = page.sessionId();
  for (let load = 0; load < 24; load++) {
    now += MINUTE;
    const reloaded = open();
    reloaded.touch(0);
    expect(reloaded.sessionId()).toBe(id);
  }
  now += MINUTE;
  const next = open();
  next.touch(0);
  expect(next.sessionId()).not.toBe(id);
});

describe('works with storage that', () => {
  const deny = (): never => {
    throw new Error('denied');
  };

  test('is denied', () => {
    vi.stubGlobal('localStorage', { getItem: deny, setItem: deny, removeItem: deny });
    const session = open();
    const id = touch(session);
    now += 10_000;
    expect(touch(session)).toBe(id);
    session.leave();
    session.adopt();
    session.forget();
    expect(session.sessionId()).toBeUndefined();
  });

  test('is full', () => {
    vi.stubGlobal('localStorage', { ...storage(), setItem: deny });
    const session = open();
    expect(touch(session)).toBe(touch(session));
  });

  test('holds rubbish', () => {
    const id = '0'.repeat(32);
    for (const rubbish of [
      '{',
      'null',
      '[]',
      '{"id":"../../x","startedAt":1,"activeAt":1}',
      '{"id":5}',
      JSON.stringify({ id, startedAt: 'x', activeAt: {} }),
      JSON.stringify({ id, startedAt: now, activeAt: now, nextId: '../x', previousId: '../x' }),
      JSON.stringify({ id, startedAt: null, activeAt: -1e300, leftAt: 'x' }),
    ]) {
      localStorage.setItem('otel-session', rubbish);
      const session = open({ idleTimeoutMs: MINUTE });
      expect(touch(session)).toMatch(ID);
      expect(session.previousId() ?? id).toMatch(ID);
      now += 2 * MINUTE;
      expect(touch(session)).toMatch(ID);
    }
  });
});

test('a clock that is set back ends the session, before the next too', () => {
  const page = open();
  const id = touch(page);
  now -= 30_000; // A correction.
  expect(touch(page)).toBe(id);
  now -= DAY;
  expect(page.sessionId()).toBeUndefined();
  const next = touch(page);
  expect(next).not.toBe(id);
  expect(page.activeAt()).toBe(now);
  expect(touch(open())).toBe(next);
  // In the time before, a session lasts as long as everywhere else.
  now += 31 * MINUTE;
  expect(page.sessionId()).toBeUndefined();
});

test('what is forgotten is in no storage, and the next session follows none', () => {
  const page = open();
  touch(page);
  page.forget();
  expect(localStorage.getItem('otel-session')).toBeNull();
  page.leave();
  page.adopt();
  expect(localStorage.getItem('otel-session')).toBeNull();
  touch(page);
  expect(page.previousId()).toBeUndefined();
});

test('what is no time is reported, and the default holds', () => {
  const errors: unknown[] = [];
  const rules = sessionRules(
    { idleTimeoutMs: -1, maxDurationMs: NaN, pauseAfterMs: 60 * MINUTE, storageKey: 'mine' },
    (error) => errors.push(String(error)),
  );
  expect(rules).toMatchObject({
    idleTimeoutMs: 30 * MINUTE,
    maxDurationMs: 240 * MINUTE,
    pauseAfterMs: 30 * MINUTE, // Not after the session is over.
    storageKey: 'mine',
  });
  expect(errors).toEqual([
    'RangeError: sessionOptions.idleTimeoutMs: -1',
    'RangeError: sessionOptions.maxDurationMs: NaN',
  ]);
});
