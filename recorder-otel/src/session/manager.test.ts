import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSessionManager } from './manager.js';

const MINUTE = 60_000;

/** `localStorage` as two tabs share it. */
function storage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  } as Storage;
}

let now = 0;
beforeEach(() => void vi.spyOn(Date, 'now').mockImplementation(() => now));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('a session ends after idle time, and the next begins with activity only', () => {
  vi.stubGlobal('localStorage', storage());
  now = 0;
  const session = createSessionManager();
  const first = session.touch();
  now = 29 * MINUTE;
  expect(session.touch()).toBe(first);
  now += 31 * MINUTE;
  expect(session.isExpired()).toBe(true);
  expect(session.getSessionId()).toBe(first);
  const second = session.touch();
  expect(second).not.toBe(first);
  expect(second).toMatch(/^[0-9a-f]{32}$/);
  expect(session.isExpired()).toBe(false);
});

test('a session is no longer than it may be, however active', () => {
  vi.stubGlobal('localStorage', storage());
  now = 0;
  const session = createSessionManager({ maxDurationMs: 60 * MINUTE });
  const first = session.touch();
  for (; now < 59 * MINUTE; now += MINUTE) expect(session.touch()).toBe(first);
  now = 61 * MINUTE;
  expect(session.touch()).not.toBe(first);
});

test('tabs and page loads share it; last activity survives the page', () => {
  vi.stubGlobal('localStorage', storage());
  now = 0;
  const first = createSessionManager();
  const id = first.touch();
  now = 10 * MINUTE;
  expect(createSessionManager().touch()).toBe(id);
  now = 35 * MINUTE; // Idle here, but not in the other tab.
  expect(first.isExpired()).toBe(true);
  expect(first.adopt()).toBe(id);
  expect(first.isExpired()).toBe(false);
  now = 3 * 60 * MINUTE;
  expect(createSessionManager().touch()).not.toBe(id);
});

test('works without storage, and with rubbish in it', () => {
  const broken = {
    getItem: () => {
      throw new Error('denied');
    },
    setItem: () => {
      throw new Error('denied');
    },
  };
  vi.stubGlobal('localStorage', broken);
  const session = createSessionManager();
  expect(session.touch()).toBe(session.touch());
  for (const rubbish of [
    '{',
    'null',
    '[]',
    '{"id":"../../x","startedAt":1,"activeAt":1}',
    '{"id":5}',
  ]) {
    vi.stubGlobal('localStorage', { getItem: () => rubbish, setItem: () => undefined });
    expect(createSessionManager().touch()).toMatch(/^[0-9a-f]{32}$/);
  }
});

test('a clock that was set back does not keep a session alive for ever', () => {
  vi.stubGlobal('localStorage', storage());
  now = 1000 * MINUTE;
  const id = createSessionManager().touch();
  now = 0;
  expect(createSessionManager().touch()).not.toBe(id);
});
